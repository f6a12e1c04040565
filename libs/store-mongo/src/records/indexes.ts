import type { Db, IndexDescription } from 'mongodb'

/** The indexes of some collections. */
export type Indexes = Readonly<Record<string, readonly IndexDescription[]>>

/** One for each question that is asked often; see the README for which. */
export const RECORD_INDEXES = {
  persons: [
    named('live', { state: 1, _id: 1, expireAt: 1 }),
    named('members', { groups: 1, _id: 1 }),
    named('live_members', { groups: 1, state: 1, _id: 1, expireAt: 1 }),
    named('live_names', { name: 1, state: 1, _id: 1, expireAt: 1 }),
    named('live_by_created', { createdAt: 1, state: 1, _id: 1, expireAt: 1 }),
    named('live_by_updated', { updatedAt: 1, state: 1, _id: 1, expireAt: 1 }),
    named('live_external_ids', { externalId: 1, state: 1, _id: 1, expireAt: 1 }),
    named('live_terms', { terms: 1, state: 1, _id: 1, expireAt: 1 }),
    named('unsettled', { state: 1, touchedAt: 1, _id: 1 }),
    named('merged', { state: 1, mergedInto: 1, touchedAt: 1, _id: 1 }),
    named('dirty', { dirty: 1, state: 1, touchedAt: 1, _id: 1 }),
    named('expiring', { state: 1, expireAt: 1, _id: 1, touchedAt: 1 }),
  ],
  images: [
    named('of_person', { personId: 1, state: 1, _id: 1 }),
    named('enrolled', { state: 1, _id: 1 }),
    named('sizes', { state: 1, bytes: 1 }),
    named('unsettled', { state: 1, touchedAt: 1, _id: 1 }),
  ],
  feedback: [named('of_person', { personId: 1, _id: 1 })],
  groups: [named('live', { state: 1, _id: 1 }), named('unsettled', { state: 1, touchedAt: 1, _id: 1 })],
} satisfies Indexes

export const IMPORT_INDEXES = {
  imports: [named('by_state', { state: 1, _id: 1 })],
  importRows: [
    // Two calls at once with one key add one row.
    { ...named('keys', { importId: 1, key: 1 }), unique: true },
    named('standing', { importId: 1, outcomeKind: 1, position: 1, leaseUntil: 1, addedAt: 1 }),
    named('pace', { importId: 1, endedAt: 1, tries: 1 }),
    named('staged_bytes', { importId: 1, stagedBytes: 1 }),
    named('staged_pictures', { stagedId: 1 }),
    named('of_person', { importId: 1, personKey: 1, pictureSha256: 1, position: 1 }),
  ],
  importPersons: [
    named('of_person', { personId: 1 }),
    named('made', { importId: 1, isMade: 1, personId: 1 }),
  ],
} satisfies Indexes

export const OPERATION_INDEXES = {
  operations: [named('by_state', { state: 1, _id: 1 }), named('of_kind', { kind: 1, _id: 1 })],
  operationTargets: [named('parts', { operationId: 1, position: 1 })],
  duplicatePairs: [
    named('by_distance', { operationId: 1, distance: 1, personId: 1, otherId: 1 }),
    named('of_person', { personId: 1 }),
    named('of_other', { otherId: 1 }),
  ],
} satisfies Indexes

function named(name: string, key: Readonly<Record<string, 1>>): IndexDescription {
  return { name, key }
}

/** Makes those that are not there yet: any number of processes may do so, at once and again. */
export async function ensureIndexes(db: Db, indexes: Indexes): Promise<void> {
  for (const [collection, wanted] of Object.entries(indexes)) {
    const present = await namesOfIndexes(db, collection)
    const missing = wanted.filter(({ name }) => !present.has(name))
    if (missing.length > 0) await db.collection(collection).createIndexes(missing)
  }
}

async function namesOfIndexes(db: Db, collection: string): Promise<ReadonlySet<unknown>> {
  const known = await db.listCollections({ name: collection }, { nameOnly: true }).toArray()
  if (known.length === 0) return new Set()
  const indexes = await db.collection(collection).listIndexes().toArray()
  return new Set(indexes.map(({ name }) => name))
}
