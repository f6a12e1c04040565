import type { Dirent } from 'node:fs'
import { constants, type FileHandle, lstat, open, readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { isUuid, type Waiting } from '@semblance/core'
import { smallestNames } from './smallest-names.ts'

/** A link leads out of the data folder, and opening a pipe waits for its writer: neither is a picture. */
const PICTURE_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
/** What opening a link or a socket so ends with, by system. */
const NO_FILE: ReadonlySet<unknown> = new Set(['ELOOP', 'EMLINK', 'ENXIO', 'EOPNOTSUPP'])
/** Windows opens what a link leads to. */
const FOLLOWS_LINKS = process.platform === 'win32'

/**
 * Answers null for whatever is not a regular file: it cannot be a picture that was put. Rejects as the file system
 * does.
 */
export async function readPictureFile(file: string, waiting?: Waiting): Promise<Uint8Array | null> {
  waiting?.signal?.throwIfAborted()
  const handle = await openPicture(file)
  if (handle === null) return null
  try {
    const status = await handle.stat()
    if (!status.isFile()) return null
    const bytes = new Uint8Array(status.size)
    for (let at = 0; at < bytes.byteLength; ) {
      waiting?.signal?.throwIfAborted()
      const { bytesRead } = await handle.read(bytes, at, bytes.byteLength - at, at)
      // Whoever has cut it off has damaged it: what is left is told from the picture by its hash.
      if (bytesRead === 0) return bytes.subarray(0, at)
      at += bytesRead
    }
    return bytes
  } finally {
    await handle.close()
  }
}

/** Null for a link and for a socket. */
async function openPicture(file: string): Promise<FileHandle | null> {
  try {
    if (FOLLOWS_LINKS && !(await isPictureFile(file))) return null
    return await open(file, PICTURE_ONLY)
  } catch (error) {
    const isNoFile = error instanceof Error && 'code' in error && NO_FILE.has(error.code)
    if (isNoFile) return null
    throw error
  }
}

/** Says whether it is a regular file; a link is none, wherever it leads. */
export async function isPictureFile(file: string): Promise<boolean> {
  const status = await nullIfAbsent(lstat(file))
  return status?.isFile() === true
}

interface NamesQuery {
  readonly after: string
  readonly limit: number
  /** A folder that is not there has no names, instead of making this reject. */
  readonly folderMayBeAbsent?: boolean
}

/**
 * The smallest UUIDs after `after`, each with its folder. Other files, and pictures in a folder that is not theirs,
 * are not named: nobody would find them by their id.
 */
export async function namesAfter(
  folders: readonly string[],
  { after, limit, folderMayBeAbsent = false }: NamesQuery,
  waiting?: Waiting,
): Promise<readonly (readonly [name: string, folder: string])[]> {
  const smallest = smallestNames(limit)
  const isFlat = folders.length === 1
  for (const folder of folders) {
    waiting?.signal?.throwIfAborted()
    const ending = isFlat ? '' : basename(folder)
    for (const entry of await entriesOf(folder, folderMayBeAbsent)) {
      const { name } = entry
      if (name > after && name.endsWith(ending) && isUuid(name) && entry.isFile()) smallest.add(name)
    }
  }
  const [only] = folders
  const folderOf = (name: string) =>
    isFlat ? (only ?? '') : (folders[Number.parseInt(name.slice(-2), 16)] ?? '')
  return smallest.take().map((name) => [name, folderOf(name)] as const)
}

async function entriesOf(folder: string, mayBeAbsent: boolean): Promise<readonly Dirent[]> {
  const entries = readdir(folder, { withFileTypes: true })
  return mayBeAbsent ? ((await nullIfAbsent(entries)) ?? []) : entries
}

export async function nullIfAbsent<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
