import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { CommandFault, wrongUse } from '../server/command-fault.ts'
import type { BackupKey } from './backup-key.ts'

/** The file that says what a backup holds. A folder without it is no backup. */
export const SUMMARY_FILE = 'backup.json'
export const DATABASE_FILE = 'semblance.sqlite'
/** Folders of pictures, each of which has one file a picture. */
export const PICTURE_FOLDERS = ['pictures', 'staged'] as const
export type PictureFolder = (typeof PICTURE_FOLDERS)[number]
/** What the name of a backup that is being made begins with. */
export const PARTIAL = '.partial-'
/** What the name of a backup that is being removed begins with. */
export const REMOVING = '.removing-'

const TIME_NAME = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.\d{3}Z$/

const count = z.int().min(0)

const contents = {
  /** When it was begun; ISO 8601. */
  at: z.iso.datetime(),
  /** Of the files as they lie in the backup. Sums of pictures are in their records, inside the database. */
  database: z.object({ bytes: count, sha256: z.string() }),
  /** Files in the folders of pictures, and their bytes. */
  pictures: z.object({ files: count, bytes: count }),
}

const summarySchema = z.discriminatedUnion('version', [
  z.object({ version: z.literal(1), ...contents }),
  /** Every other file of the backup is encrypted. */
  z.object({
    version: z.literal(2),
    ...contents,
    encryption: z.object({ cipher: z.literal('AES-256-GCM'), keyId: z.string() }),
    /** By the key, of all that stands before it. */
    seal: z.string(),
  }),
])

export type BackupSummary = z.infer<typeof summarySchema>

/** Null if the folder is no whole backup of a version that is known. */
export async function readSummary(folder: string): Promise<BackupSummary | null> {
  try {
    const parsed = summarySchema.safeParse(JSON.parse(await readFile(join(folder, SUMMARY_FILE), 'utf8')))
    return parsed.success ? parsed.data : null
  } catch (fault) {
    if (fault instanceof SyntaxError || isAbsent(fault)) return null
    throw fault
  }
}

/** The text of a summary; with a key, of a backup that is encrypted. */
export function summaryText(
  { at, database, pictures }: Pick<BackupSummary, 'at' | 'database' | 'pictures'>,
  key: BackupKey | null,
): string {
  if (key === null) return `${JSON.stringify({ version: 1, at, database, pictures })}\n`
  const encryption = { cipher: 'AES-256-GCM', keyId: key.id }
  const told = { version: 2, at, database, pictures, encryption }
  return `${JSON.stringify({ ...told, seal: key.seal(JSON.stringify(told)) })}\n`
}

/** Throws a `CommandFault` unless the backup is encrypted with this very key; null: with none. */
export function requireKey(backup: string, summary: BackupSummary, key: BackupKey | null): void {
  if (summary.version === 1) {
    if (key === null) return
    throw wrongUse(`the backup ${backup} is not encrypted: leave --key-file out`)
  }
  if (key === null) throw wrongUse(`the backup ${backup} is encrypted: give its key by --key-file`)
  if (key.id !== summary.encryption.keyId)
    throw wrongUse(`the backup ${backup} is encrypted with another key than that of --key-file`)
  const { seal, ...told } = summary
  const { version, at, database, pictures, encryption } = told
  const text = JSON.stringify({ version, at, database, pictures, encryption })
  if (!key.hasSealed(text, seal))
    throw new CommandFault(`the backup ${backup} is damaged: its backup.json was changed`)
}

/** Throws a `CommandFault` unless the file of the database is the one that the backup was made with. */
export async function requireDatabase(
  stored: string,
  { backup, summary }: { readonly backup: string; readonly summary: BackupSummary },
): Promise<void> {
  const { sha256 } = await sumOfFile(stored)
  if (sha256 === summary.database.sha256) return
  throw new CommandFault(`the backup ${backup} is damaged: its database is another one`)
}

/** Name of the file of the database in a backup. An encrypted one must not be taken for a data folder. */
export function databaseFileOf(key: BackupKey | null): string {
  return key === null ? DATABASE_FILE : `${DATABASE_FILE}.sealed`
}

export interface WholeBackup {
  /** Its folder. */
  readonly path: string
  readonly summary: BackupSummary
}

/** What this program has made in a folder of backups, and is whole, newest first; whatever else lies there is passed over. */
export async function wholeBackups(backups: string): Promise<readonly WholeBackup[]> {
  const entries = await readdir(backups, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory() && TIME_NAME.test(entry.name))
  const found: WholeBackup[] = []
  for (const { name } of names.toSorted((one, other) => (one.name < other.name ? 1 : -1))) {
    const path = join(backups, name)
    const summary = await readSummary(path)
    if (summary !== null && nameOfTime(summary.at) === name && (await hasDatabase(path, summary)))
      found.push({ path, summary })
  }
  return found
}

export function nameOfTime(at: string): string {
  return at.replaceAll(':', '-')
}

/** Whether the name is that of a backup which was being made or removed. */
export function isLeftover(name: string): boolean {
  return [PARTIAL, REMOVING].some(
    (start) => name.startsWith(start) && TIME_NAME.test(name.slice(start.length)),
  )
}

async function hasDatabase(path: string, { version, database }: BackupSummary): Promise<boolean> {
  const file = version === 1 ? DATABASE_FILE : `${DATABASE_FILE}.sealed`
  const found = await lstat(join(path, file)).catch(() => null)
  return found?.isFile() === true && found.size === database.bytes
}

/** Length and SHA-256 of a file, read in pieces. */
export async function sumOfFile(file: string): Promise<BackupSummary['database']> {
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(createReadStream(file), async (pieces: AsyncIterable<Buffer>) => {
    for await (const piece of pieces) {
      bytes += piece.byteLength
      hash.update(piece)
    }
  })
  return { bytes, sha256: hash.digest('hex') }
}

export function isAbsent(fault: unknown): boolean {
  return codeOf(fault) === 'ENOENT' || codeOf(fault) === 'ENOTDIR'
}

export function codeOf(fault: unknown): unknown {
  return fault instanceof Error && 'code' in fault ? fault.code : undefined
}
