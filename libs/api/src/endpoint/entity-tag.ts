/** Whether an If-None-Match header names the tag, or any. */
export function isListed(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag)
}

/**
 * The contents of the tags in an If-Match header; null: there is none, or any will do. A weak tag counts as a strong one,
 * since proxies that compress answers make all of them weak.
 */
export function wantedTags(ifMatch: string | null): readonly string[] | null {
  if (ifMatch === null) return null
  const tags = ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') ? null : tags.map((tag) => tag.replace(/^"(.*)"$/, '$1'))
}
