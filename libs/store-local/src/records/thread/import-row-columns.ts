/** The columns of `FlatRow`. */
export const IMPORT_ROW_COLUMNS = `position, key, personKey, fields, stagedId, stagedBytes, link, digest, pictureSha256,
  tries, imageId, outcomeKind, outcome, endedAt`

/** Sets all that a row consists of, but for its place and its claim. */
export const IMPORT_ROW_ASSIGNMENTS = `key = :key, personKey = :personKey, fields = :fields, stagedId = :stagedId,
  stagedBytes = :stagedBytes, link = :link, digest = :digest, pictureSha256 = :pictureSha256, tries = :tries,
  imageId = :imageId, outcomeKind = :outcomeKind, outcome = :outcome, endedAt = :endedAt`
