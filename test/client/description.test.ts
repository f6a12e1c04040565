import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeApi, TYPES_FILE } from './describe-api.ts'
import { typesOfDescription } from './types-of-description.ts'

describe('the types of the client', () => {
  it('are those of what the server describes (`npm run client` makes them)', async () => {
    const held = readFileSync(join(import.meta.dirname, '../..', TYPES_FILE), 'utf8')
    expect(held === (await describeApi())).toBe(true)
  })

  it('keep a comment from ending early, and quote names that are no identifiers', () => {
    const types = typesOfDescription({
      paths: {},
      components: {
        schemas: {
          'A-b': {
            type: 'object',
            description: 'x */ y',
            properties: { 'c.d': { type: ['string', 'null'] } },
          },
        },
      },
    })
    expect(types).toContain('/** x * / y */\n"A-b": {\n"c.d"?: string | null\n}')
  })
})
