import type { AddedRow, ImportId, RowDraft, Waiting } from '@semblance/core'
import { type Collection, ObjectId } from 'mongodb'
import { insertUnlessThere } from '../records/insert-unless-there.ts'
import { type Ask, LIMITS, oneBatchOf } from '../records/record-writes.ts'
import { fieldsOfRow, type ImportRowRecord, idOfRow, UNCLAIMED } from './import-row-record.ts'
import type { ImportRecord } from './mongo-import-records.ts'

export interface AddRowsDeps {
  readonly imports: Collection<ImportRecord>
  readonly rows: Collection<ImportRowRecord>
  readonly ask: Ask
  readonly serverNow: (waiting?: Waiting) => Promise<number>
}

const NONE: ReadonlySet<string> = new Set()

type SeenRow = Pick<ImportRowRecord, '_id' | 'key' | 'digest'>

/**
 * Adds rows whose keys are not there. Their places are taken before they are written, so that places may stay empty;
 * the index of keys lets one of several calls with one key win.
 */
export async function addImportRows(
  deps: AddRowsDeps,
  { importId, drafts }: { readonly importId: ImportId; readonly drafts: readonly RowDraft[] },
  waiting?: Waiting,
): Promise<readonly AddedRow[]> {
  const keys = drafts.map(({ key }) => key)
  const known = await seenRows(deps, { importId, keys }, waiting)
  const fresh = new Map<string, RowDraft>()
  for (const draft of drafts) if (!known.has(draft.key) && !fresh.has(draft.key)) fresh.set(draft.key, draft)
  if (fresh.size === 0) return judged(drafts, known, NONE)
  const ids = await insertRows(deps, { importId, drafts: [...fresh.values()] }, waiting)
  if (ids === null) return drafts.map(() => 'conflict')
  return judged(drafts, await seenRows(deps, { importId, keys }, waiting), ids)
}

async function seenRows(
  { rows, ask }: AddRowsDeps,
  { importId, keys }: { readonly importId: ImportId; readonly keys: readonly string[] },
  waiting?: Waiting,
): Promise<ReadonlyMap<string, SeenRow>> {
  if (keys.length === 0) return new Map()
  const projection = { key: 1, digest: 1 } as const
  const options = { ...oneBatchOf(keys.length), projection }
  const find = () => rows.find({ importId, key: { $in: [...keys] } }, options).toArray()
  return new Map((await ask(find, waiting)).map((row) => [row.key, row]))
}

/**
 * Answers the ids under which they were written; null if there is no such import. A place is given to one call alone, so that
 * an id tells whose row it is, whoever has claimed or changed it since.
 */
async function insertRows(
  deps: AddRowsDeps,
  { importId, drafts }: { readonly importId: ImportId; readonly drafts: readonly RowDraft[] },
  waiting?: Waiting,
): Promise<ReadonlySet<string> | null> {
  const { imports, rows, ask } = deps
  const write = new ObjectId()
  const taken = { count: drafts.length, bytes: bytesOf(drafts) }
  const last = await takePlaces(deps, { importId, ...taken, write }, waiting)
  if (last === null) return null
  const nowMs = await deps.serverNow(waiting)
  const first = last - drafts.length + 1
  const records = drafts.map((draft, i) => newRecord({ importId, draft, position: first + i, nowMs, write }))
  const ids = records.map(({ _id }) => _id)
  await ask(() => insertUnlessThere(rows, records), waiting)
  const isThere = await ask(
    () => imports.findOne({ _id: importId }, { ...LIMITS, projection: { _id: 1 } }),
    waiting,
  )
  if (isThere !== null) return new Set(ids)
  // It was forgotten meanwhile: nobody would ever look for these rows.
  await ask(() => rows.deleteMany({ _id: { $in: ids } }, LIMITS), waiting)
  return null
}

/** The last of so many places; null if there is no such import. */
function takePlaces(
  { imports, ask }: AddRowsDeps,
  taken: {
    readonly importId: ImportId
    readonly count: number
    readonly bytes: number
    readonly write: ObjectId
  },
  waiting?: Waiting,
): Promise<number | null> {
  const { importId: _id, count, bytes, write } = taken
  const raise = { $inc: { lastPosition: count, takenBytes: bytes }, $set: { lastPlacesFor: write } }
  const options = { returnDocument: 'after', ...LIMITS } as const
  return ask(async (isRepeat) => {
    const mine = isRepeat ? await imports.findOne({ _id, lastPlacesFor: write }, LIMITS) : null
    const raised = mine ?? (await imports.findOneAndUpdate({ _id }, raise, options))
    return raised?.lastPosition ?? null
  }, waiting)
}

function bytesOf(drafts: readonly RowDraft[]): number {
  return drafts.reduce((sum, { picture }) => sum + (picture?.from === 'staged' ? picture.bytes : 0), 0)
}

function newRecord(given: {
  readonly importId: ImportId
  readonly draft: RowDraft
  readonly position: number
  readonly nowMs: number
  readonly write: ObjectId
}): ImportRowRecord {
  const { importId, position, nowMs, write } = given
  const { outcome: wrong, ...draft } = given.draft
  const outcome = wrong ?? null
  const endedAt = outcome === null ? null : nowMs
  const row = { ...draft, position, tries: 0, imageId: null, outcome, endedAt }
  const own = { _id: idOfRow(importId, position), importId, addedAt: new Date(nowMs), write }
  return { ...own, ...UNCLAIMED, ...fieldsOfRow(row) }
}

function judged(
  drafts: readonly RowDraft[],
  seen: ReadonlyMap<string, SeenRow>,
  ids: ReadonlySet<string>,
): readonly AddedRow[] {
  const told = new Set<string>()
  return drafts.map(({ key, digest }) => {
    const row = seen.get(key)
    const isFirst = !told.has(key)
    told.add(key)
    if (isFirst && row !== undefined && ids.has(row._id)) return 'added'
    return row?.digest === digest ? 'known' : 'conflict'
  })
}
