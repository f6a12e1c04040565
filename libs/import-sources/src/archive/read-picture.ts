import { InvalidField } from '../fields/invalid-field.ts'
import type { ArchiveFile } from './archive-item.ts'
import { archiveKindOf } from './magics.ts'

/** The bytes of a file that is to be a picture. Throws `InvalidField`, and what its archive throws. */
export async function readPicture(file: ArchiveFile, maxBytes: number): Promise<Buffer> {
  const tooLarge = new InvalidField('picture', `must have at most ${maxBytes} bytes`)
  if (file.bytes !== null && file.bytes > maxBytes) throw tooLarge
  if (file.bytes === 0) throw new InvalidField('picture', 'is empty')
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of file.open()) {
    length += piece.length
    if (length > maxBytes) throw tooLarge
    pieces.push(piece)
  }
  if (length === 0) throw new InvalidField('picture', 'is empty')
  const picture = Buffer.concat(pieces)
  if (archiveKindOf(picture) !== null)
    throw new InvalidField('picture', 'is an archive of its own, which is not unpacked')
  return picture
}
