import { mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolders } from './make-folders.ts'
import { syncFolder } from './sync-folder.ts'
import { writeSynced } from './write-synced.ts'

/** Writes a file so that, even after a power cut, it is either whole or not there; an existing one is replaced.
 *  Makes the folder where it is missing. Several processes may write the same file at once: the last one wins. */
export async function writeAside(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path)
  await makeFolders(folder)
  const aside = await mkdtemp(join(folder, '.part-'))
  try {
    const part = join(aside, 'part')
    await writeSynced(part, bytes)
    await rename(part, path)
    await syncFolder(folder)
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}
