import { expect, it } from 'vitest'
import { answerWithin, byFace } from './by-face.ts'
import { searchLines } from './search-lines.ts'

const found = (name: string, distance: number, roi: number[]) => ({
  id: `id-${name}`,
  name,
  images: [{ id: `image-${name}`, distance, similarity: 0.9 }],
  detection: { roi },
})
const [left, right] = [
  [10, 20, 30.4, 40],
  [200, 5, 50, 60],
]
/** As a server answers: one list, in which the right face has all of the nearest. */
const persons = [
  found('Ada', 0.1, right),
  found('Eve', 0.2, right),
  found('Grace', 0.3, right),
  found('Ada', 0.9, left),
]

it('tells each face with its own persons, from left to right, and none uses up the limit of another', () => {
  const faces = byFace(persons, 2)
  const photo = { photo: 'crowd.jpg', outcome: 'searched', persons, faces, why: null, json: '' } as const
  expect(searchLines([photo]).map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    'crowd.jpg:',
    'face 1, 30 x 40 pixels at 10, 20:',
    'name person id distance similarity pictures',
    'Ada id-Ada 0.900 0.900 1',
    '',
    'face 2, 50 x 60 pixels at 200, 5:',
    'name person id distance similarity pictures',
    'Ada id-Ada 0.100 0.900 1',
    'Eve id-Eve 0.200 0.900 1',
  ])
})

it('gives programs as many for each face, and every digit of their numbers', async () => {
  const [first, ...more] = persons.map((person) => JSON.stringify(person))
  const text = `{"code":0,"persons":[{"badge":12345678901234567890,${first?.slice(1)},${more.join(',')}]}`
  const within = await answerWithin(text, 1)
  expect(within).toContain('"badge":12345678901234567890')
  expect(
    JSON.parse(within).persons.map(({ images }: (typeof persons)[number]) => images[0]?.distance),
  ).toEqual([0.1, 0.9])
})
