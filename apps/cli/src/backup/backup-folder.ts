import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'

/** The file that says what a backup holds. A folder without it is no backup. */
export const SUMMARY_FILE = 'backup.json'
export const DATABASE_FILE = 'semblance.sqlite'
/** Folders of pictures, each of which has one file a picture. */
export const PICTURE_FOLDERS = ['pictures', 'staged'] as const
/** What the name of a backup that is being made begins with. */
export const PARTIAL = '.partial-'

const count = z.int().min(0)

/** Version 1 of a backup. Sums of pictures are in their records, inside the database. */
const summarySchema = z.object({
  version: z.literal(1),
  /** When it was begun; ISO 8601. */
  at: z.iso.datetime(),
  database: z.object({ bytes: count, sha256: z.string() }),
  /** Files in the folders of pictures, and their bytes. */
  pictures: z.object({ files: count, bytes: count }),
})

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

/** The newest whole backup in a folder of backups; null if there is none. */
export async function newestBackup(backups: string): Promise<string | null> {
  const names = (await readdir(backups)).filter((name) => !name.startsWith('.'))
  for (const name of names.toSorted().toReversed())
    if ((await readSummary(join(backups, name))) !== null) return join(backups, name)
  return null
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
