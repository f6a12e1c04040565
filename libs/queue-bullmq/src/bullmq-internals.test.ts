import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Lane } from '@semblance/core'
import { openTestRedis, skipSuite } from '@semblance/testkit'
import { ErrorCode, type Queue, QueueKeys, UnrecoverableError } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  ADDED_AT_FIELD,
  addMarker,
  BULLMQ_VERSION,
  isNoLongerOurs,
  laneKeys,
  OLDEST_WAITING,
} from './bullmq-internals.ts'
import { LaneWorkers } from './consumer/lane-workers.ts'
import { LaneQueues } from './producer/lane-queues.ts'
import { queueNames } from './queue-names.ts'

const UPGRADED =
  'BullMQ is another version than bullmq-internals.ts was written for. The other tests of this file say what is no ' +
  'longer as it says. Read the changes of BullMQ for the keys, the scripts (addStandardJob, moveToActive, ' +
  'moveToFinished, moveJobFromActiveToWait, moveStalledJobsToWait, extendLocks, removeJob) and the error codes, run ' +
  'the fault tests of this library, then set BULLMQ_VERSION'

const LANE: Lane = 'search'
const LOCK_MS = 300
const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
)

describe('what is taken for granted of BullMQ', () => {
  it('is of the installed version', () => {
    const resolve = createRequire(import.meta.url).resolve
    const { version } = JSON.parse(readFileSync(resolve('bullmq/package.json'), 'utf8'))
    expect(version, UPGRADED).toBe(BULLMQ_VERSION)
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
    expect(manifest.dependencies.bullmq, 'the version is pinned').toBe(BULLMQ_VERSION)
  })

  it('has the names of its keys', () => {
    const theirs = new QueueKeys('{p}').getKeys(LANE)
    expect(laneKeys('{p}', LANE)).toEqual({
      waiting: theirs.wait,
      active: theirs.active,
      failed: theirs.failed,
      marker: theirs.marker,
      jobPrefix: theirs[''],
    })
  })

  it('has its codes', () => {
    const codes = Object.values(ErrorCode).filter((code) => typeof code === 'number')
    expect(codes.length).toBeGreaterThan(5)
    expect(codes.filter((code) => code >= 0)).toEqual([])
    const { JobNotExist, JobLockNotExist, JobNotInState, JobLockMismatch } = ErrorCode
    expect([JobNotExist, JobLockNotExist, JobNotInState, JobLockMismatch]).toEqual([-1, -2, -3, -6])
  })

  it('stands in one file, and four others call BullMQ at all', () => {
    const read = (file: string) => readFileSync(join(import.meta.dirname, file), 'utf8')
    const keys = /['"`:](wait|marker|timestamp)['"`]|:(active|failed)\b/
    expect(sources.filter((file) => keys.test(read(file)))).toEqual(['bullmq-internals.ts'])
    expect(sources.filter((file) => read(file).includes("from 'bullmq'")).toSorted()).toEqual([
      'consumer/job-ending.ts',
      'consumer/lane-workers.ts',
      'producer/job-writer.ts',
      'producer/lane-queues.ts',
    ])
  })
})

const redis = await openTestRedis()
const redisUrl = 'skipped' in redis ? '' : redis.url
if ('skipped' in redis) skipSuite('what BullMQ keeps in Redis', redis)

describe.skipIf('skipped' in redis)('what BullMQ keeps in Redis', () => {
  let link: Redis
  let names: ReturnType<typeof queueNames>
  let queues: LaneQueues
  let workers: LaneWorkers
  let queue: Queue
  beforeEach(async () => {
    link = new Redis(redisUrl, { maxRetriesPerRequest: null })
    names = queueNames(`test-${randomUUID()}`)
    const onFault = (fault: unknown) => expect(fault).toBeNull()
    queues = new LaneQueues(link, names, onFault)
    const options = { redis: link, names, lanes: [LANE], lockMs: LOCK_MS, triesAfterDeath: 0, onFault }
    workers = new LaneWorkers(options)
    queue = await queues.of(LANE)
  })
  afterEach(async () => {
    await queues.close()
    await workers.close()
    link.disconnect()
  })
  afterAll(async () => {
    if (!('skipped' in redis)) await redis.close()
  })

  const add = async (...ids: readonly string[]) => {
    for (const [i, jobId] of ids.entries()) await queue.add('echo', {}, { jobId, timestamp: i + 1 })
  }
  const take = async () => {
    const taken = await workers.take(LANE)
    if (taken === null) throw new Error('nothing waits')
    return taken
  }
  const keys = () => names.bull(LANE)
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (fault: { readonly code?: number }) => [fault.code, isNoLongerOurs(fault)],
    )

  it('is a list with the oldest job at one end, and a hash for each job', async () => {
    await add('oldest', 'middle', 'newest')
    expect(await link.lindex(keys().waiting, String(OLDEST_WAITING))).toBe('oldest')
    expect(await link.lrange(keys().waiting, '0', '-1')).toEqual(['newest', 'middle', 'oldest'])
    expect(await link.hget(`${keys().jobPrefix}middle`, ADDED_AT_FIELD)).toBe('2')
  })

  it('is one marker, however many jobs wait, and ours is the same', async () => {
    await addMarker(link, keys())
    const ours = await link.zrange(keys().marker, '0', '-1', 'WITHSCORES')
    await add('one', 'two')
    expect(await link.zrange(keys().marker, '0', '-1', 'WITHSCORES')).toEqual(ours)
  })

  it('is an active list for what was taken, oldest first, and nothing is no job', async () => {
    await add('first', 'second')
    expect((await take()).job.id).toBe('first')
    expect(await link.lrange(keys().active, '0', '-1')).toEqual(['first'])
    await take()
    expect(await workers.take(LANE)).toBeNull()
  })

  it('can be removed as long as no worker has it', async () => {
    await add('taken', 'waiting')
    await take()
    expect([await queue.remove('taken'), await queue.remove('waiting')]).toEqual([0, 1])
  })

  it('is nothing of a job that is done, and a failed one in a set of its own', async () => {
    await add('good', 'bad')
    const [good, bad] = [await take(), await take()]
    await good.job.moveToCompleted(null, good.token, false)
    await bad.job.moveToFailed(new UnrecoverableError('why'), bad.token, false)
    expect(await link.exists(`${keys().jobPrefix}good`)).toBe(0)
    expect(await link.zrange(keys().failed, '0', '-1')).toEqual(['bad'])
    expect(await link.llen(keys().active)).toBe(0)
  })

  it('puts a job that is handed back before those that wait, and wakes a worker', async () => {
    await add('taken', 'waiting')
    const { job, token } = await take()
    await link.del(keys().marker)
    await job.moveToWait(token)
    expect(await link.lindex(keys().waiting, String(OLDEST_WAITING))).toBe('taken')
    expect(await link.zcard(keys().marker)).toBe(1)
  })

  it("says by a code that a job is gone, or its lock is gone or another's", async () => {
    await add('gone', 'unlocked', 'other')
    const [gone, unlocked, other] = [await take(), await take(), await take()]
    await link.del(`${keys().jobPrefix}gone`, `${keys().jobPrefix}unlocked:lock`)
    const end = ({ job }: typeof gone, token: string) => codeOf(job.moveToCompleted(null, token, false))
    expect(await end(gone, gone.token)).toEqual([ErrorCode.JobNotExist, true])
    expect(await end(unlocked, unlocked.token)).toEqual([ErrorCode.JobLockNotExist, true])
    expect(await end(other, 'another')).toEqual([ErrorCode.JobLockMismatch, true])
  })

  it('gives a job whose lock ran out to others, marked as failed once its tries are over', async () => {
    await add('lost', 'kept')
    const [, kept] = [await take(), await take()]
    const recover = async () => {
      await workers.renewLocks([kept])
      await workers.recoverStalled()
      return link.lrange(keys().waiting, '0', '-1')
    }
    await expect.poll(recover, { timeout: 10_000, interval: LOCK_MS / 3 }).toEqual(['lost'])
    const again = await take()
    expect([again.job.id, typeof again.job.deferredFailure]).toEqual(['lost', 'string'])
    expect(await link.lrange(keys().active, '0', '-1')).toContain('kept')
  })
})
