import { open } from 'node:fs/promises'

/**
 * Writes a new file, with these rights (0o666 less the umask, if none are given). It survives a power cut, but for its name:
 * the folder is the caller's to sync.
 */
export async function writeSynced(file: string, data: Uint8Array | string, mode?: number): Promise<void> {
  const handle = await open(file, 'wx', mode)
  try {
    await handle.writeFile(data)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
