import { once } from 'node:events'
import { describeQdrant } from '@semblance/index-qdrant'
import { describeRedis } from '@semblance/queue-bullmq'
import { describeMongo } from '@semblance/store-mongo'
import { afterAll, expect, it } from 'vitest'
import { checkCluster } from '../../apps/cli/src/doctor/check-cluster.ts'
import { openClusterServers } from '../servers/cluster.ts'
import { spawnServerProcess } from '../servers/server-process.ts'

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
    expect(stored.schema).toEqual({ found: 0, known: 2 })
    const [url = ''] = qdrant.urls
    const pack = { packId: 'builtin@2' as never, dimensions: 512 }
    const index = await describeQdrant({ url, prefix: 'nobody', packId: pack.packId })
    expect(index).toMatchObject({ nodes: 1, collection: null })

    const settings = {
      SEMBLANCE_PACKS: 'models',
      SEMBLANCE_NAME: 'nobody',
      SEMBLANCE_REDIS_URL: 'redis://127.0.0.1:1',
      SEMBLANCE_MONGO_URL: 'mongodb://127.0.0.1:1',
      SEMBLANCE_QDRANT_URL: [url, 'http://127.0.0.1:2'],
      SEMBLANCE_QDRANT_SHARDS: 12,
      SEMBLANCE_QDRANT_REPLICAS: 1,
      SEMBLANCE_QDRANT_WRITE_CONSISTENCY: 1,
      SEMBLANCE_QDRANT_QUANTIZATION: 'none',
    } as const
    const findings = await checkCluster(settings, pack)
    const wrong = findings.filter(({ state }) => state === 'wrong')
    expect(wrong.map(({ part }) => part).toSorted()).toEqual(['mongodb', 'qdrant 127.0.0.1:2', 'redis'])
    expect(wrong.every(({ advice }) => advice !== '')).toBe(true)
  },
  60_000,
)

it.skipIf('skipped' in servers)(
  'semblance prepare makes what is missing, and tells what a changed setting does not change',
  async () => {
    if ('skipped' in servers) return
    const { redis, mongo, qdrant } = servers
    const prepare = async (settings: Readonly<Record<string, string>>) => {
      const env = {
        SEMBLANCE_NAME: 'prepared',
        SEMBLANCE_REDIS_URL: redis.url,
        SEMBLANCE_MONGO_URL: mongo.url,
        SEMBLANCE_QDRANT_URL: qdrant.urls.join(),
        ...settings,
      }
      const command = spawnServerProcess('cli', env, ['prepare'])
      const [exitCode] = await once(command.process, 'exit')
      return { exitCode, output: command.output() }
    }
    const first = await prepare({})
    expect(first).toMatchObject({ exitCode: 0, output: expect.stringContaining('made as the settings ask') })
    const second = await prepare({ SEMBLANCE_QDRANT_SHARDS: '6', SEMBLANCE_QDRANT_QUANTIZATION: 'int8' })
    expect(second.exitCode).toBe(0)
    for (const line of [
      'shards: 12, and the settings ask for 6',
      'quantization: none',
      'semblance index rebuild',
    ])
      expect(second.output).toContain(line)
    // As gateways and workers do at their start.
    expect(second.output).toContain('the index was made otherwise than the settings ask')
  },
  60_000,
)
