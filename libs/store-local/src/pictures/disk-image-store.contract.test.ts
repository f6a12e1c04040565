import { readdir, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { describeImageStoreContract } from '@semblance/testkit'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openDiskImageStore } from './disk-image-store.ts'

const clock = { now: () => Date.now(), monotonic: () => performance.now() }

describeImageStoreContract('DiskImageStore', async () => {
  const folder = await temporaryFolder()
  const store = await openDiskImageStore({ folder: folder.path, clock })
  return {
    store,
    age: (ms) => setBack(folder.path, ms),
    close: async () => {
      await store.close()
      await folder.remove()
    },
  }
})

async function setBack(folder: string, ms: number): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const written = new Date((await stat(file)).mtimeMs - ms)
    await utimes(file, written, written)
  }
}
