import { randomUUID } from 'node:crypto'
import { describePicturesInFlightContract, openTestRedis } from '@semblance/testkit'
import { Redis } from 'ioredis'
import { afterAll, it } from 'vitest'
import { openRedisPicturesInFlight } from './redis-pictures-in-flight.ts'

const redis = await openTestRedis()

if ('skipped' in redis) it.skip(`the PicturesInFlight contract over Redis: ${redis.skipped}`, () => {})
else {
  afterAll(() => redis.close())
  describePicturesInFlightContract('pictures in Redis', async ({ maxBytes, ttlMs }) => {
    const prefix = `test-${randomUUID()}`
    const pictures = await openRedisPicturesInFlight({ redisUrl: redis.url, prefix, maxBytes, ttlMs })
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

/** The server's clock cannot be set, so what waits is made older. */
async function age(hand: Redis, prefix: string, ms: number): Promise<void> {
  const tag = `{${prefix}:pictures}`
  for (const ref of await hand.zrange(`${tag}:expiry`, '0', '-1')) {
    await hand.zincrby(`${tag}:expiry`, -ms, ref)
    await hand.pexpire(`${tag}:${ref}`, (await hand.pttl(`${tag}:${ref}`)) - ms)
  }
}
