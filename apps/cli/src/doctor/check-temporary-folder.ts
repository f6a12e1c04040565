import { mkdtemp, rmdir, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Finding, fine, note, reasonOf, wrong } from './finding.ts'

export interface TemporarySettings {
  /** Also the most that a zip may have which is put into a temporary file while it is read. */
  readonly SEMBLANCE_IMPORT_STAGED_BYTES: number
}

const PART = 'temporary files'

/** The folder of the system for temporary files: whether this user may make one there, and the room for a zip of an import. */
export async function checkTemporaryFolder(
  { SEMBLANCE_IMPORT_STAGED_BYTES: wantedBytes }: TemporarySettings,
  folder = tmpdir(),
): Promise<Finding> {
  try {
    // Rights alone do not tell of a disk that is read only, or on which no file can be made any more.
    await rmdir(await mkdtemp(join(folder, 'semblance-doctor-')))
    const { bavail, bsize } = await statfs(folder)
    const freeBytes = bavail * bsize
    const what = `${folder}: ${megabytes(freeBytes)} are free`
    if (freeBytes >= wantedBytes) return fine(PART, what)
    const advice = 'make room, set TMPDIR to a folder with more, or lower SEMBLANCE_IMPORT_STAGED_BYTES'
    return note(PART, `${what}, and a zip of an import may have ${megabytes(wantedBytes)}`, advice)
  } catch (fault) {
    const what = `nothing can be written to ${folder}, where a zip of an import lies while it is read: ${reasonOf(fault)}`
    return wrong(PART, what, 'let this user write there, or set TMPDIR to another folder')
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`
}
