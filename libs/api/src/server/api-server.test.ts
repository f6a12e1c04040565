import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { type ApiServer, createApiServer } from './api-server.ts'

let server: ApiServer
afterEach(() => server.close({ signal: AbortSignal.abort() }))

async function listen(handle: express.RequestHandler): Promise<string> {
  const app = express()
  app.use(handle)
  server = createApiServer(app)
  server.http.listen(0, '127.0.0.1')
  await once(server.http, 'listening')
  return `http://127.0.0.1:${(server.http.address() as AddressInfo).port}`
}

describe('leaving', () => {
  it('answers everything, and ends the connection of each answer, also of one that is under way', async () => {
    const begun = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    const url = await listen(async (req, res) => {
      if (req.url === '/slow') {
        begun.resolve()
        await finish.promise
      }
      res.end('done')
    })
    const connection = async (path: string) => (await fetch(url + path)).headers.get('connection')
    expect(await connection('/')).toBe('keep-alive')
    const underWay = connection('/slow')
    await begun.promise
    server.leave()
    finish.resolve()
    expect(await underWay).toBe('close')
    expect(await connection('/')).toBe('close')
  })
})

describe('a request that takes long', () => {
  it('is not cut off by Node, whose time would be over while an archive is uploaded', async () => {
    await listen((_req, res) => res.end())
    expect(server.http.requestTimeout).toBe(0)
  })
})

describe('closing', () => {
  it('lets a running request finish and takes no new one', async () => {
    const begun = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    const url = await listen(async (_req, res) => {
      begun.resolve()
      await finish.promise
      res.end('done')
    })
    const running = fetch(url)
    await begun.promise
    const closed = server.close({ signal: new AbortController().signal })
    await expect(fetch(url)).rejects.toThrow()
    finish.resolve()
    expect(await (await running).text()).toBe('done')
    await closed
  })

  it('cuts off what still runs when its time is up', async () => {
    const begun = Promise.withResolvers<void>()
    const url = await listen(() => begun.resolve())
    const running = fetch(url).catch((error: unknown) => error)
    await begun.promise
    const time = new AbortController()
    const closed = server.close({ signal: time.signal })
    time.abort()
    await closed
    expect(await running).toBeInstanceOf(Error)
  })

  it('does not wait for idle connections', async () => {
    const url = await listen((_req, res) => {
      res.end('x')
    })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'data')
    await server.close({ signal: new AbortController().signal })
    expect(server.http.listening).toBe(false)
    socket.destroy()
  })

  it('does not wait for connections that were opened in advance and never asked', async () => {
    const url = await listen((_req, res) => {
      res.end('x')
    })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    await Promise.all([once(server.http, 'connection'), once(socket, 'connect')])
    const lost = once(socket, 'close')
    socket.on('error', () => {})
    await server.close({ signal: new AbortController().signal })
    await lost
  }, 5_000)
})
