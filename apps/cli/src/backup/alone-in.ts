import { join } from 'node:path'
import { lockDataFolder } from '@semblance/store-local'
import { wrongUse } from '../server/command-fault.ts'

/** Stays in the folder of all backups: to remove it would open the lock to two at once. */
const LOCK_FOLDER = '.lock'

/**
 * Does the work while nobody else makes or removes backups in the folder: one would clear away what another makes. The
 * lock ends with its process. Throws a `CommandFault` if another process has it.
 */
export async function aloneIn<T>(backups: string, work: () => Promise<T>): Promise<T> {
  const lock = await lockDataFolder(join(backups, LOCK_FOLDER)).catch((fault: unknown) => {
    const isHeld = fault instanceof Error && 'code' in fault && fault.code === 'E_DATA_LOCKED'
    throw isHeld ? wrongUse(`another backup is being made in ${backups}: wait until it has ended`) : fault
  })
  try {
    return await work()
  } finally {
    await lock.release()
  }
}
