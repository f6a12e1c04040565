import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CommandFault } from './command-fault.ts'
import { WireClient, type WireClientOptions, type WireRequest } from './wire-client.ts'

const read: WireRequest = { method: 'GET', path: '/groups', isRepeatable: true }
const write: WireRequest = { method: 'POST', path: '/groups', body: { name: 'x' }, isRepeatable: false }

type Answer = (req: IncomingMessage, res: ServerResponse) => void
const answering =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (_req, res) =>
    res.writeHead(status, headers).end('{}')
const hangUp: Answer = (req) => req.socket.destroy()

let server: Server
let answers: Answer[]
let seen: IncomingMessage[]
let waits: number[]
let stopping: AbortController

beforeEach(async () => {
  answers = []
  seen = []
  waits = []
  stopping = new AbortController()
  server = createServer((req, res) => {
    seen.push(req)
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    answer?.(req, res)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

function client(
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  key: string | null = null,
  more: Partial<WireClientOptions> = {},
) {
  return new WireClient({
    name: 'the target',
    keyOption: '--to-key',
    url,
    key,
    signal: stopping.signal,
    now: () => 0,
    random: () => 0,
    wait: async (ms, signal) => {
      waits.push(ms)
      signal.throwIfAborted()
    },
    ...more,
  })
}

describe('WireClient', () => {
  it('comes back after 429 and 503 when asked to, also with what must not be done twice', async () => {
    answers = [answering(503, { 'retry-after': '3' }), answering(429), answering(201)]
    expect((await client().call(write)).status).toBe(201)
    expect(waits).toEqual([3000, 1000])
  })

  it('asks again after a cut connection only where that is safe', async () => {
    answers = [hangUp, answering(200)]
    expect((await client().call(read)).status).toBe(200)
    answers = [hangUp, answering(200)]
    await expect(client().call(write)).rejects.toThrow('may or may not have carried it out')
    answers = [hangUp, answering(201)]
    expect((await client().call({ ...write, isRepeatable: true })).status).toBe(201)
  })

  it('tells a server that is not there after its last attempt', async () => {
    const gone = client(`http://127.0.0.1:${await freePort()}`)
    await expect(gone.call(write)).rejects.toThrow(/does not serve \(ECONNREFUSED\)/)
    expect(waits).toHaveLength(8)
  })

  it('tells why a port is never asked at all', async () => {
    await expect(client('http://127.0.0.1:1').call(read)).rejects.toThrow('does not serve (bad port)')
    expect(waits).toHaveLength(0)
  })

  it('hands over an answer 500 after three attempts, since others may do better', async () => {
    answers = [answering(500)]
    expect((await client().call(read)).status).toBe(500)
    expect(seen).toHaveLength(3)
  })

  it('sends what has a deadline once, and no longer than until then', async () => {
    answers = [answering(503)]
    const later = AbortSignal.timeout(60_000)
    await expect(client().call({ ...read, deadline: later })).rejects.toThrow('answered 503')
    answers = [() => {}]
    const soon = { ...write, deadline: AbortSignal.timeout(50) }
    await expect(client().call(soon)).rejects.toBeInstanceOf(CommandFault)
    expect([seen.length, waits]).toEqual([2, []])
  })

  it('sends the key in both headers, and nowhere after a redirect', async () => {
    answers = [answering(200)]
    await client(undefined, 'secret').call(read)
    expect(seen[0]?.headers).toMatchObject({ 'x-api-key': 'secret', authorization: 'Bearer secret' })
    answers = [answering(307, { location: 'http://elsewhere/' })]
    await expect(client(undefined, 'secret').call(read)).rejects.toThrow('redirects to http://elsewhere/')
    answers = [answering(401)]
    const refused = client(undefined, 'secret').call(read)
    await expect(refused).rejects.toThrow('--to-key')
    await expect(refused).rejects.not.toThrow('secret')
  })

  it('hands over what the server says against a key that is known and may not do this', async () => {
    answers = [answering(403)]
    expect((await client(undefined, 'secret').call(read)).status).toBe(403)
  })

  it('gives up waiting and reading when told to stop', async () => {
    const stopped = new Error('stopped')
    answers = [() => stopping.abort(stopped)]
    await expect(client().call(read)).rejects.toBe(stopped)
    await expect(client().call(read)).rejects.toBe(stopped)
    expect(seen).toHaveLength(1)
  })

  it('lets a write end, and hands over its answer, when told to stop amidst it', async () => {
    answers = [
      (_req, res) => {
        stopping.abort(new Error('stopped'))
        setImmediate(() => res.writeHead(201).end('{}'))
      },
    ]
    expect((await client().call(write)).status).toBe(201)
  })

  it('lets a write that hangs go on no longer than it may', async () => {
    const stopped = new Error('stopped')
    answers = [() => stopping.abort(stopped)]
    await expect(client(undefined, null, { graceMs: 20 }).call(write)).rejects.toBe(stopped)
  })

  it('ends a wait by the word of whoever told it to stop', async () => {
    const stopped = new Error('stopped')
    answers = [answering(503)]
    const wait: WireClientOptions['wait'] = (_ms, signal) => {
      setImmediate(() => stopping.abort(stopped))
      return delay(600_000, undefined, { signal })
    }
    await expect(client(undefined, null, { wait }).call(read)).rejects.toBe(stopped)
  })
})
