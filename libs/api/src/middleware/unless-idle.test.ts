import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { unlessIdle } from './unless-idle.ts'

const IDLE_MS = 200

describe('an upload', () => {
  it('that falls silent in the middle is broken off, after what came of it', async () => {
    const body = new PassThrough()
    body.write('half of a form')
    const pieces: string[] = []
    const reading = (async () => {
      for await (const piece of unlessIdle(body, IDLE_MS)) pieces.push(String(piece))
    })()
    await expect(reading).rejects.toThrow()
    expect(pieces).toEqual(['half of a form'])
    expect(body.destroyed).toBe(true)
  })

  it('that is read slowly is not', async () => {
    const body = new PassThrough()
    body.write('one')
    const pieces: string[] = []
    for await (const piece of unlessIdle(body, IDLE_MS)) {
      pieces.push(String(piece))
      await delay(2 * IDLE_MS)
      if (pieces.length === 1) body.end('two')
    }
    expect(pieces).toEqual(['one', 'two'])
  })
})
