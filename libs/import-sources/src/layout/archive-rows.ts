import type { ArchiveFile, ArchiveItem } from '../archive/archive-item.ts'
import { readPicture } from '../archive/read-picture.ts'
import { EXPORT_HEAD } from '../export/export-layout.ts'
import { exportRows } from '../export/export-rows.ts'
import { InvalidField } from '../fields/invalid-field.ts'
import { makeRow, problemAt } from '../fields/make-row.ts'
import { boundsOf } from '../reading.ts'
import { SourceFault } from '../source-fault.ts'
import type { SourceItem, SourceProblem } from '../source-row.ts'
import { lateManifest } from './late-manifest.ts'
import { fieldsOfPath, type Layout, manifestKindOf, personOfPath } from './layout.ts'
import type { LayoutReading } from './layout-reading.ts'
import { hasPictureName, looksLikePicture } from './looks-like-picture.ts'
import { ManifestJoin } from './manifest-join.ts'
import { PassedOver } from './passed-over.ts'

type PathLayout = Exclude<Layout, { readonly by: 'auto' | 'manifest' }>

/**
 * The rows of an archive that comes in its own order. Its manifest must then be its first file: what comes before would have
 * to be held. `manifest` is given where it could be looked up before.
 */
export async function* archiveRows(
  items: AsyncGenerator<ArchiveItem>,
  reading: LayoutReading,
  manifest: ArchiveFile | null = null,
): AsyncGenerator<SourceItem> {
  const join = new ManifestJoin(reading)
  try {
    yield* rowsOf(items, { reading, join, manifest })
  } finally {
    join.close()
  }
}

async function* rowsOf(
  items: AsyncGenerator<ArchiveItem>,
  given: {
    readonly reading: LayoutReading
    readonly join: ManifestJoin
    readonly manifest: ArchiveFile | null
  },
): AsyncGenerator<SourceItem> {
  const { reading, join, manifest } = given
  const layout = reading.layout ?? { by: 'auto' }
  let plan = layout.by === 'auto' || layout.by === 'manifest' ? null : layout
  let hasManifest = false
  const passedOver = new PassedOver()
  if (plan === null && manifest !== null) {
    hasManifest = true
    yield* join.read(manifest, manifestKindOf(manifest.path) ?? 'csv')
  }
  for await (const item of items) {
    if (layout.by === 'auto' && plan === null && !hasManifest && isExportHead(item)) {
      yield* exportRows(item, items, reading)
      return
    }
    if (item.kind === 'problem') {
      yield !hasManifest && layout.by !== 'manifest' ? withPerson(item, plan ?? { by: 'folders' }) : item
    } else if (hasManifest) {
      yield* join.rowsOf(item)
    } else {
      const kind = plan === layout ? null : manifestKindOf(item.path)
      if (kind !== null && plan === null) {
        hasManifest = true
        yield* join.read(item, kind)
        continue
      }
      if (layout.by === 'manifest') throw missingManifest()
      if (kind !== null) throw lateManifest()
      plan ??= { by: 'folders' }
      const row = await rowOf(item, plan, boundsOf(reading).pictureBytes)
      if (row === null) passedOver.add(item.path)
      else yield row
    }
  }
  yield* passedOver.notes()
  if (hasManifest) yield* join.rest()
  else if (layout.by === 'manifest') throw missingManifest()
}

/** An export says what it is in its first file. */
function isExportHead(item: ArchiveItem): item is ArchiveFile {
  return item.kind === 'file' && item.path === EXPORT_HEAD
}

export function missingManifest(): SourceFault {
  return new SourceFault(
    'not-readable',
    'manifest.csv or manifest.ndjson must be at the top of the archive, and in a tar its first file',
  )
}

/** An entry that is no file of ours still has the path by which a person is named, as its key. */
function withPerson(problem: SourceProblem, layout: PathLayout): SourceProblem {
  const person = personOfPath(problem.key, layout)
  return person === undefined ? problem : { ...problem, person }
}

/** Null for a file that neither its name nor its first bytes call a picture. */
async function rowOf(file: ArchiveFile, layout: PathLayout, maxBytes: number): Promise<SourceItem | null> {
  const place = { unit: 'entry', position: file.position } as const
  try {
    // A manifest that the layout does not heed is a mistake, and is told as one.
    const isNamed = hasPictureName(file.path) || manifestKindOf(file.path) !== null
    // An empty file of another name, such as `.gitkeep`.
    if (!isNamed && file.bytes === 0) return null
    // What has the name of a picture need not be read where nobody knows whose it is.
    if (isNamed) fieldsOfPath(file.path, layout)
    const bytes = await readPicture(file, maxBytes)
    if (!isNamed && !looksLikePicture(bytes)) return null
    return makeRow({ ...fieldsOfPath(file.path, layout), picture: { bytes } }, place)
  } catch (error) {
    if (!(error instanceof InvalidField)) throw error
    const person = personOfPath(file.path, layout)
    return problemAt({ ...place, key: file.path, person }, error.field, error.message)
  }
}
