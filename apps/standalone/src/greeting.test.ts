import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '@semblance/config'
import { describe, expect, it } from 'vitest'
import { standaloneConfigSchema } from './config.ts'
import { greetingOf } from './greeting.ts'

const url = 'http://127.0.0.1:41101'
const greeting = (enrolled: number, env: Readonly<Record<string, string>> = {}) =>
  greetingOf(
    { url, dataFolder: './data', notes: [], pack: 'builtin@2', enrolled, close: async () => {} },
    readConfig(standaloneConfigSchema, env),
  )

describe('the greeting', () => {
  it('shows how to enroll the first person only while nobody is enrolled', () => {
    expect(greeting(0)).toContain(`curl ${url}/api/persons -H 'content-type`)
    expect(greeting(1)).not.toMatch(/curl|Enroll/)
    expect(greeting(1)).toContain('(1 face enrolled)')
  })

  it('shows the header of the key where keys are set, and no key', () => {
    const text = greeting(0, { SEMBLANCE_API_KEYS: 'a-long-enough-key-0123456789' })
    expect(text.match(/-H 'X-API-Key: YOUR_KEY'/g)).toHaveLength(2)
    expect(text).not.toContain('0123456789')
    expect(greeting(0)).not.toContain('X-API-Key')
  })

  it('leads to the console where one is built', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'semblance-greeting-'))
    try {
      expect(greeting(1, { SEMBLANCE_CONSOLE: folder })).not.toContain('console')
      await writeFile(join(folder, 'index.html'), '<!doctype html>')
      expect(greeting(1, { SEMBLANCE_CONSOLE: folder })).toContain(`console ${url}`)
      expect(greeting(1, { SEMBLANCE_CONSOLE: 'off' })).not.toContain('console')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('says when it can be reached at other addresses, too', () => {
    expect(greeting(0, { SEMBLANCE_HOST: '0.0.0.0' })).toContain(
      'every other address of this machine (0.0.0.0)',
    )
    expect(greeting(0)).not.toContain('every other address')
  })
})
