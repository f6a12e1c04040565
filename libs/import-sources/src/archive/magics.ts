const TAR_MAGIC = Buffer.from('ustar')
const TAR_MAGIC_AT = 257

const ARCHIVES: readonly (readonly [string, 'zip' | 'gzip' | 'other'])[] = [
  ['504b0304', 'zip'],
  // A zip without entries, and one that was to be split.
  ['504b0506', 'zip'],
  ['504b0708', 'zip'],
  ['1f8b', 'gzip'],
  // 7z, rar, xz, zstd, bzip2.
  ['377abcaf271c', 'other'],
  ['526172211a07', 'other'],
  ['fd377a585a00', 'other'],
  ['28b52ffd', 'other'],
  ['425a68', 'other'],
]

/** JPEG, PNG, GIF: whoever sends one instead of an archive should hear so. */
const PICTURES = ['ffd8ff', '89504e47', '47494638']

/** By the first bytes; a tar tells itself 257 bytes on. Null for anything else. Office documents are zips. */
export function archiveKindOf(head: Buffer): 'zip' | 'gzip' | 'tar' | 'other' | null {
  const known = ARCHIVES.find(([magic]) => begins(head, magic))
  if (known !== undefined) return known[1]
  return head.subarray(TAR_MAGIC_AT, TAR_MAGIC_AT + TAR_MAGIC.length).equals(TAR_MAGIC) ? 'tar' : null
}

export function isPicture(head: Buffer): boolean {
  return PICTURES.some((magic) => begins(head, magic))
}

function begins(head: Buffer, magic: string): boolean {
  return head.subarray(0, magic.length / 2).toString('hex') === magic
}
