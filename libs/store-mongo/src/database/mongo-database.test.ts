import { storeUnavailable } from '@semblance/core'
import { openTestMongo } from '@semblance/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { openMongoDatabase } from './mongo-database.ts'

const mongo = await openTestMongo({ own: true })
if ('skipped' in mongo) process.stdout.write(`mongo-database.test.ts is skipped: ${mongo.skipped}\n`)
const unavailable = storeUnavailable

describe('a connection string that cannot be used', () => {
  it.each([
    'mongodb://ada:sekret@',
    'mongodb://ada:sek/ret@host/x',
    'http://ada:sekret@host',
    'mongodb://ada:sekret@host:99999/',
    'mongodb://ada:sekret@host/?sekret=1',
  ])('%s is refused without being repeated', async (url) => {
    const error = await openMongoDatabase({ url, databaseName: 'x' }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(Error)
    expect(everythingOf(error)).not.toMatch(/sekret|sek\/ret/)
  })
})

describe.skipIf('skipped' in mongo)('a MongoDB database', () => {
  if ('skipped' in mongo) return
  const { url } = mongo
  afterAll(() => mongo.close())

  it('tells the server’s time', async () => {
    const database = await openMongoDatabase({ url, databaseName: 'clock' })
    expect(Math.abs((await database.serverNow({ unavailable })) - Date.now())).toBeLessThan(60_000)
    await database.close()
  })

  it('is unavailable at once when the server is killed, and heals without a hand', async () => {
    const database = await openMongoDatabase({ url, databaseName: 'heals' })
    const asking = Array.from({ length: 5 }, () => database.serverNow({ unavailable }))
    const [, started] = [await mongo.kill(), performance.now()]
    await Promise.allSettled(asking)
    await expect(database.check({ unavailable })).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE' })
    expect(performance.now() - started).toBeLessThan(5000)
    await mongo.restart()
    await expect.poll(() => answers(database.check({ unavailable })), { timeout: 10_000 }).toBe(true)
    await database.close()
  })

  it('does not open while the server is down, and tells no password', async () => {
    await mongo.kill()
    const secret = url.replace('mongodb://', 'mongodb://ada:sekret@')
    const error = await openMongoDatabase({ url: secret, databaseName: 'down' }).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'E_STORE_UNAVAILABLE' })
    expect(everythingOf(error)).not.toContain('sekret')
    await mongo.restart()
  })

  it('keeps its deadline and the caller’s signal while the server answers nothing', async () => {
    const database = await openMongoDatabase({ url, databaseName: 'paused' })
    mongo.pause()
    const started = performance.now()
    const call = database.serverNow({ unavailable, timeoutMs: 300 })
    await expect(call).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE' })
    const reason = new Error('the caller left')
    const leaving = new AbortController()
    const left = database.serverNow({ unavailable, waiting: leaving })
    leaving.abort(reason)
    await expect(left).rejects.toBe(reason)
    await expect(database.serverNow({ unavailable, waiting: leaving })).rejects.toBe(reason)
    expect(performance.now() - started).toBeLessThan(2000)
    mongo.resume()
    await expect.poll(() => answers(database.check({ unavailable })), { timeout: 10_000 }).toBe(true)
    await database.close()
  })

  it('repeats a call whose connection broke, and says that it does', async () => {
    const database = await openMongoDatabase({ url, databaseName: 'repeats' })
    const said: boolean[] = []
    const answer = await database.ask(
      async (isRepeat) => {
        said.push(isRepeat)
        if (!isRepeat) throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' })
        return database.db.command({ ping: 1 })
      },
      { unavailable },
    )
    expect(answer.ok).toBe(1)
    expect(said).toEqual([false, true])
    await database.close()
  })

  it('tells of a fault without the values that the server repeats, and lets bugs of ours through', async () => {
    const database = await openMongoDatabase({ url, databaseName: 'faults' })
    const people = database.db.collection<{ _id: string }>('people')
    await people.insertOne({ _id: 'Ada Lovelace' })
    const twice = database.ask(() => people.insertOne({ _id: 'Ada Lovelace' }), { unavailable })
    const error = await twice.catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'E_STORE_UNAVAILABLE', cause: { serverCode: 11000 } })
    expect(everythingOf(error)).not.toContain('Lovelace')
    const bug = new TypeError('a bug')
    await expect(database.ask(() => Promise.reject(bug), { unavailable })).rejects.toBe(bug)
    await database.close()
  })

  it('lets exactly one of eight connections win each compare-and-set', async () => {
    const databases = await Promise.all(
      Array.from({ length: 8 }, () => openMongoDatabase({ url, databaseName: 'rivals' })),
    )
    const rows = databases.map(({ db }) => db.collection<{ _id: string; rev: number }>('rows'))
    await rows[0]?.insertOne({ _id: 'one', rev: 0 })
    for (let rev = 0; rev < 20; rev++) {
      const raise = { $set: { rev: rev + 1 } }
      const answers = await Promise.all(rows.map((row) => row.updateOne({ _id: 'one', rev }, raise)))
      expect(answers.filter(({ modifiedCount }) => modifiedCount === 1)).toHaveLength(1)
    }
    await Promise.all(databases.map((database) => database.close()))
  })

  it('is unavailable once closed, and closes twice', async () => {
    const database = await openMongoDatabase({ url, databaseName: 'closed' })
    await database.close()
    await database.close()
    await expect(database.check({ unavailable })).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE' })
  })
})

function answers(call: Promise<void>): Promise<boolean> {
  return call.then(
    () => true,
    () => false,
  )
}

/** Messages, stacks and own properties of an error and all its causes: whatever a log could print. */
function everythingOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return [error.message, error.stack, JSON.stringify(error), everythingOf(error.cause)].join('\n')
}
