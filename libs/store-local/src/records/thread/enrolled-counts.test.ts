import { join } from 'node:path'
import type { RecordStore } from '@semblance/core'
import { aClock, anImage, aPerson } from '@semblance/testkit'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { checkDatabaseFile } from '../main/check-database-file.ts'
import { openSqliteInspector } from '../main/sqlite-inspector.ts'
import { openSqliteRecordStore } from '../main/sqlite-record-store.ts'

describe('the counts of what is enrolled', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let records: RecordStore
  let hand: Database
  const enroll = async () => {
    const person = aPerson()
    await records.persons.insert(person)
    await records.images.insert(anImage({ personId: person.id, bytes: 10 }))
  }
  beforeEach(async () => {
    folder = await temporaryFolder()
    const file = join(folder.path, 'persons.sqlite')
    records = await openSqliteRecordStore({ file, clock: aClock() })
    hand = new SqliteDatabase(file)
    await enroll()
  })
  afterEach(async () => {
    hand.close()
    await records.close()
    await folder.remove()
  })
  const faults = async () => {
    const inspector = openSqliteInspector(hand.name)
    const found = await inspector.checkFile()
    await inspector.close()
    return found
  }

  it.each([
    'UPDATE enrolled SET persons = -5',
    'UPDATE enrolled SET images = 7, pictureBytes = 9223372036854775807',
    'DELETE FROM enrolled',
  ])('are put right by the check of a start after %s', async (damage) => {
    hand.exec(damage)
    expect(await faults()).toEqual([{ what: 'counts', why: expect.stringContaining('enrolled') }])
    expect(await checkDatabaseFile(hand.name)).toEqual({ faults: [], isRecounted: true })
    expect(await faults()).toEqual([])
    await enroll()
    expect(await records.countEnrolled()).toEqual({ persons: 2, groups: 0, images: 2, pictureBytes: 20 })
  })

  it('are left alone where they are right', async () => {
    expect(await checkDatabaseFile(hand.name)).toEqual({ faults: [], isRecounted: false })
    expect(await faults()).toEqual([])
  })
})
