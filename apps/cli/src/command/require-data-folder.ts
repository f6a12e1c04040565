import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DATABASE_FILE, isAbsent } from '../backup/backup-folder.ts'
import { wrongUse } from '../server/command-fault.ts'

/** The database of standalone's data folder. Throws a `CommandFault` if it is not there. */
export async function requireDataFolder(folder: string): Promise<string> {
  const file = join(folder, DATABASE_FILE)
  if (await isThere(file)) return file
  if (await isThere(`${file}.sealed`))
    throw wrongUse(`${folder} is an encrypted backup: give its key by --key-file, to verify or to restore it`)
  throw wrongUse(
    `${folder} is no data folder, because there is no ${DATABASE_FILE} in it: name the right one by --data or SEMBLANCE_DATA`,
  )
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file)
    return true
  } catch (fault) {
    if (isAbsent(fault)) return false
    throw fault
  }
}
