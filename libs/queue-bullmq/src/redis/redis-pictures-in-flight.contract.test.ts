import { randomUUID } from 'node:crypto'
import {
  aClock,
  createNaiveImageStore,
  describePicturesInFlightContract,
  openTestRedis,
  skipSuite,
} from '@semblance/testkit'
import { Redis } from 'ioredis'
import { afterAll } from 'vitest'
import { openRedisPicturesInFlight } from './redis-pictures-in-flight.ts'

const redis = await openTestRedis()

if ('skipped' in redis) skipSuite('the PicturesInFlight contract over Redis', redis)
else {
  afterAll(() => redis.close())
  const anyLarge = () => ({ store: createNaiveImageStore(aClock()), fromBytes: 1, toBytes: 1e9 })
  const none = () => undefined
  for (const [name, largeOf] of [
    ['pictures in Redis', none],
    ['pictures that are all too large for Redis', anyLarge],
  ] as const) {
    describePicturesInFlightContract(name, async ({ maxBytes, ttlMs }) => {
      const prefix = `test-${randomUUID()}`
      const large = largeOf()
      const setup = { redisUrl: redis.url, prefix, maxBytes, ttlMs, ...(large !== undefined && { large }) }
      const pictures = await openRedisPicturesInFlight(setup)
      const hand = new Redis(redis.url)
      return {
        pictures,
        age: (ms) => age(hand, prefix, ms),
        close: async () => {
          await pictures.close()
          hand.disconnect()
        },
      }
    })
  }
}

/** The server's clock cannot be set, so what waits is made older. */
async function age(hand: Redis, prefix: string, ms: number): Promise<void> {
  const tag = `{${prefix}:pictures}`
  for (const ref of await hand.zrange(`${tag}:expiry`, '0', '-1')) {
    await hand.zincrby(`${tag}:expiry`, -ms, ref)
    await hand.pexpire(`${tag}:${ref}`, (await hand.pttl(`${tag}:${ref}`)) - ms)
  }
}
