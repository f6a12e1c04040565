import { existsSync } from 'node:fs'
import { constants, copyFile, link, lstat, mkdir, open, readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { inLanes, isUuid } from '@semblance/core'
import { syncFolder } from '@semblance/files'
import { codeOf, isAbsent, PICTURE_FOLDERS } from './backup-folder.ts'
import type { BackupKey } from './backup-key.ts'
import { sealedSize, sealFile, unsealFile } from './sealed-file.ts'

/** Files copied side by side: each waits for the disk most of its time. */
const WIDTH = 8
/** Two hexadecimal digits: the end of the ids of the pictures in it. */
const FOLDER_OF_PICTURES = /^[0-9a-f]{2}$/
/** With these the file system says that it cannot make the link: it is another disk, it has no links, or too many. */
const UNLINKABLE = new Set<unknown>(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

export interface PictureCopy {
  readonly from: string
  readonly to: string
  /** A backup whose files are linked to, where they are the same; null: everything is copied. */
  readonly earlier: string | null
  /** How a file becomes one of `to`. */
  readonly form: CopyForm
  /** Which of these ids are copied. Left out: all. */
  readonly select?: (ids: readonly string[]) => Promise<ReadonlySet<string>>
  /** Once it has aborted, the copy ends with its reason. */
  readonly signal: AbortSignal
}

/** Whether files are copied as they are, encrypted or decrypted. */
export interface CopyForm {
  /** Copies into a new file, and waits until the disk has it. `name`: its path in the backup, with forward slashes. */
  copy(files: { readonly source: string; readonly target: string; readonly name: string }): Promise<void>
  /** Bytes that a file of so many has in the backup. */
  sizeInBackup(bytes: number): number
}

export const plainCopy: CopyForm = {
  copy: ({ source, target }) => copySynced(source, target),
  sizeInBackup: (bytes) => bytes,
}

/** Into an encrypted backup. */
export function sealedCopy(key: BackupKey): CopyForm {
  return {
    copy: ({ source, target, name }) => sealFile(source, target, { key, name }),
    sizeInBackup: sealedSize,
  }
}

/** Out of an encrypted backup. */
export function unsealedCopy(key: BackupKey): CopyForm {
  return {
    copy: ({ source, target, name }) => unsealFile(source, target, { key, name }),
    sizeInBackup: (bytes) => bytes,
  }
}

export interface Copied {
  files: number
  /** As they have in the backup. */
  bytes: number
  /** Files of those that take no room again. */
  linked: number
}

/**
 * Copies every picture of a data folder or a backup, and those that wait for a row of an import. What is deleted
 * meanwhile is passed over. The files, and their names, survive a power loss once this resolves.
 */
export async function copyPictures(copy: PictureCopy): Promise<Copied> {
  const copied: Copied = { files: 0, bytes: 0, linked: 0 }
  for (const kind of PICTURE_FOLDERS) {
    await mkdir(join(copy.to, kind), { recursive: true, mode: 0o700 })
    for (const part of await partsOf(join(copy.from, kind))) {
      copy.signal.throwIfAborted()
      await copyPart(copy, join(kind, part), copied)
    }
    await syncFolder(join(copy.to, kind))
  }
  return copied
}

async function partsOf(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => FOLDER_OF_PICTURES.test(name))
  } catch (fault) {
    if (isAbsent(fault)) return []
    throw fault
  }
}

async function copyPart(copy: PictureCopy, part: string, copied: Copied): Promise<void> {
  const entries = await readdir(join(copy.from, part), { withFileTypes: true })
  const ids = entries.filter((entry) => entry.isFile() && isUuid(entry.name)).map(({ name }) => name)
  const isOfGallery = part.startsWith(PICTURE_FOLDERS[0])
  const wanted = isOfGallery && copy.select !== undefined ? await copy.select(ids) : new Set(ids)
  if (wanted.size === 0) return
  await mkdir(join(copy.to, part), { recursive: true, mode: 0o700 })
  await inLanes(wanted, { width: WIDTH, signal: copy.signal }, (id) => copyOne(copy, join(part, id), copied))
  copy.signal.throwIfAborted()
  await syncFolder(join(copy.to, part))
}

async function copyOne(
  { from, to, earlier, form }: PictureCopy,
  name: string,
  copied: Copied,
): Promise<void> {
  const source = join(from, name)
  const target = join(to, name)
  try {
    const size = form.sizeInBackup((await lstat(source)).size)
    const isLinked = earlier !== null && (await linkSame(join(earlier, name), target, size))
    if (!isLinked) await form.copy({ source, target, name: name.replaceAll(sep, '/') })
    copied.files++
    copied.bytes += size
    if (isLinked) copied.linked++
  } catch (fault) {
    // What is to be copied may be gone. Where it is to lie may not.
    if (!isAbsent(fault) || existsSync(source)) throw fault
  }
}

/** A picture never changes, so that one of the same id and length is the same. False if there is none to link to. */
async function linkSame(earlier: string, target: string, bytes: number): Promise<boolean> {
  try {
    const found = await lstat(earlier)
    if (!found.isFile() || found.size !== bytes) return false
    await link(earlier, target)
    return true
  } catch (fault) {
    if (isAbsent(fault) || UNLINKABLE.has(codeOf(fault))) return false
    throw fault
  }
}

async function copySynced(source: string, target: string): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_EXCL)
  const handle = await open(target, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
