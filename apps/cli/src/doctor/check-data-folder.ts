import { access, constants, readFile, stat, statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { PackId } from '@semblance/core'
import { type Finding, fine, note, reasonOf, wrong } from './finding.ts'

export interface DataSettings {
  readonly SEMBLANCE_DATA: string
  readonly SEMBLANCE_DISK_RESERVE: number
}

/** Free room below so many reserves is told: enrollment will soon be refused. */
const SCARCE = 10
const OTHERS_MAY = 0o077

/** The data folder of standalone: rights, who uses it, room on the disk, and the schema of the database. */
export async function checkDataFolder(settings: DataSettings): Promise<readonly Finding[]> {
  const folder = resolve(settings.SEMBLANCE_DATA)
  const part = 'data folder'
  const stats = await stat(folder).catch((fault: NodeJS.ErrnoException) => fault)
  if (stats instanceof Error) {
    if (stats.code === 'ENOENT') return [note(part, `${folder} is not there yet`, 'the first start makes it')]
    return [wrong(part, `${folder}: ${reasonOf(stats)}`, 'look at the folder, its disk and its rights')]
  }
  if (!stats.isDirectory()) return [wrong(part, `${folder} is no folder`, 'set SEMBLANCE_DATA')]
  return [
    await checkRights(folder, stats.mode),
    await checkHolder(folder),
    await checkRoom(folder, settings.SEMBLANCE_DISK_RESERVE),
    ...(await checkDatabase(folder)),
  ]
}

async function checkRights(folder: string, mode: number): Promise<Finding> {
  const part = 'data folder'
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (fault) {
    return wrong(
      part,
      `this user may not write to ${folder}: ${reasonOf(fault)}`,
      'give the folder to this user',
    )
  }
  if (process.platform === 'win32' || (mode & OTHERS_MAY) === 0) return fine(part, folder)
  return note(part, `other users may look into ${folder}`, `chmod 700 ${folder}`)
}

/** The file is a hint of whoever holds the lock, which the lock itself never reads. */
async function checkHolder(folder: string): Promise<Finding> {
  const pid = Number(await readFile(join(folder, 'lock.pid'), 'utf8').catch(() => ''))
  if (pid > 0 && isAlive(pid)) return fine('lock', `process ${pid} uses the data folder`)
  return fine('lock', 'nobody uses the data folder')
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (fault) {
    // Another user's process is alive, too.
    return (fault as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function checkRoom(folder: string, reserveBytes: number): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  const what = `${Math.round(freeBytes / 1_000_000)} MB are free, ${Math.round(reserveBytes / 1_000_000)} MB are kept`
  if (freeBytes < reserveBytes)
    return wrong('disk', what, 'enrollment is refused: make room, or set SEMBLANCE_DISK_RESERVE')
  return freeBytes < SCARCE * reserveBytes ? note('disk', what, 'make room soon') : fine('disk', what)
}

async function checkDatabase(folder: string): Promise<readonly Finding[]> {
  const file = join(folder, 'semblance.sqlite')
  const part = 'database'
  if ((await stat(file).catch(() => null)) === null)
    return [note(part, 'there is none yet', 'the first start makes it')]
  try {
    const { readSchemaVersion } = await import('@semblance/store-local')
    const { found, known } = readSchemaVersion(file)
    const what = `schema ${found}, this version writes ${known}`
    if (found > known) return [wrong(part, what, 'start a newer version, or restore an older backup')]
    return [
      found < known
        ? note(part, what, 'make a backup; the next start brings it up to date')
        : fine(part, what),
    ]
  } catch (fault) {
    return [
      wrong(part, reasonOf(fault), 'restore semblance.sqlite from a backup; semblance verify tells more'),
    ]
  }
}

/** The model pack that the gallery in the data folder goes by; null where there is none yet, or none that can be read. */
export async function packInFolder({
  SEMBLANCE_DATA,
}: Pick<DataSettings, 'SEMBLANCE_DATA'>): Promise<PackId | null> {
  try {
    const { readServingPack } = await import('@semblance/store-local')
    return readServingPack(join(resolve(SEMBLANCE_DATA), 'semblance.sqlite'))
  } catch {
    // What is wrong with it is found by `checkDataFolder`.
    return null
  }
}
