/** UUIDv7, lower case. Branded, because persons, groups and images are all strings and must not be mixed. */
export type PersonId = string & { readonly brand: 'PersonId' }
export type GroupId = string & { readonly brand: 'GroupId' }
export type ImageId = string & { readonly brand: 'ImageId' }
export type ImportId = string & { readonly brand: 'ImportId' }
export type OperationId = string & { readonly brand: 'OperationId' }
export type FeedbackId = string & { readonly brand: 'FeedbackId' }
/** Name and version of a model pack, for instance `builtin@1`; descriptors of different packs are never compared. */
export type PackId = string & { readonly brand: 'PackId' }

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/**
 * Milliseconds since the Unix epoch at which a UUIDv7 was made (its first 48 bits); null for any other UUID,
 * which a person imported from elsewhere may carry.
 */
export function uuidTimeMs(id: string): number | null {
  if (!isUuid(id) || id[14] !== '7') return null
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/** Less than every UUIDv7 that is made at that time, or later; more than all that were made before. */
export function leastUuidAt(timeMs: number): string {
  const hex = Math.max(0, Math.floor(timeMs)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`
}
