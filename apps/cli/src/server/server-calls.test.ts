import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EXIT } from '../command/exit-codes.ts'
import { ServerCalls } from './server-calls.ts'
import { WireClient } from './wire-client.ts'

let server: Server
let seen: IncomingMessage[]
let calls: ServerCalls
/** What is answered from now on; null: 204, and nothing at the first time. */
let answer: readonly [status: number, body: string] | null

/** Carries each request out, and hangs up before the first answer. */
beforeEach(async () => {
  seen = []
  answer = null
  server = createServer((req, res) => {
    seen.push(req)
    if (answer !== null) res.writeHead(answer[0]).end(answer[1])
    else if (seen.length === 1) req.socket.destroy()
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

describe('a refusal', () => {
  const stats = { method: 'GET', path: '/stats' } as const
  const problem = (statusCode: number, type: string) =>
    JSON.stringify({ statusCode, type, msg: 'why', metadata: {} })

  it.each([
    [400, 'BadParamsException', EXIT.wrongUse],
    [404, 'RouteNotFound', EXIT.found],
  ])('of our server is told in its words: %i', async (status, type, exitCode) => {
    answer = [status, problem(status, type)]
    await expect(calls.call(stats)).rejects.toMatchObject({ message: 'why', exitCode, status })
  })

  it.each([
    [404, 'there is no such page'],
    [404, ''],
    [404, '{"status":{"error":"Not found"},"time":0}'],
    [405, 'null'],
    [400, '<html>'],
  ])('of another program is told as what it is: %i %s', async (...given) => {
    answer = given
    const asked = calls.call(stats)
    await expect(asked).rejects.toMatchObject({ exitCode: EXIT.noServer, status: null })
    await expect(asked).rejects.toThrow(
      /^the server http:\/\/\S+ is no Semblance API \(its ops port is none\).* \(4\d\d to GET \/api\/stats\)$/,
    )
    await expect(calls.stream('/export')).rejects.toThrow('is no Semblance API')
  })

  it('that may pass is told with its type and its reason', async () => {
    answer = [503, problem(503, 'E_NO_WORKER')]
    await expect(calls.call(stats)).rejects.toThrow(
      /does not serve \(answered 503: E_NO_WORKER, why\): GET \/api\/stats$/,
    )
    await expect(calls.stream('/export')).rejects.toMatchObject({
      message: 'why (E_NO_WORKER; 503 to GET /api/export)',
      exitCode: EXIT.noServer,
    })
    answer = [503, 'no backend']
    await expect(calls.call(stats)).rejects.toThrow('does not serve (answered 503): GET')
  })
})
