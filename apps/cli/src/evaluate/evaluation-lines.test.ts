import { expect, it } from 'vitest'
import { evaluationLines } from './evaluation-lines.ts'

it('counts in words, and names the first files that took no part', () => {
  const withoutFace = Array.from({ length: 7 }, (_, at) => `Ada/${at}.jpg`)
  const counts = { photos: 9, withoutFace: 7, unreadable: 1, persons: 2, enrolled: 1 }
  const searches = { matedSearches: 1, nonMatedSearches: 2 }
  const lines = evaluationLines({ ...counts, ...searches }, { withoutFace, unreadable: ['Eve/notes.txt'] })
  expect(lines.join('\n')).not.toMatch(/[a-z][A-Z]/)
  expect(lines).toContainEqual(expect.stringMatching(/^photos without a face +7$/))
  expect(lines.slice(7)).toEqual([
    '',
    'photos without a face:',
    ...withoutFace.slice(0, 5).map((file) => `  ${file}`),
    '  ... and 2 more, which --json names',
    '',
    'files that cannot be read:',
    '  Eve/notes.txt',
  ])
})
