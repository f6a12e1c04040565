import { join } from 'node:path'
import { aClock, describeIdempotencyStoreContract } from '@semblance/testkit'
import SqliteDatabase from 'better-sqlite3'
import { afterAll } from 'vitest'
import { openSqliteStores, type SqliteStores } from '../records/main/sqlite-record-store.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'

const folder = await temporaryFolder()
const file = join(folder.path, 'persons.sqlite')
let clock = aClock()
const open = () =>
  openSqliteStores({ file, clock: { now: () => clock.now(), monotonic: () => clock.monotonic() } })

const stores = await open()
const cleaner = new SqliteDatabase(file)
afterAll(async () => {
  cleaner.close()
  await stores.records.close()
  await folder.remove()
})

describeIdempotencyStoreContract('SqliteIdempotencyStore', async () => {
  clock = aClock()
  const others: SqliteStores[] = []
  cleaner.exec('DELETE FROM replies')
  return {
    store: stores.idempotency,
    another: async () => {
      const other = await open()
      others.push(other)
      return other.idempotency
    },
    age: async (ms) => clock.advance(ms),
    close: async () => {
      await Promise.all(others.map((other) => other.records.close()))
    },
  }
})
