import { expect, it } from 'vitest'
import { aRow } from '../testing/index.ts'
import { flatRowOf } from './flat-row.ts'
import type { ImportSource } from './import-source.ts'
import { blankedImport, namesUser, withoutUser } from './link-user.ts'

it.each([
  ['https://u:p@a.example/x@2.jpg?sig=a@b', 'https://a.example/x@2.jpg?sig=a@b'],
  ['HTTP://token@a.example:8080/', 'http://a.example:8080/'],
  ['https://u:p%2F@a.example/', 'https://a.example/'],
  // As browsers and our own client read them.
  ['https:\\\\u:p@a.example\\x', 'https://a.example/x'],
  [' https:u:p@a.example/x', 'https://a.example/x'],
  ['https://u:p@', 'https://'],
])('a link that names a user is kept without: %s', (link, kept) => {
  expect(namesUser(link)).toBe(true)
  expect(withoutUser(link)).toBe(kept)
  expect(withoutUser(kept)).toBe(kept)
})

it.each([
  'https://a.example/x@2.jpg',
  'https://a.example/?mail=u:p@b',
  's3://bucket/u:p@a.jpg',
  'file:///srv/u@a.jpg',
  'no link @ all',
])('another one stays to the letter: %s', (link) => {
  expect(namesUser(link)).toBe(false)
  expect(withoutUser(link)).toBe(link)
})

it('an import loses what its name and its source have of a user', () => {
  const source: ImportSource = {
    ...{
      url: 'https://u:p@a.example/x.tar',
      pattern: '{person}.jpg',
      closes: true,
      state: 'reading' as const,
    },
    ...{ why: null, cursor: '3', rows: 7 },
  }
  expect(blankedImport({ name: 'https://u:p@a.example/x.tar --pattern {person}@.jpg', source })).toEqual({
    name: 'https://a.example/x.tar --pattern {person}@.jpg',
    source: { ...source, url: 'https://a.example/x.tar' },
  })
  expect(blankedImport({ name: 'staff @ noon', source: null })).toBeNull()
  expect(blankedImport({ name: 'staff', source: { ...source, url: 's3://a/b@c/' } })).toBeNull()
})

it('no row is written with a user in its link, as one may be that was read before', () => {
  const picture = { from: 'link', url: 'https://u:secret@a.example/1.jpg' } as const
  const row = { ...aRow({ picture }), position: 1, tries: 0, imageId: null, outcome: null, endedAt: null }
  expect(flatRowOf(row).link).toBe('https://a.example/1.jpg')
})
