import { join } from 'node:path'
import { aClock } from '@semblance/testkit'
import SqliteDatabase from 'better-sqlite3'
import { openSqliteStores, type SqliteStores } from '../records/main/sqlite-record-store.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** One database for all tests of a contract, emptied before each of them. */
export async function sharedStores(tables: readonly string[]) {
  const folder = await temporaryFolder()
  const file = join(folder.path, 'persons.sqlite')
  let clock = aClock()
  const open = () =>
    openSqliteStores({ file, clock: { now: () => clock.now(), monotonic: () => clock.monotonic() } })
  const stores = await open()
  const cleaner = new SqliteDatabase(file)
  return {
    /** For one test; `storeOf` picks the store that it is about. */
    begin: <Store>(storeOf: (stores: SqliteStores) => Store) => {
      clock = aClock()
      const others: SqliteStores[] = []
      cleaner.exec(tables.map((table) => `DELETE FROM ${table}`).join(';'))
      return {
        store: storeOf(stores),
        another: async () => {
          const other = await open()
          others.push(other)
          return storeOf(other)
        },
        age: async (ms: number) => clock.advance(ms),
        close: async () => {
          await Promise.all(others.map((other) => other.records.close()))
        },
      }
    },
    close: async () => {
      cleaner.close()
      await stores.records.close()
      await folder.remove()
    },
  }
}
