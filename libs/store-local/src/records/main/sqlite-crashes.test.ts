import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aClock, describeCrashes, NEXT_START, openTestGallery, USE_CASES } from '@semblance/testkit'
import SqliteDatabase from 'better-sqlite3'
import { afterAll } from 'vitest'
import { createLocalExclusive } from '../../exclusive/local-exclusive.ts'
import { openSqliteRecordStore } from './sqlite-record-store.ts'

// In memory where the system offers it: thousands of commits, and none of these claims is about the disk.
const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const folder = await mkdtemp(join(base, 'semblance-crashes-'))
const file = join(folder, 'persons.sqlite')
const clock = aClock()
const records = await openSqliteRecordStore({ file, clock })
const cleaner = new SqliteDatabase(file)
const tables = cleaner.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all()

afterAll(async () => {
  cleaner.close()
  await records.close()
  await rm(folder, { recursive: true })
})

for (const [name, prepare] of Object.entries(USE_CASES)) {
  const subject = {
    name: `${name} over SQLite`,
    prepare,
    finder: NEXT_START,
    sides: ['after'] as const,
    maxPoints: 40,
  }
  await describeCrashes(subject, async () => {
    for (const table of tables) cleaner.exec(`DELETE FROM ${table}`)
    return openTestGallery({ records, clock, exclusive: createLocalExclusive() })
  })
}
