import { InvalidField } from '../fields/invalid-field.ts'
import type { ArchiveFile } from './archive-item.ts'

/** The bytes of a file that is to be a picture. Throws `InvalidField`, and what its archive throws. */
export async function readPicture(file: ArchiveFile, maxBytes: number): Promise<Buffer> {
  const tooLarge = new InvalidField('picture', `must have at most ${maxBytes} bytes`)
  if (file.bytes > maxBytes) throw tooLarge
  if (file.bytes === 0) throw new InvalidField('picture', 'is empty')
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of file.open()) {
    length += piece.length
    if (length > maxBytes) throw tooLarge
    pieces.push(piece)
  }
  const picture = Buffer.concat(pieces)
  if (isArchive(picture)) throw new InvalidField('picture', 'is an archive of its own, which is not unpacked')
  return picture
}

/** zip (also of office documents), gzip, 7z, rar, bzip2, xz, zstd; a tar says so in its header. */
const ARCHIVE_MAGICS = [
  '504b0304',
  '504b0506',
  '1f8b',
  '377abcaf271c',
  '526172211a07',
  '425a68',
  'fd377a585a00',
  '28b52ffd',
].map((hex) => Buffer.from(hex, 'hex'))
const TAR_MAGIC = Buffer.from('ustar')
const TAR_MAGIC_AT = 257

export function isArchive(bytes: Buffer): boolean {
  return (
    ARCHIVE_MAGICS.some((magic) => bytes.subarray(0, magic.length).equals(magic)) ||
    bytes.subarray(TAR_MAGIC_AT, TAR_MAGIC_AT + TAR_MAGIC.length).equals(TAR_MAGIC)
  )
}
