import { describeQdrant } from '@semblance/index-qdrant'
import { describeRedis } from '@semblance/queue-bullmq'
import { describeMongo } from '@semblance/store-mongo'
import { afterAll, expect, it } from 'vitest'
import { checkCluster } from '../../apps/cli/src/doctor/check-cluster.ts'
import { openClusterServers } from '../servers/cluster.ts'

const servers = await openClusterServers()
if ('skipped' in servers) console.warn(`skipped: doctor of a cluster: ${servers.skipped}`)
afterAll(async () => {
  if (!('skipped' in servers)) await servers.close()
})

it.skipIf('skipped' in servers)(
  'semblance doctor tells what servers of a cluster are, and which are away',
  async () => {
    if ('skipped' in servers) return
    const { redis, mongo, qdrant } = servers
    const told = await describeRedis(redis.url)
    expect(told).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/), isReplica: false })
    expect(Math.abs(told.nowMs - Date.now())).toBeLessThan(60_000)
    const stored = await describeMongo({ url: mongo.url, databaseName: 'doctor' })
    expect(stored.version).toMatch(/^\d+\.\d+/)
    const [url = ''] = qdrant.urls
    const pack = { packId: 'builtin@1' as never, dimensions: 512 }
    const index = await describeQdrant({ url, prefix: 'nobody', packId: pack.packId })
    expect(index).toMatchObject({ nodes: 1, collection: null })

    const settings = {
      SEMBLANCE_NAME: 'nobody',
      SEMBLANCE_REDIS_URL: 'redis://127.0.0.1:1',
      SEMBLANCE_MONGO_URL: 'mongodb://127.0.0.1:1',
      SEMBLANCE_QDRANT_URL: [url, 'http://127.0.0.1:2'],
      SEMBLANCE_QDRANT_REPLICAS: 1,
    }
    const findings = await checkCluster(settings, pack)
    const wrong = findings.filter(({ state }) => state === 'wrong')
    expect(wrong.map(({ part }) => part).toSorted()).toEqual(['mongodb', 'qdrant 127.0.0.1:2', 'redis'])
    expect(wrong.every(({ advice }) => advice !== '')).toBe(true)
  },
  60_000,
)
