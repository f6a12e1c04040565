import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of its own, of a few megabytes, in memory. */
export interface SmallDisk {
  readonly path: string
  /** Writes a file until so many bytes are left; 0: until nothing can be written any more. */
  fill(leaveBytes: number): Promise<void>
  /** Removes that file. */
  empty(): Promise<void>
  remove(): void
}

/** Needs the right to mount; else `skipped` says so. */
export function openSmallDisk(megabytes: number): SmallDisk | { readonly skipped: string } {
  const path = mkdtempSync(join(tmpdir(), 'semblance-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'pipe' })
  } catch (error) {
    rmSync(path, { recursive: true })
    return { skipped: `a small disk cannot be mounted here (${String((error as Error).message).trim()})` }
  }
  const filler = join(path, 'filler')
  return {
    path,
    fill: (leaveBytes) => fill(path, filler, leaveBytes),
    empty: () => rm(filler, { force: true }),
    remove: () => {
      execFileSync('umount', ['-l', path])
      rmSync(path, { recursive: true })
    },
  }
}

const PIECE = Buffer.alloc(64 * 1024, 1)

async function fill(path: string, filler: string, leaveBytes: number): Promise<void> {
  const file = await open(filler, 'a')
  try {
    while ((await freeBytes(path)) > leaveBytes) await file.write(PIECE)
    for (let size = PIECE.length; leaveBytes === 0 && size >= 1; size >>= 1) await file.write(PIECE, 0, size)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    await file.close()
  }
}

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}
