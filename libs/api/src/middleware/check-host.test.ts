import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { API_DEFAULTS, type ApiConfig } from '../api-deps.ts'
import { openTestApi } from '../testing/open-test-api.ts'
import { isHostAllowed } from './check-host.ts'

const OWN = [
  'localhost',
  'localhost:41101',
  'x.localhost:1',
  '127.0.0.1:41101',
  '127.9.9.9',
  '[::1]:41101',
  'LOCALHOST.',
  '',
]
const STRANGE = [
  'evil.example',
  'evil.example:41101',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'faces.example.evil.example',
]
const ADDRESSES = ['10.0.0.1:41101', '192.168.1.5', '[fe80::1]:80', '[::2]']
const CONFIGURED = ['faces.example', 'faces.example:443', 'proxy.example:80']

/** Every setting that has to do with who may ask. */
const matrix = [true, false].flatMap((isLoopback) =>
  [[], ['a-key']].flatMap((apiKeys) =>
    [[], ['https://console.example']].flatMap((corsOrigins) =>
      [null, 'https://faces.example/x'].map((publicUrl) => ({ isLoopback, apiKeys, corsOrigins, publicUrl })),
    ),
  ),
)

describe.each(matrix)('%j', (settings) => {
  const rules: ApiConfig = { ...API_DEFAULTS, version: '', ...settings, allowedHosts: ['Proxy.example'] }
  const allowed = (hosts: readonly string[]) => hosts.map((host) => isHostAllowed(host, rules))

  it('answers to this machine and to what is configured', () => {
    expect(allowed([...OWN, 'proxy.example'])).not.toContain(false)
    if (settings.publicUrl !== null) expect(allowed(CONFIGURED)).not.toContain(false)
  })

  it('answers to the name of a stranger, or of an origin, only beyond loopback and with keys', () => {
    const isOpen = !settings.isLoopback && settings.apiKeys.length > 0
    expect(new Set(allowed([...STRANGE, 'console.example']))).toEqual(new Set([isOpen]))
  })

  it('answers to addresses and names without a dot beyond loopback only', () => {
    expect(new Set(allowed([...ADDRESSES, 'semblance:80']))).toEqual(new Set([!settings.isLoopback]))
    if (!settings.isLoopback) expect(allowed([hostname()])).toEqual([true])
  })
})

it('origins do not open the server to names that nobody configured', async () => {
  const api = await openTestApi({ config: { corsOrigins: ['https://console.example'] } })
  for (const host of ['evil.example', 'console.example']) {
    const call = request(`${api.url}/api/groups`, { headers: { host } }).end()
    const [answer] = (await once(call, 'response')) as [IncomingMessage]
    answer.resume()
    expect(answer.statusCode).toBe(403)
  }
  await api.close()
})
