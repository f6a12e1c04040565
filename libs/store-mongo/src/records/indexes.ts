import type { Db, IndexDescription } from 'mongodb'

/** One for each question that is asked often; see the README for which. */
const INDEXES = {
  persons: [
    named('live', { state: 1, _id: 1, expireAt: 1 }),
    named('members', { groups: 1, _id: 1 }),
    named('live_members', { groups: 1, state: 1, _id: 1, expireAt: 1 }),
    named('live_names', { name: 1, state: 1, _id: 1, expireAt: 1 }),
    named('live_external_ids', { externalId: 1, state: 1, _id: 1, expireAt: 1 }),
    named('live_terms', { terms: 1, state: 1, _id: 1, expireAt: 1 }),
    named('unsettled', { state: 1, touchedAt: 1, _id: 1 }),
    named('dirty', { dirty: 1, state: 1, touchedAt: 1, _id: 1 }),
    named('expiring', { state: 1, expireAt: 1, _id: 1, touchedAt: 1 }),
  ],
  images: [
    named('of_person', { personId: 1, state: 1, _id: 1 }),
    named('enrolled', { state: 1, _id: 1 }),
    named('sizes', { state: 1, bytes: 1 }),
    named('unsettled', { state: 1, touchedAt: 1, _id: 1 }),
  ],
  groups: [named('live', { state: 1, _id: 1 }), named('unsettled', { state: 1, touchedAt: 1, _id: 1 })],
} satisfies Record<string, readonly IndexDescription[]>

function named(name: string, key: Readonly<Record<string, 1>>): IndexDescription {
  return { name, key }
}

/** Makes those that are not there yet: any number of processes may do so, at once and again. */
export async function ensureIndexes(db: Db): Promise<void> {
  for (const [collection, wanted] of Object.entries(INDEXES)) {
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
