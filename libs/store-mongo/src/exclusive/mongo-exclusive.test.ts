import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Lease } from '@semblance/core'
import { newTestId, openTestMongo } from '@semblance/testkit'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type MongoDatabase, openMongoDatabase } from '../database/mongo-database.ts'
import { aHolder } from '../testing/a-holder.ts'
import type { LeaseRecord } from './lease-records.ts'

const mongo = await openTestMongo({ own: true })
if ('skipped' in mongo) process.stdout.write(`mongo-exclusive.test.ts is skipped: ${mongo.skipped}\n`)

const LEASE = 1000

describe.skipIf('skipped' in mongo)('MongoExclusive', () => {
  if ('skipped' in mongo) return
  afterAll(() => mongo.close())

  let database: MongoDatabase
  let key: string
  beforeEach(async () => {
    key = newTestId()
    database = await openMongoDatabase({ url: mongo.url, databaseName: 'exclusive' })
  })
  afterEach(() => database.close())

  const readRecord = () => database.db.collection<LeaseRecord>('leases').findOne({ _id: key })

  it('gives the key back with the end of the task, whether it ended well or not', async () => {
    const { exclusive } = aHolder({ database, leaseMs: LEASE })
    await exclusive.run(key, async () => {
      expect((await readRecord())?.holder).not.toBeNull()
    })
    expect((await readRecord())?.holder).toBeNull()
    await exclusive.run(key, () => Promise.reject(new Error('broken'))).catch(() => undefined)
    expect((await readRecord())?.holder).toBeNull()
  })

  it('takes a key over from a process that was killed, with what that had committed', async () => {
    const leaseMs = 2000
    const program = join(import.meta.dirname, '../testing/hold-lease.ts')
    const flags = ['--conditions=@semblance/source', program]
    const given = [mongo.url, 'exclusive', key, String(leaseMs)]
    const child = spawn(process.execPath, [...flags, ...given], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    const { exclusive } = aHolder({ database, leaseMs })
    const patience = { signal: AbortSignal.timeout(leaseMs * 1.5) }
    await expect(exclusive.run(key, async () => 'alone', patience)).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const killedAt = performance.now()
    expect(await exclusive.run(key, async (lease) => lease.committed)).toBe('of the dead')
    expect(performance.now() - killedAt).toBeLessThan(leaseMs * 2)
  })

  it('takes a key over at once from a process that is known to have ended, and from no other', async () => {
    const leaseMs = 60_000
    const program = join(import.meta.dirname, '../testing/hold-lease.ts')
    const flags = ['--conditions=@semblance/source', program]
    const name = 'the one that ends'
    const given = [mongo.url, 'exclusive', key, String(leaseMs), name]
    const child = spawn(process.execPath, [...flags, ...given], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    const asked: string[] = []
    const hasEnded = async (of: string) => {
      asked.push(of)
      return child.signalCode !== null
    }
    const { exclusive } = aHolder({ database, leaseMs, hasEnded })
    const taken = exclusive.run(key, async (lease) => lease.committed)
    await expect.poll(() => asked).toContain(name)
    expect(await Promise.race([taken, 'still held'])).toBe('still held')
    child.kill('SIGKILL')
    expect(await taken).toBe('of the dead')
    expect(new Set(asked)).toEqual(new Set([name]))
  }, 30_000)

  it('answers a task that ended well though the key could not be given back; the next one gets it', async () => {
    const { exclusive } = aHolder({ database, leaseMs: LEASE, timeoutMs: 300 })
    const answer = await exclusive.run(key, async () => {
      await mongo.kill()
      return 'done'
    })
    expect(answer).toBe('done')
    await mongo.restart()
    await expect.poll(() => exclusive.run(key, async () => 'next').catch(() => null)).toBe('next')
  })

  it('refuses all who wait with E_STORE_UNAVAILABLE while the store is silent, within a deadline', async () => {
    const { exclusive } = aHolder({ database, leaseMs: LEASE, timeoutMs: 300 })
    mongo.pause()
    const since = performance.now()
    const waiting = [1, 2, 3, 4, 5].map(() => exclusive.run(key, async () => 'begun'))
    for (const outcome of await Promise.allSettled(waiting)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'E_STORE_UNAVAILABLE' } })
    }
    expect(performance.now() - since).toBeLessThan(1500)
    mongo.resume()
    await expect.poll(() => exclusive.run(key, async () => 'next').catch(() => null)).toBe('next')
  })

  it('tells a holder that it may be robbed when the store was silent for a lease, and commits nothing then', async () => {
    // A longer lease leaves a busy machine more room.
    const leaseMs = 4 * LEASE
    const { exclusive } = aHolder({ database, leaseMs, timeoutMs: 800 })
    const task = async (lease: Lease) => {
      mongo.pause()
      const since = performance.now()
      await once(lease.lost, 'abort')
      const silentMs = performance.now() - since
      mongo.resume()
      return { silentMs, isCommitted: await lease.commit('person-1') }
    }
    const { silentMs, isCommitted } = await exclusive.run(key, task)
    expect(silentMs).toBeLessThan(leaseMs * 1.5)
    expect(isCommitted).toBe(false)
    expect((await readRecord())?.committed).toBeNull()
  })

  it('keeps a lease through a silence that is shorter', async () => {
    const { exclusive } = aHolder({ database, leaseMs: 4000, timeoutMs: 800 })
    const isCommitted = await exclusive.run(key, async (lease) => {
      mongo.pause()
      await new Promise((resolve) => setTimeout(resolve, 1200))
      mongo.resume()
      const before = (await readRecord())?.counter ?? 0
      await expect.poll(async () => (await readRecord())?.counter, { timeout: 4000 }).toBeGreaterThan(before)
      return lease.commit('person-1')
    })
    expect(isCommitted).toBe(true)
  })

  it('throws E_STORE_UNAVAILABLE where it cannot know whether a commit stands; the next holder knows', async () => {
    const { exclusive } = aHolder({ database, leaseMs: 10_000, timeoutMs: 300 })
    const task = async (lease: Lease) => {
      mongo.pause()
      const committing = lease.commit('person-1')
      await expect(committing).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE' })
      mongo.resume()
    }
    await exclusive.run(key, task)
    const told = await exclusive.run(key, async (lease) => lease.committed)
    // Whatever was on its way when the next one began changes nothing any more.
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect((await readRecord())?.committed).toBe(told)
  })
})
