import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The folder beside the project with reference photos and pages; an empty variable counts as not set. */
export const sharedFolder = process.env.SEMBLANCE_SHARED || join(import.meta.dirname, '../../../../shared')

/** Reference photos beside the project; null, with the reason printed, where they are not there. */
export function findSharedData(): string | null {
  // A folder `data` alone may be that of a server.
  if (existsSync(join(sharedFolder, 'data/lfw-dev'))) return join(sharedFolder, 'data')
  process.stderr.write(`skipped: no reference photos at ${sharedFolder} (set SEMBLANCE_SHARED)\n`)
  return null
}
