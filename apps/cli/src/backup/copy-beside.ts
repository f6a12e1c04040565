import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DataFolderLock, lockDataFolder } from '@semblance/store-local'
import { goneAtExit } from '../command/gone-at-exit.ts'
import { CommandFault } from '../server/command-fault.ts'
import { isAbsent } from './backup-folder.ts'

/** What the name of the folder of a copy begins with; `mkdtemp` adds six characters. */
const COPY_BESIDE = '.backup-'
/** Versions before had the id of their process in it. */
const NAME_OF_COPY = /^\.backup-(\d+-)?[A-Za-z0-9]{6}$/
/** Stays in the data folder: to remove it would open the lock to two at once. */
const TURN_FOLDER = '.lock-of-backups'
/** Others have it while they clear away a few files. */
const TURN_WAIT_MS = 15_000
const ASK_AGAIN_MS = 20

/**
 * Lends a folder for a copy of the database. It lies in the data folder, because it is as readable as that: on the disk of
 * encrypted backups it must never have been. What backups that were killed left is cleared away first. A lock in the folder
 * tells whether its backup is at work: it ends with its process, whatever ids processes have.
 */
export async function withFolderBeside<T>(data: string, work: (folder: string) => Promise<T>): Promise<T> {
  const { folder, lock } = await inTurn(data, async () => {
    await clearCopies(data)
    const made = await mkdtemp(join(data, COPY_BESIDE))
    return { folder: made, lock: await lockDataFolder(made) }
  })
  const hasGone = goneAtExit(folder)
  try {
    return await work(folder)
  } finally {
    try {
      await inTurn(data, () => rm(folder, { recursive: true, force: true }))
      hasGone()
    } finally {
      await lock.release()
    }
  }
}

/** Whoever clears away must not come between the making of a folder and its lock, nor put a lock of its own into one that goes. */
async function inTurn<T>(data: string, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + TURN_WAIT_MS
  for (;;) {
    const turn = await lockUnlessHeld(join(data, TURN_FOLDER))
    if (turn !== null) {
      try {
        return await work()
      } finally {
        await turn.release()
      }
    }
    if (performance.now() > deadline)
      throw new CommandFault(
        `another backup of ${data} has been about to begin for ${TURN_WAIT_MS / 1_000} s`,
      )
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
  }
}

/** Null: another process has it. */
async function lockUnlessHeld(folder: string): Promise<DataFolderLock | null> {
  try {
    return await lockDataFolder(folder)
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'E_DATA_LOCKED') return null
    throw fault
  }
}

async function clearCopies(data: string): Promise<void> {
  const names = await readdir(data).catch((fault: unknown) => {
    if (isAbsent(fault)) return []
    throw fault
  })
  for (const name of names.filter((each) => NAME_OF_COPY.test(each))) {
    const folder = join(data, name)
    const lock = await lockUnlessHeld(folder)
    if (lock === null) continue
    await rm(folder, { recursive: true, force: true })
    await lock.release()
  }
}
