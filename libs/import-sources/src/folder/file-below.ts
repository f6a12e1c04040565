import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import type { ArchiveFile } from '../archive/archive-item.ts'
import { InvalidField } from '../fields/invalid-field.ts'

/** Without waiting for the other end of a pipe, without making a terminal ours, and without going where a link leads. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW

export interface FileBelow {
  /** Free of symbolic links. */
  readonly root: string
  /** Below the root, as `judgePath` gives it. */
  readonly path: string
}

/** A regular file of a folder, or what is wrong with it. A symbolic link counts as what it leads to, within the root. */
export async function fileBelow(
  { root, path }: FileBelow,
  position: number,
): Promise<ArchiveFile | InvalidField> {
  try {
    const place = await realpath(join(root, path))
    if (!isBelow(place, root)) return new InvalidField('picture', 'is a symbolic link that leads outside')
    const { size } = await regular(await stat(place))
    return { kind: 'file', position, path, bytes: size, open: () => contentsOf(place) }
  } catch (error) {
    return error instanceof InvalidField ? error : new InvalidField('picture', whyOf(error))
  }
}

function whyOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return code === 'ENOENT' || code === 'ENOTDIR' ? 'is not there' : 'cannot be read'
}

async function regular<Stats extends { isFile(): boolean }>(stats: Stats): Promise<Stats> {
  if (stats.isFile()) return stats
  throw new InvalidField('picture', 'is no regular file')
}

/** What was opened counts, in case something else was put there since. */
async function* contentsOf(place: string): AsyncGenerator<Buffer> {
  const file = await opened(place)
  try {
    await regular(await file.stat())
    yield* file.createReadStream({ autoClose: false })
  } catch (error) {
    throw error instanceof InvalidField ? error : new InvalidField('picture', 'cannot be read')
  } finally {
    await file.close()
  }
}

async function opened(place: string): Promise<FileHandle> {
  try {
    return await open(place, OPEN_FLAGS)
  } catch (error) {
    throw new InvalidField('picture', whyOf(error))
  }
}

function isBelow(place: string, root: string): boolean {
  const way = relative(root, place)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
