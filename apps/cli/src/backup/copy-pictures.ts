import { existsSync } from 'node:fs'
import { constants, copyFile, link, lstat, mkdir, open, readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { inLanes, isUuid } from '@semblance/core'
import { syncFolder } from '@semblance/files'
import { codeOf, isAbsent, PICTURE_FOLDERS, type PictureFolder } from './backup-folder.ts'
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
  readonly select?: (ids: readonly string[]) => Promise<Iterable<string>>
  /** Called after each picture that was looked for. */
  readonly onFile?: (() => void) | undefined
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

export interface CopiedFile {
  readonly id: string
  /** Its folder, below that of the data or the backup. */
  readonly part: string
  /** As it has in the backup. */
  readonly bytes: number
  readonly isLinked: boolean
}

/**
 * Copies every picture in some folders of a data folder or a backup; left out: all of `PICTURE_FOLDERS`. What is deleted
 * meanwhile is passed over. The files, and their names, survive a power loss once this resolves.
 */
export async function copyPictures(
  copy: PictureCopy,
  kinds: readonly PictureFolder[] = PICTURE_FOLDERS,
): Promise<Copied> {
  const copied: Copied = { files: 0, bytes: 0, linked: 0 }
  for (const kind of kinds) for (const file of await copyFolder(copy, kind)) count(copied, file)
  return copied
}

export function count(copied: Copied, { bytes, isLinked }: CopiedFile): void {
  copied.files++
  copied.bytes += bytes
  if (isLinked) copied.linked++
}

/** One folder of pictures, as `copyPictures` does. */
export async function copyFolder(copy: PictureCopy, kind: PictureFolder): Promise<readonly CopiedFile[]> {
  const files: CopiedFile[] = []
  await mkdir(join(copy.to, kind), { recursive: true, mode: 0o700 })
  for (const part of await partsOf(join(copy.from, kind))) {
    copy.signal.throwIfAborted()
    const ids = await idsIn(join(copy.from, kind, part))
    const wanted = copy.select === undefined ? ids : await copy.select(ids)
    files.push(...(await copyPart(copy, join(kind, part), wanted)))
  }
  await syncFolder(join(copy.to, kind))
  return files
}

/** The same for some pictures of a folder. Answers those that were there. */
export async function copySome(
  copy: PictureCopy,
  { kind, ids }: { readonly kind: PictureFolder; readonly ids: readonly string[] },
): Promise<readonly CopiedFile[]> {
  const files: CopiedFile[] = []
  // Nothing but a UUID may become part of a path, whatever stands in the database.
  for (const [part, ofPart] of Map.groupBy(ids.filter(isUuid), (id) => id.slice(-2)))
    files.push(...(await copyPart(copy, join(kind, part), ofPart)))
  await syncFolder(join(copy.to, kind))
  return files
}

/** How many files `copyPictures` would find, for whoever waits: some may come and go meanwhile. */
export async function countPictures(from: string): Promise<number> {
  let files = 0
  for (const kind of PICTURE_FOLDERS)
    for (const part of await partsOf(join(from, kind))) files += (await idsIn(join(from, kind, part))).length
  return files
}

async function partsOf(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => FOLDER_OF_PICTURES.test(name))
  } catch (fault) {
    if (isAbsent(fault)) return []
    throw fault
  }
}

async function idsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isFile() && isUuid(entry.name)).map(({ name }) => name)
}

async function copyPart(
  copy: PictureCopy,
  part: string,
  ids: Iterable<string>,
): Promise<readonly CopiedFile[]> {
  const wanted = [...ids]
  if (wanted.length === 0) return []
  const files: CopiedFile[] = []
  await mkdir(join(copy.to, part), { recursive: true, mode: 0o700 })
  await inLanes(wanted, { width: WIDTH, signal: copy.signal }, async (id) => {
    const file = await copyOne(copy, part, id)
    if (file !== null) files.push(file)
    copy.onFile?.()
  })
  copy.signal.throwIfAborted()
  await syncFolder(join(copy.to, part))
  return files
}

/** Null if it is not there any more. */
async function copyOne(
  { from, to, earlier, form }: PictureCopy,
  part: string,
  id: string,
): Promise<CopiedFile | null> {
  const name = join(part, id)
  const source = join(from, name)
  const target = join(to, name)
  try {
    const bytes = form.sizeInBackup((await lstat(source)).size)
    const isLinked = earlier !== null && (await linkSame(join(earlier, name), target, bytes))
    if (!isLinked) await form.copy({ source, target, name: name.replaceAll(sep, '/') })
    return { id, part, bytes, isLinked }
  } catch (fault) {
    // What is to be copied may be gone. Where it is to lie may not.
    if (isAbsent(fault) && !existsSync(source)) return null
    throw fault
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
