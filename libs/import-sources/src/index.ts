export { readTar, readTarGz } from './archive/read-tar.ts'
export { readZip, readZipFile, type ZipStreamReading } from './archive/read-zip.ts'
export type { ByteSource } from './bytes/read-bytes.ts'
export type { CsvEncoding } from './csv/csv-encoding.ts'
export { type CsvReading, readCsvManifest } from './csv/csv-manifest.ts'
export {
  EXPORT_END,
  EXPORT_FORMAT,
  EXPORT_HEAD,
  EXPORT_VERSION,
  pathOfPicture,
  pathOfRecord,
} from './export/export-layout.ts'
export { inBatches } from './in-batches.ts'
export { isLateManifest } from './layout/late-manifest.ts'
export type { Layout } from './layout/layout.ts'
export type { LayoutReading } from './layout/layout-reading.ts'
export { type NamedParts, type NamePattern, readNamePattern } from './layout/name-pattern.ts'
export { rowOfPath } from './layout/row-of-path.ts'
export { readNdjsonManifest } from './ndjson/ndjson-manifest.ts'
export { type Look, readSource, readSourceAt, type SourceReading } from './read-source.ts'
export type { Reading } from './reading.ts'
export { DEFAULT_SOURCE_BOUNDS, type SourceBounds } from './source-bounds.ts'
export { SourceFault, type SourceFaultCode } from './source-fault.ts'
export type {
  SourceItem,
  SourceNote,
  SourcePerson,
  SourcePicture,
  SourceProblem,
  SourceRow,
} from './source-row.ts'
