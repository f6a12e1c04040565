import { randomUUID } from 'node:crypto'
import { type PictureRef, picturesUnavailable } from '@semblance/core'
import { aClock, createNaiveImageStore, openTestRedis } from '@semblance/testkit'
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

  describe('of which the large ones lie in a store', () => {
    const clock = aClock()
    const store = createNaiveImageStore(clock)
    const TTL_MS = 60_000
    const all = () => store.list({ after: null, limit: 99, untouchedMs: 0 })
    let large: RedisPicturesInFlight
    beforeEach(async () => {
      const setup = { redisUrl: redis.url, prefix: tag.slice(1, -':pictures}'.length), maxBytes: 1e8 }
      large = await openRedisPicturesInFlight({
        ...setup,
        ttlMs: TTL_MS,
        large: { store, fromBytes: 1_000, toBytes: 2_000 },
      })
    })
    afterEach(() => large.close())

    it.each([
      [999, 0],
      [1_000, 1],
      [2_000, 1],
      [2_001, 0],
    ])('a picture of %i bytes is given back as it was, and leaves nothing', async (bytes, stored) => {
      const picture = new Uint8Array(bytes).map((_, i) => i * 7)
      const ref = await large.put(picture)
      expect(await all()).toHaveLength(stored)
      expect(await hand.strlen(`${tag}:${ref}`)).toBe(stored === 1 ? 9 : bytes)
      expect(Buffer.compare((await large.get(ref))!, picture)).toBe(0)
      await large.drop(ref)
      expect(await all()).toEqual([])
      expect(await large.get(ref)).toBeNull()
    })

    it('are forgotten once their gateway is long dead, and not while one may wait', async () => {
      const refs = [await large.put(new Uint8Array(1_500)), await large.put(new Uint8Array(1_500))]
      clock.advance(TTL_MS)
      expect(await large.forgetExpired()).toBe(0)
      clock.advance(TTL_MS + 60_000)
      expect(await large.forgetExpired()).toBe(2)
      expect(await all()).toEqual([])
      for (const ref of refs) expect(await large.get(ref)).toBeNull()
    })

    it('give their room back when the store refuses them', async () => {
      const away = { ...store, put: () => Promise.reject(picturesUnavailable(new Error('away'))) }
      const prefix = tag.slice(1, -':pictures}'.length)
      const setup = { redisUrl: redis.url, prefix, maxBytes: 1_500, ttlMs: TTL_MS }
      const refusing = await openRedisPicturesInFlight({
        ...setup,
        large: { store: away, fromBytes: 1_000, toBytes: 2_000 },
      })
      for (let i = 0; i < 3; i++) {
        await expect(refusing.put(new Uint8Array(1_500))).rejects.toMatchObject({
          code: 'E_PICTURES_UNAVAILABLE',
        })
      }
      await refusing.put(new Uint8Array(900))
      await refusing.close()
    })
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
