import { parseExactJson } from './exact-json.ts'
import type { Person, PersonChanges } from './person.ts'

/** As long as metadata may be: bytes of its JSON text in UTF-8. The limit is ours; the contract names none. */
export const MAX_METADATA_BYTES = 65_536

export type UnitedFields =
  | { readonly outcome: 'united'; readonly fields: PersonChanges }
  /** Each of the two has an external id, and they differ. */
  | { readonly outcome: 'two-external-ids' }
  | { readonly outcome: 'too-much-metadata' }

/**
 * What the person who stays has after another one was merged into them: all groups of both; own metadata, and the keys that
 * only the other one has; own name and external id, or else the other one's; the later expiry, and none if either has none.
 * To unite once more changes nothing.
 */
export function unitedFields(staying: Person, other: Person): UnitedFields {
  const externalId = staying.externalId ?? other.externalId
  if (other.externalId !== null && other.externalId !== externalId) return { outcome: 'two-external-ids' }
  const metadata = unitedMetadata(staying.metadata, other.metadata)
  if (metadata !== staying.metadata && Buffer.byteLength(metadata) > MAX_METADATA_BYTES)
    return { outcome: 'too-much-metadata' }
  const fields = {
    name: staying.name === '' ? other.name : staying.name,
    externalId,
    metadata,
    groups: [...new Set([...staying.groups, ...other.groups])],
    expireAt: laterExpiry(staying.expireAt, other.expireAt),
  }
  return { outcome: 'united', fields }
}

/** To the letter, unless both have keys of their own. */
function unitedMetadata(staying: string, other: string): string {
  const [own, added] = [entriesOf(staying), entriesOf(other)]
  const keys = new Set(own.map(([key]) => key))
  const missing = added.filter(([key]) => !keys.has(key))
  if (missing.length === 0) return staying
  return own.length === 0 ? other : JSON.stringify(Object.fromEntries([...own, ...missing]))
}

function entriesOf(metadata: string): readonly (readonly [string, unknown])[] {
  return Object.entries(parseExactJson(metadata) as object)
}

function laterExpiry(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.max(one, other)
}
