import { join } from 'node:path'
import { aClock, type DamagedRecord, describeDamagedRecords } from '@semblance/testkit'
import SqliteDatabase from 'better-sqlite3'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openSqlitePersonStore } from './sqlite-person-store.ts'

const DAMAGE = {
  metadata: "metadata = '{'",
  state: "state = 'alive'",
  createdAt: 'createdAt = -1',
  bytes: 'bytes = -1',
} satisfies Record<DamagedRecord['field'], string>

describeDamagedRecords('SqlitePersonStore', async () => {
  const folder = await temporaryFolder()
  const file = join(folder.path, 'persons.sqlite')
  const persons = await openSqlitePersonStore({ file, clock: aClock() })
  const hand = new SqliteDatabase(file)
  return {
    persons,
    damage: async ({ table, id, field }) => {
      hand.prepare(`UPDATE ${table} SET ${DAMAGE[field]} WHERE id = ?`).run(id)
    },
    close: async () => {
      hand.close()
      await persons.close()
      await folder.remove()
    },
  }
})
