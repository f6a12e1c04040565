export type { ByteSource } from './bytes/read-bytes.ts'
export type { CsvEncoding } from './csv/csv-encoding.ts'
export { type CsvReading, readCsvManifest } from './csv/csv-manifest.ts'
export { readNdjsonManifest } from './ndjson/ndjson-manifest.ts'
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
