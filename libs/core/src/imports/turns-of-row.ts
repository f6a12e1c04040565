import type { Import } from './import.ts'
import { type ImportRow, personKeyOf } from './import-row.ts'
import type { Turn } from './turns.ts'

interface RowOfImport {
  readonly made: Import
  readonly row: ImportRow
}

/**
 * Rows of different imports that mean the same person run one import after the other: the later ones find the person whom the
 * earlier ones have made, and the pictures. Rows of one import run side by side, since the store of imports settles whom they
 * make. Null: the row's person is known in its own import alone.
 */
export function turnOfPerson({ made, row }: RowOfImport): Turn | null {
  return row.person.by === 'key' ? null : { line: personKeyOf(row.person), group: made.id }
}

/**
 * Rows with the same picture of the same person run one after the other, where one of them is enough: nobody knows what becomes
 * of a picture before that. Null: the row has no such picture, or nobody has seen it yet, as one behind a link.
 */
export function turnOfPicture({ made, row }: RowOfImport): Turn | null {
  const isLink = row.picture?.from === 'link'
  if (row.pictureSha256 === null || isLink || made.policies.samePicture === 'enroll') return null
  const line = JSON.stringify([made.id, personKeyOf(row.person), row.pictureSha256])
  return { line, group: String(row.position) }
}
