import { join } from 'node:path'
import type { RecordStore } from '@semblance/core'
import { aClock, describeRecordStoreContract } from '@semblance/testkit'
import SqliteDatabase from 'better-sqlite3'
import { afterAll } from 'vitest'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { openSqliteRecordStore } from './sqlite-record-store.ts'

const folder = await temporaryFolder()
const file = join(folder.path, 'persons.sqlite')
let clock = aClock()
const open = () =>
  openSqliteRecordStore({ file, clock: { now: () => clock.now(), monotonic: () => clock.monotonic() } })

// Starting a thread takes longer than the claims themselves: they share one, and each begins with empty tables.
const store = await open()
const cleaner = new SqliteDatabase(file)
afterAll(async () => {
  cleaner.close()
  await store.close()
  await folder.remove()
})

describeRecordStoreContract('SqliteRecordStore', async () => {
  clock = aClock()
  const others: RecordStore[] = []
  // What is enrolled is counted down by the deletes themselves.
  const tables = cleaner
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'enrolled'`)
    .pluck()
    .all()
  for (const table of tables) cleaner.exec(`DELETE FROM ${table}`)
  return {
    store,
    another: async () => {
      const other = await open()
      others.push(other)
      return other
    },
    age: async (ms) => clock.advance(ms),
    close: async () => {
      await Promise.all(others.map((other) => other.close()))
    },
  }
})
