import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { findFreshDatabases } from '../testing/fresh-databases.ts'
import { LeaseRecords } from './lease-records.ts'

const databases = await findFreshDatabases('lease-records.test.ts')
const KEY = 'newcomer'

describe.skipIf(databases === null)('LeaseRecords', () => {
  if (databases === null) return
  afterAll(() => databases.close())

  let database: MongoDatabase
  let records: LeaseRecords
  beforeEach(async () => {
    database = await databases.open()
    records = new LeaseRecords(database, 5000)
  })
  afterEach(() => database.close())

  it('inserts a key once', async () => {
    expect(await records.insert(KEY, 'a#1')).toMatchObject({ holder: 'a#1', committed: null })
    expect(await records.insert(KEY, 'b#1')).toBeNull()
    expect(await records.find(KEY)).toMatchObject({ holder: 'a#1' })
  })

  it('lets one of many take what all saw alike', async () => {
    await records.insert(KEY, 'dead#1')
    const seen = (await records.find(KEY))!
    const thieves = Array.from({ length: 8 }, (_, i) => records.takeSeen(KEY, seen, `thief${i}#1`))
    const taken = (await Promise.all(thieves)).filter((record) => record !== null)
    expect(taken).toHaveLength(1)
    expect(await records.find(KEY)).toEqual(taken[0])
  })

  it('takes nothing whose holder gave a sign of life since it was seen', async () => {
    await records.insert(KEY, 'a#1')
    const seen = (await records.find(KEY))!
    await records.beat(KEY, 'a#1')
    expect(await records.takeSeen(KEY, seen, 'b#1')).toBeNull()
    expect(await records.beat(KEY, 'a#1')).toBe(true)
  })

  it('takes a free key for one that nobody else is in line for, and shows what was committed', async () => {
    await records.insert(KEY, 'a#1')
    expect(await records.takeFree(KEY, 'b#1')).toBeNull()
    await records.want(KEY, { holder: 'a#1', counter: 1 }, 'b')
    await records.want(KEY, { holder: 'a#1', counter: 1 }, 'c')
    await records.commit(KEY, 'a#1', 'person-1')
    await records.release(KEY, 'a#1')
    expect(await records.takeFree(KEY, 'c#1')).toBeNull()
    const seen = (await records.find(KEY))!
    expect(seen.wanted).toBe('b')
    expect(await records.takeSeen(KEY, seen, 'b#1')).toMatchObject({ committed: 'person-1', wanted: null })
  })

  it('changes nothing for a turn that is over', async () => {
    await records.insert(KEY, 'a#1')
    expect(await records.passOn(KEY, 'a#1', 'a#2')).toMatchObject({ holder: 'a#2' })
    const before = await records.find(KEY)
    expect(await records.beat(KEY, 'a#1')).toBe(false)
    expect(await records.commit(KEY, 'a#1', 'person-1')).toBe(false)
    expect(await records.release(KEY, 'a#1')).toBe(false)
    expect(await records.passOn(KEY, 'a#1', 'a#3')).toBeNull()
    await records.want(KEY, { holder: 'a#1', counter: 1 }, 'b')
    expect(await records.find(KEY)).toEqual(before)
  })
})
