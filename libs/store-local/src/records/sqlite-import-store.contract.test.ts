import { join } from 'node:path'
import { aClock, describeImportStoreContract } from '@semblance/testkit'
import SqliteDatabase from 'better-sqlite3'
import { afterAll } from 'vitest'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openSqliteStores, type SqliteStores } from './main/sqlite-record-store.ts'

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

describeImportStoreContract('SqliteImportStore', async () => {
  clock = aClock()
  const others: SqliteStores[] = []
  cleaner.exec('DELETE FROM imports; DELETE FROM importRows; DELETE FROM importPersons')
  return {
    store: stores.imports,
    another: async () => {
      const other = await open()
      others.push(other)
      return other.imports
    },
    age: async (ms) => clock.advance(ms),
    close: async () => {
      await Promise.all(others.map((other) => other.records.close()))
    },
  }
})
