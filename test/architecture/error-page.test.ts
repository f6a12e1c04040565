import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

function codesIn(file: string): readonly string[] {
  return [...new Set(readFileSync(join(root, file), 'utf8').match(/\bE_[A-Z_]+\b/g))].toSorted()
}

it('explains every error code of the catalogue, and no other, on the API page', () => {
  expect(codesIn('libs/core/src/errors.ts').length).toBeGreaterThan(10)
  expect(codesIn('docs/api.md')).toEqual(codesIn('libs/core/src/errors.ts'))
})
