import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SourceBounds } from '../source-bounds.ts'
import { SourceFault } from '../source-fault.ts'

/**
 * Puts the pieces into a file of the folder, by default that of the system for temporary files, and answers it opened for
 * reading. Its name is taken away at once, so that nothing is left of it once it is closed, or its process has died. Faults:
 * `too-large`, `spool-failed`, `spool-full`, and those of the pieces.
 */
export async function spoolFile(
  pieces: AsyncGenerator<Buffer>,
  { spoolBytes }: Pick<SourceBounds, 'spoolBytes'>,
  folder: string = tmpdir(),
): Promise<FileHandle> {
  const file = await failing(openNameless(folder))
  try {
    let length = 0
    for await (const piece of pieces) {
      length += piece.length
      if (length > spoolBytes) throw new SourceFault('too-large', `the zip has more than ${spoolBytes} bytes`)
      await failing(file.appendFile(piece))
    }
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

async function openNameless(folder: string): Promise<FileHandle> {
  const place = await mkdtemp(join(folder, 'semblance-import-'))
  try {
    return await open(join(place, 'source.zip'), 'wx+', 0o600)
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

async function failing<T>(step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (cause) {
    throw spoolFault(cause)
  }
}

/** The codes of a full disk, and of a user who has no more room on it. */
const DISK_FULL = new Set(['ENOSPC', 'EDQUOT'])

export function spoolFault(cause: unknown): SourceFault {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return DISK_FULL.has(code)
    ? new SourceFault(
        'spool-full',
        'the disk for temporary files is full, where a zip lies while it is read',
        cause,
      )
    : new SourceFault('spool-failed', 'the zip could not be put into a temporary file', cause)
}
