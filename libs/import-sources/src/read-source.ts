import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ArchiveFile } from './archive/archive-item.ts'
import { isForm, readForm } from './archive/read-form.ts'
import { readTar, unpackGzip } from './archive/read-tar.ts'
import { readZip, readZipFile, type ZipStreamReading } from './archive/read-zip.ts'
import { readTarEntries } from './archive/tar-entries.ts'
import { fileBytes } from './bytes/file-bytes.ts'
import { peek } from './bytes/peek.ts'
import { type ByteSource, readBytes } from './bytes/read-bytes.ts'
import { encodingSaid } from './csv/csv-encoding.ts'
import { EXPORT_HEAD } from './export/export-layout.ts'
import { InvalidField } from './fields/invalid-field.ts'
import { fileBelow } from './folder/file-below.ts'
import { rowsAlone, rowsBeside, rowsLinked } from './folder/rows-beside.ts'
import { walkFolder } from './folder/walk-folder.ts'
import { archiveRows, missingManifest } from './layout/archive-rows.ts'
import { requireManifestFirst } from './layout/late-manifest.ts'
import { manifestKindOf } from './layout/layout.ts'
import { readManifest } from './layout/manifest-join.ts'
import { boundsOf } from './reading.ts'
import { SourceFault } from './source-fault.ts'
import { detectKind, HEAD_BYTES, type SaidKind, type SourceKind } from './source-kind.ts'
import type { SourceItem } from './source-row.ts'

export interface SourceReading extends ZipStreamReading, SaidKind {
  /** The link of a file by its path beside a manifest that came alone; left out: there are no files. */
  readonly linkOf?: (path: string) => string
}

/** The rows of an HTTP body or another stream, whatever it is. Throws `SourceFault`, and the signal's reason. */
export async function* readSource(
  source: ByteSource,
  reading: SourceReading = {},
): AsyncGenerator<SourceItem> {
  if (isForm(reading.contentType)) {
    yield* readForm(source, reading.contentType, reading)
    return
  }
  const encoding = reading.encoding ?? encodingSaid(reading.contentType)
  const read = encoding === undefined ? reading : { ...reading, encoding }
  const { linkOf } = reading
  const withFiles: WithFiles = linkOf === undefined ? rowsAlone : (items) => rowsLinked(items, linkOf)
  yield* readStream(readBytes(source, read), read, withFiles)
}

type WithFiles = (items: AsyncGenerator<SourceItem>) => AsyncGenerator<SourceItem>

async function* readStream(
  pieces: AsyncGenerator<Buffer>,
  reading: SourceReading,
  withFiles: WithFiles,
): AsyncGenerator<SourceItem> {
  try {
    const { head, all } = await peek(pieces, HEAD_BYTES)
    const kind = detectKind(head, reading)
    if (kind === 'gzip') yield* readGzip(all, reading, withFiles)
    else yield* readKind(all, kind, { reading, withFiles })
  } finally {
    // Lets go of a source that nobody began to read; not waited for, since a silent source does not answer.
    pieces.return(undefined).catch(() => {})
  }
}

/** The rows of a tar or a manifest in a gzip. */
async function* readGzip(
  pieces: AsyncGenerator<Buffer>,
  said: SourceReading,
  withFiles: WithFiles,
): AsyncGenerator<SourceItem> {
  const reading = withinGzip(said)
  const { head, all } = await peek(unpackGzip(pieces, boundsOf(reading)), HEAD_BYTES)
  const kind = detectKind(head, reading)
  if (kind === 'gzip' || kind === 'zip') {
    throw new SourceFault('not-readable', `it is a ${kind} within a gzip, which is not unpacked`)
  }
  yield* readKind(all, kind, { reading, withFiles })
}

/** What is said of the contents of a gzip. */
function withinGzip({ contentType: _ofTheGzip, fileName, ...others }: SourceReading): SourceReading {
  const innerName = fileName?.replace(/\.gz$/i, '').replace(/\.tgz$/i, '.tar')
  return innerName === undefined ? others : { ...others, fileName: innerName }
}

function readKind(
  pieces: AsyncGenerator<Buffer>,
  kind: Exclude<SourceKind, 'gzip'>,
  { reading, withFiles }: { readonly reading: SourceReading; readonly withFiles: WithFiles },
): AsyncGenerator<SourceItem> {
  switch (kind) {
    case 'zip':
      return readZip(pieces, reading)
    case 'tar':
      return readTar(pieces, reading)
    case 'csv':
    case 'ndjson':
      return withFiles(readManifest(kind, pieces, reading))
  }
}

export interface FolderReading extends SourceReading {
  /** Takes some files of a folder; the others are as if they were not there. It gets the path below the folder. */
  readonly only?: (path: string) => Promise<boolean>
  /** A tar is looked through before its first row is given: this is told how far that is, after each piece of 64 KB. */
  readonly onLook?: (look: Look) => void
}

/** How many bytes of a file were looked through, of how many. */
export interface Look {
  readonly bytes: number
  readonly total: number
}

/**
 * The rows of a folder, an archive or a manifest on this machine. A manifest may name files of its own folder. Nothing that
 * a symbolic link of the folder leads to outside is read. Throws `SourceFault`, and the signal's reason.
 */
export async function* readSourceAt(path: string, reading: FolderReading = {}): AsyncGenerator<SourceItem> {
  const place = await found(path)
  if (place.isFolder) {
    yield* readFolder(place.path, reading)
    return
  }
  if (reading.only !== undefined) throw notByFiles()
  const file = await open(place.path)
  try {
    yield* readFile(file, { fileName: path, ...reading }, dirname(place.path))
  } finally {
    await file.close()
  }
}

async function found(path: string): Promise<{ readonly path: string; readonly isFolder: boolean }> {
  try {
    const place = await realpath(path)
    const stats = await stat(place)
    if (stats.isFile() || stats.isDirectory()) return { path: place, isFolder: stats.isDirectory() }
  } catch (cause) {
    throw new SourceFault('not-readable', 'there is no such file or folder, or it may not be read', cause)
  }
  throw new SourceFault('not-readable', 'it is neither a file nor a folder')
}

async function* readFolder(root: string, reading: FolderReading): AsyncGenerator<SourceItem> {
  const bounds = boundsOf(reading)
  const layout = reading.layout ?? { by: 'auto' }
  if (layout.by === 'auto') await refuseUnpackedExport(root)
  const manifest = layout.by === 'auto' || layout.by === 'manifest' ? await findManifest(root) : null
  if (manifest !== null) {
    if (reading.only !== undefined) throw notByFiles()
    const items = readManifest(manifestKindOf(manifest.path) ?? 'csv', manifest.open(), reading)
    yield* rowsBeside(items, { root, pictureBytes: bounds.pictureBytes })
    return
  }
  if (layout.by === 'manifest') throw missingManifest()
  const items = walkFolder({ root, bounds, signal: reading.signal, only: reading.only })
  yield* archiveRows(items, { ...reading, layout: layout.by === 'auto' ? { by: 'folders' } : layout })
}

function notByFiles(): SourceFault {
  return new SourceFault('not-readable', 'only a folder without a manifest can be taken file by file')
}

/** Its pictures would become those of persons who are called by their ids. */
async function refuseUnpackedExport(root: string): Promise<void> {
  if ((await fileBelow({ root, path: EXPORT_HEAD }, 0)) instanceof InvalidField) return
  throw new SourceFault('not-readable', 'it is an export that was unpacked; give the tar itself')
}

async function findManifest(root: string): Promise<ArchiveFile | null> {
  for (const path of ['manifest.csv', 'manifest.ndjson']) {
    const file = await fileBelow({ root, path }, 0)
    if (!(file instanceof InvalidField)) return file
  }
  return null
}

async function* readFile(file: FileHandle, reading: FolderReading, root: string): AsyncGenerator<SourceItem> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
  if (detectKind(buffer.subarray(0, bytesRead), reading) === 'zip') {
    yield* readZipFile(file, reading)
    return
  }
  const { pictureBytes } = boundsOf(reading)
  const bytes = () => readBytes(fileBytes(file), reading)
  if ((reading.layout?.by ?? 'auto') === 'auto') {
    const { size: total } = await file.stat()
    await refuseLateManifest(told(bytes(), total, reading.onLook), reading)
  }
  yield* readStream(bytes(), reading, (items) => rowsBeside(items, { root, pictureBytes }))
}

async function* told(
  pieces: AsyncGenerator<Buffer>,
  total: number,
  onLook: FolderReading['onLook'],
): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const piece of pieces) {
    bytes += piece.length
    onLook?.({ bytes, total })
    yield piece
  }
}

/** A tar in a gzip is unpacked for this, and again for its rows. What else is wrong is told where the rows end. */
async function refuseLateManifest(pieces: AsyncGenerator<Buffer>, reading: SourceReading): Promise<void> {
  try {
    const head = await peek(pieces, HEAD_BYTES)
    const isGzip = detectKind(head.head, reading) === 'gzip'
    const unpacked = isGzip ? await peek(unpackGzip(head.all, boundsOf(reading)), HEAD_BYTES) : head
    if (detectKind(unpacked.head, isGzip ? withinGzip(reading) : reading) !== 'tar') return
    await requireManifestFirst(readTarEntries(unpacked.all, boundsOf(reading)))
  } catch (fault) {
    const isToldLater =
      fault instanceof SourceFault && (fault.code === 'truncated' || fault.code === 'damaged')
    if (!isToldLater) throw fault
  } finally {
    pieces.return(undefined).catch(() => {})
  }
}
