import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Reference photos beside the project; null, with the reason printed, where they are not there. */
export function findSharedData(): string | null {
  const folder = process.env.SEMBLANCE_SHARED || join(import.meta.dirname, '../../../shared')
  // A folder `data` alone may be that of a server.
  if (existsSync(join(folder, 'data/lfw-dev'))) return join(folder, 'data')
  console.warn(`skipped: no reference photos at ${folder} (set SEMBLANCE_SHARED)`)
  return null
}
