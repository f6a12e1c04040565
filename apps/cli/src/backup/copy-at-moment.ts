import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '@semblance/files'
import { type AcceptMoment, copyDatabase } from '@semblance/store-local'
import { DATABASE_FILE } from './backup-folder.ts'
import {
  type Copied,
  type CopiedFile,
  copyFolder,
  copySome,
  count,
  type PictureCopy,
} from './copy-pictures.ts'

/** Each fails only if a picture was staged, and its row had ended, within the fraction of a second between two steps. */
const MOST_MOMENTS = 20

/**
 * Copies the database to `database` as it is at one moment, and each staged picture that a row of an import waits for at that
 * moment. A server that runs removes a staged picture as soon as its row has ended. So most are copied before, what came
 * meanwhile at the moment itself, and another moment is taken if one of those had gone by then.
 */
export async function copyAtMoment(copy: PictureCopy, database: string): Promise<Copied> {
  const files = new Map<string, CopiedFile>()
  const keep = (copied: readonly CopiedFile[]) => {
    for (const file of copied) files.set(file.id, file)
  }
  const select = async (ids: readonly string[]) => ids.filter((id) => !files.has(id))
  let needed: ReadonlySet<string> = new Set()
  const missedBefore = new Set<string>()
  for (let moment = 1; ; moment++) {
    keep(await copyFolder({ ...copy, select }, 'staged'))
    const accept: AcceptMoment = async (ids) => {
      needed = new Set(ids)
      keep(await copySome(copy, { kind: 'staged', ids: await select(ids) }))
      const missing = await select(ids)
      // One that its row waits for still was lost before the backup began; a look at the copy names it.
      const areLost = missing.every((id) => missedBefore.has(id))
      for (const id of missing) missedBefore.add(id)
      return areLost || moment === MOST_MOMENTS
    }
    if (await copyDatabase(join(copy.from, DATABASE_FILE), database, accept)) break
  }
  return withoutGone(copy, { files, needed })
}

/** What was removed since it was copied, before the moment, goes from the backup, too: its person was perhaps deleted. */
async function withoutGone(
  { from, to }: Pick<PictureCopy, 'from' | 'to'>,
  {
    files,
    needed,
  }: { readonly files: ReadonlyMap<string, CopiedFile>; readonly needed: ReadonlySet<string> },
): Promise<Copied> {
  const copied: Copied = { files: 0, bytes: 0, linked: 0 }
  const changed = new Set<string>()
  for (const file of files.values()) {
    const { id, part } = file
    if (needed.has(id) || existsSync(join(from, part, id))) count(copied, file)
    else {
      await rm(join(to, part, id))
      changed.add(join(to, part))
    }
  }
  for (const part of changed) await syncFolder(part)
  return copied
}
