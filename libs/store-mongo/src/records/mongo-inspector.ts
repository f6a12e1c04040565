import {
  faultOfFlatRow,
  faultOfImport,
  type InspectedRecord,
  inspectedStagedOf,
  type PackId,
  type RecordInspector,
  type RecordKind,
  storeUnavailable,
  type Waiting,
} from '@semblance/core'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { faultOfReply, type ReplyRecord } from '../idempotency/reply-record.ts'
import { type ImportRowRecord, NOT_ENDED } from '../imports/import-row-record.ts'
import type { ImportRecord } from '../imports/mongo-import-records.ts'
import { faultOfGroupRecord, type GroupRecord } from './mongo-group-records.ts'
import { type ImageRecord, inspectImageRecord } from './mongo-image-records.ts'
import { faultOfPersonRecord, type PersonRecord } from './mongo-person-records.ts'
import { LIMITS, oneBatchOf } from './record-writes.ts'

/** Looks at all records of a database that stays open. */
export function createMongoInspector({ database }: { readonly database: MongoDatabase }): RecordInspector {
  const ask = <T>(run: () => Promise<T>, waiting?: Waiting) =>
    database.ask(run, { unavailable: storeUnavailable, waiting })
  const recordsOf = (name: string) => database.db.collection<{ readonly _id: string }>(name)
  const readServing = async (waiting?: Waiting): Promise<PackId | null> => {
    const read = () => recordsOf('settings').findOne({ _id: 'pack' }, LIMITS)
    return ((await ask(read, waiting)) as { readonly value?: PackId } | null)?.value ?? null
  }
  return {
    list: async ({ kind, after, limit }, waiting) => {
      const { collection, inspect } = LISTS[kind]
      const filter = { _id: { $gt: after ?? '' } }
      const options = oneBatchOf(limit)
      const page = () => recordsOf(collection).find(filter, options).sort({ _id: 1 }).limit(limit).toArray()
      const records = await ask(page, waiting)
      if (kind !== 'image') return records.map(inspect)
      const serving = await readServing(waiting)
      return records.map((record) => inspectServed(record as unknown as ImageRecord, serving))
    },
    findStates: async ({ kind, ids }, waiting) => {
      if (ids.length === 0) return new Map()
      const { collection } = LISTS[kind]
      const options = { ...oneBatchOf(ids.length), projection: { state: 1 } }
      const find = () =>
        recordsOf(collection)
          .find({ _id: { $in: [...ids] } }, options)
          .toArray()
      const found = await ask(find, waiting)
      return new Map(found.map((record) => [record._id, String((record as { state?: unknown }).state)]))
    },
    // MongoDB checks its own files.
    checkFile: async () => [],
    close: async () => {},
  }
}

/** With the descriptor that searches compare, which need not be the one that it was enrolled with; null: there is none. */
function inspectServed(record: ImageRecord, serving: PackId | null): InspectedRecord {
  const note = serving === null || record.packId === serving ? undefined : record.notes?.[serving]
  if (note === undefined || serving === null) return inspectImageRecord(record)
  if (note.why === null)
    return inspectImageRecord({ ...record, packId: serving, descriptor: note.descriptor })
  const inspected = inspectImageRecord(record)
  return inspected.image === null
    ? inspected
    : { ...inspected, image: { ...inspected.image, descriptor: null } }
}

interface ListedKind {
  readonly collection: string
  readonly inspect: (record: { readonly _id: string }) => InspectedRecord
}

const LISTS: Readonly<Record<RecordKind, ListedKind>> = {
  person: {
    collection: 'persons',
    inspect: (record) => judged(record, faultOfPersonRecord(record as unknown as PersonRecord)),
  },
  group: {
    collection: 'groups',
    inspect: (record) => judged(record, faultOfGroupRecord(record as unknown as GroupRecord)),
  },
  image: {
    collection: 'images',
    inspect: (record) => inspectImageRecord(record as unknown as ImageRecord),
  },
  import: {
    collection: 'imports',
    inspect: (record) => {
      const { state, policies, groups = [] } = record as unknown as ImportRecord
      return judged(record, faultOfImport({ state, policies, groups }))
    },
  },
  'import-row': {
    collection: 'importRows',
    inspect: (record) => {
      const row = record as unknown as ImportRowRecord
      const { fields, outcomeKind, outcome = null } = row
      const kind = outcomeKind === NOT_ENDED ? null : outcomeKind
      const why = faultOfFlatRow({ fields, outcomeKind: kind, outcome })
      const inspected = { why, image: null, staged: inspectedStagedOf(row) }
      return { id: record._id, state: kind ?? 'waiting', ...inspected }
    },
  },
  reply: {
    collection: 'replies',
    inspect: (record) => judged(record, faultOfReply(record as unknown as ReplyRecord)),
  },
}

function judged(
  record: { readonly _id: string; readonly state?: unknown },
  why: string | null,
): InspectedRecord {
  return { id: record._id, state: String(record.state), why, image: null }
}
