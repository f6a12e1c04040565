/** What a source may have at most. All are bytes or counts. */
export interface SourceBounds {
  /** Bytes of one row of a CSV, and of one line of NDJSON beside its picture. */
  readonly rowBytes: number
  /** Columns of a CSV. */
  readonly columns: number
  /** Bytes of one picture. */
  readonly pictureBytes: number
  /** Entries of an archive, or files and folders of a folder, those that are passed over included. */
  readonly entries: number
  /** Entries of an export in a tar: two for each image. Nothing is held from one to the next. */
  readonly exportEntries: number
  /** Bytes of the whole source, unpacked. */
  readonly unpackedBytes: number
  /** Unpacked bytes for each packed one. Does not count up to `FREE_UNPACKED_BYTES`. */
  readonly ratio: number
  /** Bytes of a manifest within an archive, which holds the rows until their files have come. */
  readonly manifestBytes: number
  /** Bytes of memory that the rows of such a manifest may take which wait for their files, as `HeldRows` estimates them. */
  readonly heldRowBytes: number
  /** Bytes of a zip that is put into a temporary file. */
  readonly spoolBytes: number
}

/** Small sources may be packed as tightly as they like: `ratio` counts beyond so many unpacked bytes. */
export const FREE_UNPACKED_BYTES = 100_000_000

/**
 * All are ours. A row has room for metadata (64 KB), a link (8 KB) and groups several times over. A picture may have what
 * the API takes (20 MB). Photos do not get much smaller in an archive, BMP files of drawings do by 100. A manifest of 32 MB
 * of usual rows (64 bytes) takes 128 MB; a gateway of the chart has 1 GB.
 */
export const DEFAULT_SOURCE_BOUNDS: SourceBounds = {
  rowBytes: 262_144,
  columns: 1_000,
  pictureBytes: 20_000_000,
  entries: 1_000_000,
  exportEntries: 100_000_000,
  unpackedBytes: 1_000_000_000_000,
  ratio: 100,
  manifestBytes: 32_000_000,
  heldRowBytes: 128_000_000,
  spoolBytes: 100_000_000_000,
}
