import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import type { Waiting } from '@semblance/core'
import type { ArchiveItem } from '../archive/archive-item.ts'
import { judgePath } from '../archive/entry-path.ts'
import { InvalidField } from '../fields/invalid-field.ts'
import { problemAt } from '../fields/make-row.ts'
import type { SourceBounds } from '../source-bounds.ts'
import { SourceFault } from '../source-fault.ts'
import { fileBelow } from './file-below.ts'

export interface FolderWalk extends Waiting {
  readonly bounds: SourceBounds
  /** Free of symbolic links. */
  readonly root: string
  /** Files for which it says no are as if they were not there; it gets the path below the root. */
  readonly only?: ((path: string) => Promise<boolean>) | undefined
}

/**
 * The files of a folder and of those in it, each by the bytes of its name: the same order each time. The names of one
 * folder, and of those above it, are held. Symbolic links to files count as these, within the root; those to folders are
 * problems. Throws `SourceFault`, and the signal's reason.
 */
export async function* walkFolder(walk: FolderWalk): AsyncGenerator<ArchiveItem> {
  const counter = { position: 0 }
  const top = await namesIn(Buffer.from(walk.root))
  if (top === null) throw new SourceFault('not-readable', 'the folder cannot be read')
  yield* itemsOf(top, { walk, counter, above: '' })
}

interface Level {
  readonly walk: FolderWalk
  readonly counter: { position: number }
  /** Path below the root, with `/` at its end; empty for the root. */
  readonly above: string
}

async function* itemsOf(names: readonly Dirent<Buffer>[], level: Level): AsyncGenerator<ArchiveItem> {
  const { walk, counter, above } = level
  for (const entry of names) {
    walk.signal?.throwIfAborted()
    counter.position += 1
    if (counter.position > walk.bounds.entries) {
      throw new SourceFault('too-large', `the folder has more than ${walk.bounds.entries} files and folders`)
    }
    const place = { unit: 'entry', position: counter.position } as const
    const judged = judgePath(Buffer.concat([Buffer.from(above), entry.name]))
    if (judged.kind === 'refused') yield problemAt(place, 'entry', judged.why)
    if (judged.kind !== 'path') continue
    if (!entry.isDirectory()) {
      if (walk.only !== undefined && !(await walk.only(judged.path))) continue
      yield await fileItem(entry, { root: walk.root, path: judged.path, position: counter.position })
      continue
    }
    const inner = await namesIn(Buffer.from(`${walk.root}/${judged.path}`))
    if (inner === null)
      yield problemAt({ ...place, key: judged.path }, 'entry', 'is a folder that cannot be read')
    else yield* itemsOf(inner, { ...level, above: `${judged.path}/` })
  }
}

/** Null for a folder that cannot be read. */
async function namesIn(folder: Buffer): Promise<readonly Dirent<Buffer>[] | null> {
  try {
    const names = await readdir(folder, { encoding: 'buffer', withFileTypes: true })
    return names.sort((one, other) => Buffer.compare(one.name, other.name))
  } catch {
    return null
  }
}

async function fileItem(
  entry: Dirent<Buffer>,
  { root, path, position }: { readonly root: string; readonly path: string; readonly position: number },
): Promise<ArchiveItem> {
  const place = { unit: 'entry', position, key: path } as const
  if (!entry.isFile() && !entry.isSymbolicLink()) return problemAt(place, 'entry', 'is no regular file')
  const file = await fileBelow({ root, path }, position)
  return file instanceof InvalidField ? problemAt(place, 'entry', file.message) : file
}
