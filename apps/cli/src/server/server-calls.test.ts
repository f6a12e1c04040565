import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ServerCalls } from './server-calls.ts'
import { WireClient } from './wire-client.ts'

let server: Server
let seen: IncomingMessage[]
let calls: ServerCalls

/** Carries each request out, and hangs up before the first answer. */
beforeEach(async () => {
  seen = []
  server = createServer((req, res) => {
    seen.push(req)
    if (seen.length === 1) req.socket.destroy()
    else res.writeHead(204).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new WireClient({
    name: 'the server',
    keyOption: '--key-file',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key: null,
    signal: new AbortController().signal,
    now: () => 0,
    random: () => 0,
    wait: async () => {},
  })
  calls = new ServerCalls(client)
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const keys = () => seen.map(({ headers }) => headers['idempotency-key'])

it('sends a deletion whose answer was lost again with the key of the first, and each deletion with its own', async () => {
  await calls.call({ method: 'DELETE', path: '/persons?group=g&count=5' })
  expect(seen).toHaveLength(2)
  const [first, again] = keys()
  expect(first).toMatch(/^[\w-]{36}$/)
  expect(again).toBe(first)
  await calls.call({ method: 'DELETE', path: '/persons?group=g&count=5' })
  expect(keys()[2]).not.toBe(first)
})

it('sends no key with what may be repeated as it is', async () => {
  await calls.call({ method: 'PUT', path: '/persons/1', body: {} })
  await calls.call({ method: 'POST', path: '/search', body: {} })
  expect(keys()).toEqual([undefined, undefined, undefined])
})
