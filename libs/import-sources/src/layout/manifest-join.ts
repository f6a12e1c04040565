import type { ArchiveFile } from '../archive/archive-item.ts'
import { judgePath } from '../archive/entry-path.ts'
import { readPicture } from '../archive/read-picture.ts'
import { readCsvManifest } from '../csv/csv-manifest.ts'
import { InvalidField } from '../fields/invalid-field.ts'
import { readNdjsonManifest } from '../ndjson/ndjson-manifest.ts'
import { boundsOf } from '../reading.ts'
import { SourceFault } from '../source-fault.ts'
import type { SourceItem, SourceProblem, SourceRow } from '../source-row.ts'
import { HeldRows } from './held-rows.ts'
import { type ManifestKind, manifestKindOf } from './layout.ts'
import type { LayoutReading } from './layout-reading.ts'

/**
 * The rows of a manifest that name files of its archive, held until these come; to be closed. `manifestBytes` bounds what is read
 * of them, and `heldRowBytes` what they take: short rows take many times their bytes.
 */
export class ManifestJoin {
  readonly #reading: LayoutReading
  /** By path, composed alike: macOS writes `é` in file names as two characters, people write it as one. */
  readonly #waiting: HeldRows
  readonly #came = new Set<string>()
  #unnamed = 0

  constructor(reading: LayoutReading) {
    this.#reading = reading
    this.#waiting = new HeldRows(boundsOf(reading).heldRowBytes, reading.heldRows)
  }

  /** Gives the rows that name no file, and what is wrong. */
  async *read(manifest: ArchiveFile, kind: ManifestKind): AsyncGenerator<SourceItem> {
    const { manifestBytes } = boundsOf(this.#reading)
    for await (const item of readManifest(kind, bounded(manifest, manifestBytes), this.#reading)) {
      if (item.kind !== 'row' || item.picture === undefined || !('file' in item.picture)) {
        yield item
        continue
      }
      const path = fileOf(item.picture.file)
      if (path === null) yield pictureProblem(item, 'leads outside of the archive')
      else this.#waiting.add(path, item)
    }
  }

  /** The rows of a file that has come. */
  async *rowsOf(file: ArchiveFile): AsyncGenerator<SourceItem> {
    const path = file.path.normalize('NFC')
    const rows = this.#waiting.take(path)
    if (rows === null) {
      if (manifestKindOf(path) === null && !this.#came.has(path)) this.#unnamed += 1
      return
    }
    this.#came.add(path)
    const picture = await readOrRefuse(file, boundsOf(this.#reading).pictureBytes)
    for (const row of rows) {
      yield picture instanceof InvalidField
        ? pictureProblem(row, picture.message)
        : { ...row, picture: { bytes: picture } }
    }
  }

  close(): void {
    this.#waiting.close()
  }

  /** What is left once the archive has ended. */
  *rest(): Generator<SourceItem> {
    for (const row of this.#waiting.rest()) yield pictureProblem(row, 'is not in the archive')
    if (this.#unnamed > 0) {
      yield { kind: 'note', message: `files that the manifest does not name: ${this.#unnamed}` }
    }
  }
}

export function readManifest(
  kind: ManifestKind,
  bytes: AsyncIterable<Uint8Array>,
  reading: LayoutReading,
): AsyncGenerator<SourceItem> {
  return kind === 'csv' ? readCsvManifest(bytes, reading) : readNdjsonManifest(bytes, reading)
}

async function* bounded(manifest: ArchiveFile, maxBytes: number): AsyncGenerator<Buffer> {
  let length = 0
  try {
    for await (const piece of manifest.open()) {
      length += piece.length
      if (length > maxBytes) {
        throw new SourceFault('too-large', `a manifest within an archive may have ${maxBytes} bytes at most`)
      }
      yield piece
    }
  } catch (error) {
    throw error instanceof InvalidField ? new SourceFault('damaged', 'the manifest is damaged', error) : error
  }
}

/** Null for a name that no file of an archive can have. */
function fileOf(name: string): string | null {
  const judged = judgePath(Buffer.from(name.replaceAll('\\', '/')))
  return judged.kind === 'path' ? judged.path.normalize('NFC') : null
}

async function readOrRefuse(file: ArchiveFile, maxBytes: number): Promise<Buffer | InvalidField> {
  try {
    return await readPicture(file, maxBytes)
  } catch (error) {
    if (error instanceof InvalidField) return error
    throw error
  }
}

export function pictureProblem({ key, position, person }: SourceRow, message: string): SourceProblem {
  return { kind: 'problem', key, position, person, field: 'picture', message }
}
