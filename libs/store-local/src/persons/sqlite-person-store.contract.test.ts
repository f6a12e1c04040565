import { join } from 'node:path'
import type { PersonStore } from '@semblance/core'
import { aClock, describePersonStoreContract } from '@semblance/testkit'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openSqlitePersonStore } from './sqlite-person-store.ts'

describePersonStoreContract('SqlitePersonStore', async () => {
  const folder = await temporaryFolder()
  const clock = aClock()
  const opened: PersonStore[] = []
  const open = async () => {
    const store = await openSqlitePersonStore({ file: join(folder.path, 'persons.sqlite'), clock })
    opened.push(store)
    return store
  }
  return {
    store: await open(),
    another: open,
    age: async (ms) => clock.advance(ms),
    close: async () => {
      await Promise.all(opened.map((store) => store.close()))
      await folder.remove()
    },
  }
})
