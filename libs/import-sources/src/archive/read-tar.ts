import { type ByteSource, readBytes } from '../bytes/read-bytes.ts'
import { archiveRows } from '../layout/archive-rows.ts'
import type { LayoutReading } from '../layout/layout-reading.ts'
import { boundsOf } from '../reading.ts'
import type { SourceBounds } from '../source-bounds.ts'
import type { SourceItem } from '../source-row.ts'
import { gunzip } from './gunzip.ts'
import { readTarEntries } from './tar-entries.ts'
import { UnpackedSize } from './unpacked-size.ts'

/** The rows of a tar, as it comes. Throws `SourceFault`, and the signal's reason. */
export function readTar(source: ByteSource, reading: LayoutReading = {}): AsyncGenerator<SourceItem> {
  const bounds = boundsOf(reading)
  const size = new UnpackedSize(bounds)
  const packed = counted(readBytes(source, reading), (bytes) => size.addPacked(bytes))
  const unpacked = counted(packed, (bytes) => size.addUnpacked(bytes))
  return archiveRows(readTarEntries(unpacked, bounds), reading)
}

/** The rows of a tar in a gzip, as it comes. Throws as `readTar` does. */
export function readTarGz(source: ByteSource, reading: LayoutReading = {}): AsyncGenerator<SourceItem> {
  const bounds = boundsOf(reading)
  return archiveRows(readTarEntries(unpackGzip(readBytes(source, reading), bounds), bounds), reading)
}

/** The unpacked bytes of a gzip, within the bounds. */
export function unpackGzip(pieces: AsyncGenerator<Buffer>, bounds: SourceBounds): AsyncGenerator<Buffer> {
  const size = new UnpackedSize(bounds)
  const packed = counted(pieces, (bytes) => size.addPacked(bytes))
  return counted(gunzip(packed), (bytes) => size.addUnpacked(bytes))
}

async function* counted(
  pieces: AsyncGenerator<Buffer>,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    count(piece.length)
    yield piece
  }
}
