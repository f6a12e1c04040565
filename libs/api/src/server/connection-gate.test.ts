import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import express from 'express'
import { afterEach, expect, it } from 'vitest'
import { type ApiServer, createApiServer } from './api-server.ts'

let server: ApiServer
afterEach(() => server.close({ signal: AbortSignal.abort() }))

async function listen(handle: express.RequestHandler): Promise<Socket> {
  const app = express()
  app.use(handle)
  server = createApiServer(app)
  server.http.listen(0, '127.0.0.1')
  await once(server.http, 'listening')
  const socket = connect((server.http.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

const asking = (count: number) =>
  Array.from({ length: count }, (_, n) => `GET /${n} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join('')

it('a connection is answered one request at a time, in order', async () => {
  let [running, most] = [0, 0]
  const socket = await listen(async (req, res) => {
    running++
    most = Math.max(most, running)
    await new Promise((resolve) => setTimeout(resolve, 5))
    running--
    res.end(req.url)
  })
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.write(asking(20))
  await expect.poll(() => text).toContain('/19')
  expect(most).toBe(1)
  expect([...text.matchAll(/^\/(\d+)/gm)].map(([, n]) => Number(n))).toEqual(
    Array.from({ length: 20 }, (_, n) => n),
  )
  socket.destroy()
})

it('the next request waits until the answer before it was taken', async () => {
  let begun = 0
  const socket = await listen((_req, res) => {
    begun++
    res.end(Buffer.alloc(20_000_000))
  })
  socket.pause()
  socket.write(asking(10))
  await expect.poll(() => begun).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(begun).toBe(1)
  socket.resume()
  await expect.poll(() => begun, { timeout: 10_000 }).toBe(10)
  socket.destroy()
})

it('whoever asks further ahead than any client does is hung up on, and nobody else', async () => {
  let begun = 0
  const socket = await listen((_req, res) => {
    begun++
    res.end('x')
  })
  const closed = once(socket, 'close')
  socket.resume()
  socket.write(asking(1_000))
  await closed
  expect(begun).toBeLessThan(3)
  const { port } = server.http.address() as AddressInfo
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
})
