import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { type Calls, callsTo } from './calls.ts'

/** To this address Linux refuses every TCP connection before `connect` has returned, as it does without a route. */
const ADDRESS = '255.255.255.255'
/** Every allow-listed name leads there, whatever name servers the machine has. */
const PRELOAD = `import dns from 'node:dns'; import { syncBuiltinESMExports } from 'node:module';
const { lookup } = dns.promises;
dns.promises.lookup = async (host, options) =>
  host === 'away.test' ? [{ address: '${ADDRESS}', family: 4 }] : lookup(host, options);
syncBuiltinESMExports();`

describe.each(await availableShapes())('a link that the kernel refuses at once, %s', (shape) => {
  let server: Installation
  let calls: Calls
  let pids: readonly number[]
  let redirecting: Server
  let redirect: string
  let personId: string

  beforeAll(async () => {
    redirecting = createServer((_request, response) =>
      response.writeHead(302, { location: 'https://away.test/' }).end(),
    ).listen(0, '127.0.0.1')
    await once(redirecting, 'listening')
    const host = `127.0.0.1:${(redirecting.address() as AddressInfo).port}`
    redirect = `http://${host}/`
    server = await startInstallation(shape, {
      SEMBLANCE_THREADS: '1',
      SEMBLANCE_LINK_HOSTS: `away.test,${ADDRESS},${host}`,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PRELOAD)}`,
    })
    pids = server.pids()
    calls = callsTo(server)
    personId = await calls.createPerson({ name: 'Ada' })
  }, 120_000)
  afterAll(async () => {
    await server?.close()
    redirecting?.close()
  })

  it.each([
    ['a name over https', () => 'https://away.test/a.jpg'],
    ['a name over http', () => 'http://away.test/a.jpg'],
    ['an address over https', () => `https://${ADDRESS}/a.jpg`],
    ['a redirect to a name over https', () => redirect],
  ])('is unreachable and costs nobody else anything: %s', async (_what, linkOf) => {
    const imageUrl = linkOf()
    const [enrolled, searched, matched, detected] = await Promise.all([
      calls.ask('POST', `/persons/${personId}/images`, { image: { imageUrl } }),
      calls.ask('POST', '/search', { image: { imageUrl } }),
      calls.ask('POST', '/match', {
        images: [
          { type: 1, imageUrl },
          { type: 1, imageUrl },
        ],
      }),
      calls.ask('POST', '/detect', { image: { imageUrl } }),
    ])
    expect([enrolled.status, enrolled.json.metadata]).toEqual([400, { reason: 'unreachable' }])
    expect([searched.status, searched.json.metadata.reason]).toEqual([400, 'unreachable'])
    expect([matched.status, detected.status]).toEqual([200, 200])
    expect(detected.json.code).toBe(1)
    expect((await calls.ask('GET', `/persons/${personId}`)).status).toBe(200)
    expect(server.pids()).toEqual(pids)
    for (const pid of pids) expect(() => process.kill(pid, 0)).not.toThrow()
    expect(server.output()).not.toMatch(/no longer trusted|Unhandled|uncaught/i)
  })
})
