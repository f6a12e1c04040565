/** An object in a bucket of S3 or Google Cloud Storage. */
export interface ObjectPlace {
  readonly bucket: string
  readonly key: string
}

/** Both services name buckets within this: no separators, no credentials, no port. Google's may have an underscore. */
const BUCKET = /^[a-z\d](?:[a-z\d._-]{1,220}[a-z\d])$/
/** The longest key of either service. */
const MAX_KEY_BYTES = 1_024

/**
 * `scheme://bucket/key` as the services' own command lines write it: the key is everything after the first slash, and
 * nothing in it is percent-decoded. Null for what cannot be such a link.
 */
export function readObjectLink(link: string): ObjectPlace | null {
  const [, bucket, key] = /^[a-z\d]+:\/\/([^/]*)\/(.+)$/is.exec(link) ?? []
  if (bucket === undefined || key === undefined || !BUCKET.test(bucket)) return null
  const isSound = key.isWellFormed() && !hasControls(key) && Buffer.byteLength(key) <= MAX_KEY_BYTES
  return isSound && !hasDotSegments(key) ? { bucket, key } : null
}

/** `scheme://bucket/` and whatever begins the keys, which ends with `/`, too. Null for what cannot be such a prefix. */
export function readPrefixLink(link: string): { readonly bucket: string; readonly prefix: string } | null {
  const [, bucket, key] = /^[a-z\d]+:\/\/([^/]*)\/((?:.*\/)?)$/is.exec(link) ?? []
  if (bucket === undefined || key === undefined || !BUCKET.test(bucket)) return null
  if (key === '') return { bucket, prefix: '' }
  const place = readObjectLink(link)
  return place === null ? null : { bucket, prefix: place.key }
}

/** Throws a TypeError that names the first entry that cannot be a bucket. */
export function readBuckets(entries: readonly string[]): ReadonlySet<string> {
  for (const entry of entries) {
    if (!BUCKET.test(entry)) throw new TypeError(`${JSON.stringify(entry)} is not the name of a bucket`)
  }
  return new Set(entries)
}

/** A proxy before a storage server might resolve them, and so lead out of the bucket. */
function hasDotSegments(key: string): boolean {
  return key.split(/[/\\]/).some((segment) => segment === '.' || segment === '..')
}

function hasControls(key: string): boolean {
  return /\p{Cc}/u.test(key)
}
