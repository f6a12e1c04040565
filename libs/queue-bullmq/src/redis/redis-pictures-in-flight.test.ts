import { randomUUID } from 'node:crypto'
import type { PictureRef } from '@semblance/core'
import { openTestRedis } from '@semblance/testkit'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PATIENT } from '../testing/a-queue.ts'
import { openRedisPicturesInFlight, type RedisPicturesInFlight } from './redis-pictures-in-flight.ts'

const redis = await openTestRedis({ own: true })
if ('skipped' in redis)
  process.stdout.write(`redis-pictures-in-flight.test.ts is skipped: ${redis.skipped}\n`)

describe.skipIf('skipped' in redis)('pictures in Redis', () => {
  if ('skipped' in redis) return
  let hand: Redis
  let pictures: RedisPicturesInFlight
  let tag: string
  beforeEach(async () => {
    const prefix = `test-${randomUUID()}`
    tag = `{${prefix}:pictures}`
    hand = new Redis(redis.url)
    hand.on('error', () => {})
    pictures = await openRedisPicturesInFlight({ redisUrl: redis.url, prefix, maxBytes: 1e8, ttlMs: 60_000 })
  })
  afterEach(async () => {
    await pictures.close()
    hand.disconnect()
  })
  afterAll(() => redis.close())

  it('are whole at the size of the largest upload', async () => {
    const picture = new Uint8Array(20_000_000).map((_, i) => i * 31)
    const ref = await pictures.put(picture)
    expect(Buffer.compare((await pictures.get(ref))!, picture)).toBe(0)
  })

  it('are the bytes of a view, not of the buffer below it', async () => {
    const ref = await pictures.put(Uint8Array.of(1, 2, 3, 4).subarray(1, 3))
    expect([...(await pictures.get(ref))!]).toEqual([2, 3])
  })

  it('leave no key without an expiry, and none but the books once dropped', async () => {
    const ref = await pictures.put(new Uint8Array(10))
    const keys = await hand.keys(`${tag}:*`)
    expect(keys).toHaveLength(4)
    for (const key of keys) expect(await hand.pttl(key)).toBeGreaterThan(0)
    await pictures.drop(ref)
    expect(await hand.keys(`${tag}:*`)).toEqual([`${tag}:total`])
    expect(await hand.get(`${tag}:total`)).toBe('0')
  })

  it('have room again when their count had drifted', async () => {
    const ref = await pictures.put(new Uint8Array(10))
    await hand.set(`${tag}:total`, String(1e8))
    await pictures.put(new Uint8Array(10))
    expect(await hand.get(`${tag}:total`)).toBe('20')
    await pictures.drop(ref)
  })

  it('are refused at once while Redis is away, and taken again after it', async () => {
    await redis.kill()
    const away = { code: 'E_QUEUE_UNAVAILABLE', retryable: true }
    await expect(pictures.put(new Uint8Array(1))).rejects.toMatchObject(away)
    await expect(pictures.get('x' as PictureRef)).rejects.toMatchObject(away)
    await expect(pictures.drop('x' as PictureRef)).rejects.toMatchObject(away)
    await redis.restart()
    await expect.poll(() => pictures.get('x' as PictureRef).catch(() => 'away'), PATIENT).toBeNull()
    expect([...(await pictures.get(await pictures.put(Uint8Array.of(9))))!]).toEqual([9])
  })
})
