import { aClock, describeImageStoreContract } from '@semblance/testkit'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openDiskImageStore } from './disk-image-store.ts'

describeImageStoreContract('DiskImageStore', async () => {
  const folder = await temporaryFolder()
  const clock = aClock()
  const store = await openDiskImageStore({ folder: folder.path, clock })
  return {
    store,
    age: async (ms) => clock.advance(ms),
    close: async () => {
      await store.close()
      await folder.remove()
    },
  }
})
