import { LANES } from '@semblance/core'
import { openTestRedis, skipSuite } from '@semblance/testkit'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aQueue, PATIENT } from './testing/a-queue.ts'

const redis = await openTestRedis()
const redisUrl = 'skipped' in redis ? '' : redis.url
if ('skipped' in redis) skipSuite('the packs that workers tell of', redis)

describe.skipIf('skipped' in redis)('a worker', () => {
  let queue: ReturnType<typeof aQueue>
  beforeEach(() => {
    queue = aQueue(redisUrl)
  })
  afterEach(() => queue.close())
  afterAll(async () => {
    if (!('skipped' in redis)) await redis.close()
  })

  it('tells the gateways which packs it has loaded, and which of them are dead', async () => {
    const gateway = await queue.gateway()
    let deadPacks: readonly string[] = []
    await queue.worker({ packs: () => ['former@1', 'next@1'], deadPacks: () => deadPacks })
    const told = (dead: readonly string[]) => [
      { lanes: LANES, packs: ['former@1', 'next@1'], deadPacks: dead },
    ]
    await expect.poll(() => gateway.workers(), PATIENT).toEqual(told([]))
    deadPacks = ['next@1']
    await expect.poll(() => gateway.workers(), PATIENT).toEqual(told(['next@1']))
  }, 30_000)
})
