import { join } from 'node:path'
import { aClock, type DamagedRecord, describeDamagedRecords } from '@semblance/testkit'
import SqliteDatabase from 'better-sqlite3'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { openSqliteRecordStore } from './sqlite-record-store.ts'

const DAMAGE = {
  metadata: "metadata = '{'",
  state: "state = 'alive'",
  createdAt: 'createdAt = -1',
  bytes: 'bytes = -1',
} satisfies Record<DamagedRecord['field'], string>

describeDamagedRecords('SqliteRecordStore', async () => {
  const folder = await temporaryFolder()
  const file = join(folder.path, 'persons.sqlite')
  const records = await openSqliteRecordStore({ file, clock: aClock() })
  const hand = new SqliteDatabase(file)
  return {
    records,
    damage: async ({ table, id, field }) => {
      hand.prepare(`UPDATE ${table} SET ${DAMAGE[field]} WHERE id = ?`).run(id)
    },
    close: async () => {
      hand.close()
      await records.close()
      await folder.remove()
    },
  }
})
