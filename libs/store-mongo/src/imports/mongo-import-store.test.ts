import type { ImageId, PersonId } from '@semblance/core'
import { anImport, aRow, newTestId } from '@semblance/testkit'
import { afterAll, beforeEach, expect, it } from 'vitest'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { IMPORT_INDEXES } from '../records/indexes.ts'
import { findFreshDatabases } from '../testing/fresh-databases.ts'
import { openMongoImportStore } from './mongo-import-store.ts'

const databases = await findFreshDatabases('mongo-import-store.test.ts')

if (databases !== null) {
  let database: MongoDatabase
  afterAll(() => databases.close())
  beforeEach(async () => {
    database = await databases.open()
    return () => database.close()
  })

  it('makes its indexes once, whoever opens it', async () => {
    await Promise.all([openMongoImportStore({ database }), openMongoImportStore({ database })])
    await openMongoImportStore({ database })
    for (const [collection, wanted] of Object.entries(IMPORT_INDEXES)) {
      const made = await database.db.collection(collection).listIndexes().toArray()
      expect(made.map(({ name }) => name).toSorted()).toEqual(
        ['_id_', ...wanted.map(({ name }) => name)].toSorted(),
      )
    }
  })

  // The steps of one erasure, in their order: the binding, its rows, the time, their erasure, the look for more, the end.
  // The name has letters that no id has.
  it.each([1, 2, 3, 4, 5, 6])('finishes an erasure that ended before its step %i', async (step) => {
    const { id, personId } = await withRowsOfOnePerson(database)
    const dying = await openMongoImportStore({ database: endingBefore(database, step) })
    await expect(dying.persons.erase(personId)).rejects.toThrow('the process ended')
    const store = await openMongoImportStore({ database })
    await store.persons.erase(personId)
    const rows = await store.rows.list({ id, after: 0, limit: 10 })
    expect(rows.map(({ key }) => key)).toEqual(['erased:1', 'erased:2'])
    expect(await store.persons.find(id, 'key:turing')).toBeNull()
    for (const name of Object.keys(IMPORT_INDEXES))
      expect(JSON.stringify(await database.db.collection(name).find().toArray())).not.toMatch(/turing/i)
  })

  // The time, the rows that wait, those that failed, the write.
  it.each([1, 2, 3, 4])('finishes a cancellation that ended before its step %i', async (step) => {
    const { id } = await withRowsOfOnePerson(database)
    const dying = await openMongoImportStore({ database: endingBefore(database, step) })
    await expect(dying.rows.cancel(id, 10)).rejects.toThrow('the process ended')
    const store = await openMongoImportStore({ database })
    expect(await store.rows.cancel(id, 10)).toHaveLength(2)
    const rows = await store.rows.list({ id, after: 0, limit: 10 })
    expect(rows.map(({ outcome }) => outcome?.kind)).toEqual(['cancelled', 'cancelled'])
  })

  it('asks little more for a person who comes after many of whom another import is to make each', async () => {
    const { ids, shared, own } = await withSharedPersons(database, 3_000)
    let calls = 0
    const counted = await openMongoImportStore({ database: counting(database, () => calls++) })
    calls = 0
    expect(await counted.persons.listMade({ id: ids[0], after: null, limit: 100 })).toEqual([own])
    expect(calls).toBeLessThan(20)
    calls = 0
    expect(await counted.persons.listMade({ id: ids[0], after: shared.at(-1)!, limit: 100 })).toEqual([own])
    expect(calls).toBeLessThan(4)
  })

  // The bindings, the mark, their end; then the look for more.
  it.each([1, 2, 3, 4])('lists nobody of another import that was forgotten up to step %i', async (step) => {
    const { ids, own } = await withSharedPersons(database, 3)
    const dying = await openMongoImportStore({ database: endingBefore(database, step) })
    await expect(dying.records.forget(ids[1])).rejects.toThrow('the process ended')
    const store = await openMongoImportStore({ database })
    const listed = () => store.persons.listMade({ id: ids[0], after: null, limit: 9 })
    expect(await listed()).toEqual([own])
    await store.records.forget(ids[1])
    expect(await listed()).toEqual([own])
  })

  // The page; the others; those who are marked.
  it.each([2, 3])('lists nobody of another import that is forgotten before its step %i', async (step) => {
    const { ids, own } = await withSharedPersons(database, 3)
    const store = await openMongoImportStore({ database })
    const forget = () => store.records.forget(ids[1])
    const slow = await openMongoImportStore({ database: before(database, step, forget) })
    expect(await slow.persons.listMade({ id: ids[0], after: null, limit: 9 })).toEqual([own])
  })

  it('leaves no row of a call that goes on while the import is forgotten', async () => {
    const store = await openMongoImportStore({ database })
    const made = anImport()
    await store.records.insert(made)
    // The look for known keys, the places, the time: then the rows are written.
    const slow = await openMongoImportStore({
      database: before(database, 4, () => store.records.forget(made.id)),
    })
    expect(await slow.rows.add(made.id, [aRow()])).toEqual(['conflict'])
    expect(await database.db.collection('importRows').countDocuments()).toBe(0)
  })

  it('knows a row as its own that is claimed before the call has ended', async () => {
    const store = await openMongoImportStore({ database })
    const made = anImport()
    await store.records.insert(made)
    const claim = async () => {
      const [holder, newImageIds] = [newTestId<string>(), [newTestId<ImageId>()]]
      expect(await store.rows.claim({ id: made.id, holder, leaseMs: 60_000, newImageIds })).toHaveLength(1)
    }
    // After the write, before the look whether the import is there still.
    const slow = await openMongoImportStore({ database: before(database, 5, claim) })
    expect(await slow.rows.add(made.id, [aRow()])).toEqual(['added'])
  })

  it('ends no row that was retried and claimed anew before an end was sent again, its answer lost', async () => {
    const store = await openMongoImportStore({ database })
    const made = anImport()
    await store.records.insert(made)
    await store.rows.add(made.id, [aRow({ key: 'ada' })])
    const [holder, ada] = [newTestId<string>(), { key: 'ada', position: 1 }]
    const claim = () =>
      store.rows.claim({ id: made.id, holder, leaseMs: 60_000, newImageIds: [newTestId<ImageId>()] })
    await claim()
    const retry = async () => {
      await store.rows.retry({ id: made.id, kinds: ['failed'], passingOnly: true })
      expect(await claim()).toHaveLength(1)
    }
    // The look at the rows, the time: then they are written.
    const losing = await openMongoImportStore({ database: sentTwice(database, 3, retry) })
    const outcome = { kind: 'failed', why: 'no network', isPassing: true } as const
    await losing.rows.end({ id: made.id, holder, rows: [{ ...ada, outcome }] })
    expect(await store.rows.extend({ id: made.id, holder, rows: [ada], leaseMs: 60_000 })).toEqual([1])
  })
}

async function withRowsOfOnePerson(database: MongoDatabase) {
  const store = await openMongoImportStore({ database })
  const made = anImport()
  const personId = newTestId<PersonId>()
  const person = { by: 'key', key: 'turing' } as const
  await store.records.insert(made)
  await store.rows.add(made.id, [
    aRow({ key: 'turing 1', person, name: 'Turing' }),
    aRow({ key: 'turing 2', person, name: 'Turing' }),
  ])
  await store.persons.bind({ id: made.id, personKey: 'key:turing', personId, isMade: true })
  return { id: made.id, personId }
}

/** The first of two imports was to make one person alone, the last by id, and all others were to be made by both. */
async function withSharedPersons(database: MongoDatabase, count: number) {
  const store = await openMongoImportStore({ database })
  const [first, second] = [anImport(), anImport()]
  for (const made of [first, second]) await store.records.insert(made)
  const persons = Array.from({ length: count + 1 }, () => newTestId<PersonId>()).toSorted()
  const [shared, own] = [persons.slice(0, -1), persons.at(-1)!]
  const bind = ({ id }: { readonly id: string }, personId: PersonId) => {
    return { _id: `${id} ${personId}`, importId: id, personKey: personId, personId, isMade: true }
  }
  const bound = [...persons.map((id) => bind(first, id)), ...shared.map((id) => bind(second, id))]
  await database.db.collection<{ readonly _id: string }>('importPersons').insertMany(bound)
  return { ids: [first.id, second.id] as const, shared, own }
}

function counting(database: MongoDatabase, onCall: () => void): MongoDatabase {
  const ask: MongoDatabase['ask'] = (run, options) => {
    onCall()
    return database.ask(run, options)
  }
  return { ...endingBefore(database, Number.POSITIVE_INFINITY), ask }
}

/** Does something right before the call to the server with this number, the first one after it was opened being 1. */
function before(database: MongoDatabase, step: number, intervene: () => Promise<void>): MongoDatabase {
  // Opening it is one call.
  let calls = -1
  const counted = async <T>(call: () => Promise<T>) => {
    calls += 1
    if (calls === step) await intervene()
    return call()
  }
  return {
    db: database.db,
    ask: (run, options) => counted(() => database.ask(run, options)),
    serverNow: (options) => counted(() => database.serverNow(options)),
    check: (options) => database.check(options),
    close: () => database.close(),
  }
}

/** Sends the call with this number again, as after a lost answer, and does something between the two. */
function sentTwice(database: MongoDatabase, step: number, meanwhile: () => Promise<unknown>): MongoDatabase {
  const again = { isDue: false }
  const counted = before(database, step, async () => {
    again.isDue = true
  })
  const ask: MongoDatabase['ask'] = async (run, options) => {
    const answer = await counted.ask(run, options)
    if (!again.isDue) return answer
    again.isDue = false
    await meanwhile()
    return database.ask(() => run(true), options)
  }
  return { ...counted, ask }
}

function endingBefore(database: MongoDatabase, step: number): MongoDatabase {
  return before(database, step, () => Promise.reject(new Error('the process ended')))
}
