import { expect, it } from 'vitest'
import { parsePackName } from './pack-name.ts'

it('a pack is named by its id, or by its id and version', () => {
  expect(parsePackName('builtin-light')).toEqual({
    id: 'builtin-light',
    version: null,
    folders: ['builtin-light'],
  })
  expect(parsePackName('builtin@2')).toEqual({ id: 'builtin', version: 2, folders: ['builtin@2', 'builtin'] })
})

it.each([
  '',
  '../builtin',
  'builtin@',
  'builtin@0',
  'builtin@2/..',
  'Builtin',
  'a--b',
  'builtin@1@2',
])('no pack is named "%s"', (name) => {
  expect(parsePackName(name)).toBeNull()
})
