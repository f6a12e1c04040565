import { wrongUse } from '../server/command-fault.ts'
import type { ExportFormat } from './whole-export.ts'

const TAR = /\.tar$/i
/** Archives and packed files, none of which is written. */
const OTHER_ARCHIVE = /\.(zip|7z|rar|tgz|tbz2?|txz|tzst|gz|bz2|xz|zst|lz4?|br)$/i

/** Of an export whose format nobody says: a tar if the name ends so, else lines. */
export function formatOf(file: string): ExportFormat {
  return TAR.test(file) ? 'tar' : 'ndjson'
}

/** Throws if the name promises an archive that the file would not be: whoever keeps it would believe to have the pictures. */
export function refuseOtherArchive(file: string, format: ExportFormat): void {
  if (OTHER_ARCHIVE.test(file))
    throw wrongUse(
      `${file} would be no such archive: give a name that ends with .tar, for a tar with the pictures, or with .ndjson, for lines without them. To pack a tar, write it to standard output: semblance export - --format tar | gzip > NAME.tar.gz`,
    )
  if (TAR.test(file) && format !== 'tar')
    throw wrongUse(
      `${file} would be no tar: leave out --format ${format}, or give a name that ends with .ndjson`,
    )
}
