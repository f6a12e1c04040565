import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { standaloneConfigSchema } from '../../apps/standalone/src/config.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')

it('explains every setting of the standalone server, and no other, on the page of operations', () => {
  const explained = [...new Set(page.match(/\bSEMBLANCE_\w+/g))].toSorted()
  expect(explained).toEqual(Object.keys(standaloneConfigSchema.shape).toSorted())
})
