import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/**
 * Makes a folder and those above it that are missing, with these rights (0o777 less the umask, if none are given).
 * Another process may make them at the same time. Answers the first one that was missing; undefined if all were there.
 * Node's own `recursive` tries for ever below /proc, where a folder that is there refuses new ones as if it were missing.
 */
export async function makeFolders(path: string, mode?: number): Promise<string | undefined> {
  const missing: string[] = []
  for (let at = resolve(path); !(await isThere(at)); at = dirname(at)) missing.unshift(at)
  for (const folder of missing) await mkdir(folder, { mode }).catch(unlessThere)
  return missing[0]
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

/** ENOTDIR too: what lies above is a file, which `mkdir` then says. */
async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if ((code === 'ENOENT' || code === 'ENOTDIR') && path !== dirname(path)) return false
    throw error
  }
}
