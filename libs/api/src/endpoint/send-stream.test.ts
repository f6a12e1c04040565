import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import express from 'express'
import { expect, it } from 'vitest'
import { streamed } from './reply.ts'
import { sendReply } from './send-reply.ts'

const MEGABYTE = new Uint8Array(1_000_000)

it('ends at once an answer that lost its room, though its caller takes nothing', async () => {
  const told: string[] = []
  let made = 0
  let cut = (_reason: Error): void => {}
  const left = Promise.withResolvers<void>()
  async function* parts() {
    try {
      for (;;) {
        made += 1
        yield MEGABYTE
      }
    } finally {
      left.resolve()
    }
  }
  const app = express().get('/', (_req, res) => {
    res.locals.scope = { logger: { warn: (_fields: object, message: string) => told.push(message) } }
    const enter = (given: typeof cut) => {
      cut = given
    }
    sendReply(res, streamed('text/plain', Object.assign(parts(), { enter })))
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const caller = connect((server.address() as AddressInfo).port, '127.0.0.1')
  try {
    caller.on('error', () => {})
    caller.pause()
    caller.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    let before = -1
    // Until the system takes no more of it.
    await expect
      .poll(
        () => {
          const isStill = made > 0 && made === before
          before = made
          return isStill
        },
        { interval: 200, timeout: 10_000 },
      )
      .toBe(true)
    cut(new Error('too slow'))
    await left.promise
    expect(told).toEqual(['an answer was cut off'])
  } finally {
    caller.destroy()
    server.close()
  }
}, 20_000)
