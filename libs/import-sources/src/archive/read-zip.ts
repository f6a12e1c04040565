import type { FileHandle } from 'node:fs/promises'
import { type ByteSource, readBytes } from '../bytes/read-bytes.ts'
import { archiveRows } from '../layout/archive-rows.ts'
import { manifestKindOf } from '../layout/layout.ts'
import type { LayoutReading } from '../layout/layout-reading.ts'
import { boundsOf } from '../reading.ts'
import type { SourceItem } from '../source-row.ts'
import type { ArchiveFile, ArchiveItem } from './archive-item.ts'
import { spoolFile } from './spool-file.ts'
import { readZipEntries } from './zip-entries.ts'

export interface ZipStreamReading extends LayoutReading {
  /** Where a zip that comes as a stream is put; that of the system for temporary files if left out. */
  readonly spoolFolder?: string
}

/**
 * The rows of a zip. What is in a zip stands at its end, and what stands before that is not to be trusted: so all of it
 * goes into a temporary file first. Throws `SourceFault`, and the signal's reason.
 */
export async function* readZip(
  source: ByteSource,
  reading: ZipStreamReading = {},
): AsyncGenerator<SourceItem> {
  const file = await spoolFile(readBytes(source, reading), boundsOf(reading), reading.spoolFolder)
  try {
    yield* readZipFile(file, reading)
  } finally {
    await file.close()
  }
}

/** The rows of a zip that is there as a file, which stays open. Its manifest may stand anywhere. Throws as `readZip` does. */
export async function* readZipFile(
  file: FileHandle,
  reading: LayoutReading = {},
): AsyncGenerator<SourceItem> {
  const bounds = boundsOf(reading)
  const entries = () => readZipEntries(file, { bounds, signal: reading.signal })
  const by = reading.layout?.by ?? 'auto'
  const manifest = by === 'auto' || by === 'manifest' ? await findManifest(entries()) : null
  yield* archiveRows(entries(), reading, manifest)
}

async function findManifest(items: AsyncGenerator<ArchiveItem>): Promise<ArchiveFile | null> {
  for await (const item of items) {
    if (item.kind === 'file' && manifestKindOf(item.path) !== null) return item
  }
  return null
}
