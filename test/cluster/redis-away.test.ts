import { openBullmqWorker, RedisLog } from '@semblance/queue-bullmq'
import { openTestRedis } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GatewayProcess, startGateway } from '../servers/cluster.ts'

const trial = await openTestRedis({ own: true })
if ('skipped' in trial) console.warn(`skipped: the log while Redis is away: ${trial.skipped}`)
else await trial.close()

/** In which connections and heartbeats complain again and again. */
const AWAY_MS = 4_000
const LONG = { timeout: 20_000 }
const away = () => new Promise((resolve) => setTimeout(resolve, AWAY_MS))

describe.skipIf('skipped' in trial)('while Redis is away', () => {
  let redis: Exclude<Awaited<ReturnType<typeof openTestRedis>>, { readonly skipped: string }>
  let gateway: GatewayProcess

  beforeAll(async () => {
    const opened = await openTestRedis({ own: true })
    if ('skipped' in opened) throw new Error(opened.skipped)
    redis = opened
    gateway = await startGateway(
      {
        SEMBLANCE_NAME: `test${process.pid}`,
        SEMBLANCE_REDIS_URL: redis.url,
        SEMBLANCE_MONGO_URL: 'mongodb://127.0.0.1:9',
        SEMBLANCE_QDRANT_URL: 'http://127.0.0.1:9',
      },
      { readyPath: '/api/healthz' },
    )
  }, 60_000)
  afterAll(async () => {
    await gateway?.end('SIGTERM')
    await redis?.close()
  })

  it('a gateway says once that it waits for it, and why, in the log and beside it, and that it is back', async () => {
    const linesWith = (text: string) =>
      gateway
        .output()
        .split('\n')
        .filter((line) => line.includes(text))
    await expect.poll(() => linesWith('Waiting for MongoDB: '), LONG).toHaveLength(1)
    await redis.kill()
    await away()
    const [line = '', ...more] = linesWith('"waiting for Redis')
    expect(more).toEqual([])
    expect(JSON.parse(line)).toMatchObject({ level: 'warn', reason: expect.stringMatching(/\w/) })
    expect(linesWith('Waiting for Redis (')).toHaveLength(1)
    expect(linesWith('"stack"')).toEqual([])
    await redis.restart()
    await expect
      .poll(() => linesWith('Redis (the jobs between gateways and workers) is there'), LONG)
      .toHaveLength(1)
  }, 60_000)

  it('a worker says it once, too, however many of its connections find it out', async () => {
    const lines: string[] = []
    const note = (_: object, message: string) => void lines.push(message)
    const log = new RedisLog({ logger: { warn: note, info: note }, check: () => worker.check() })
    const worker = await openBullmqWorker({
      redisUrl: redis.url,
      prefix: `test${process.pid}`,
      lanes: ['search'],
      handlers: {},
      concurrency: 1,
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
      onFault: log.onFault,
    })
    await redis.kill()
    await away()
    const waiting = 'waiting for Redis (the jobs between gateways and workers)'
    expect(lines).toEqual([waiting])
    await redis.restart()
    const back = 'Redis (the jobs between gateways and workers) is there'
    await expect.poll(() => lines, LONG).toEqual([waiting, back])
    await worker.close({ signal: AbortSignal.timeout(1_000) })
    log.close()
  }, 60_000)
})
