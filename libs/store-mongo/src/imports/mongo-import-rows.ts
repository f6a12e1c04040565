import type {
  AddedRow,
  ImageId,
  ImportId,
  ImportRow,
  ImportRows,
  KnownRow,
  RetryQuery,
  RowCounts,
  RowDraft,
  RowPace,
  RowQuery,
  Waiting,
} from '@semblance/core'
import { type Collection, type Db, type Filter, ObjectId } from 'mongodb'
import { anyOf } from '../database/any-of.ts'
import { GatheredCalls, READS_AT_ONCE } from '../database/gathered-calls.ts'
import { type Ask, LIMITS, oneBatchOf } from '../records/record-writes.ts'
import { addImportRows } from './add-rows.ts'
import { cancelRows } from './cancel-rows.ts'
import { countRows } from './count-rows.ts'
import {
  type ImportRowRecord,
  idOfRow,
  idsAfter,
  NOT_ENDED,
  rowOfRecord,
  UNCLAIMED,
} from './import-row-record.ts'
import type { ImportRecord } from './mongo-import-records.ts'
import { readPace } from './read-pace.ts'
import { RowClaims } from './row-claims.ts'

interface ImportRowsDeps {
  readonly ask: Ask
  readonly serverNow: (waiting?: Waiting) => Promise<number>
}

interface NamedKey {
  readonly importId: ImportId
  readonly key: string
}

/** Rows that a retry takes back together. */
const PART = 1000

/** The rows of imports, each one document. */
export class MongoImportRows implements ImportRows {
  readonly #imports: Collection<ImportRecord>
  readonly #rows: Collection<ImportRowRecord>
  readonly #deps: ImportRowsDeps
  readonly #claims: RowClaims
  readonly #finds = new GatheredCalls<NamedKey, ImportRowRecord | null>({
    run: (wanted) => this.#findAll(wanted),
    most: READS_AT_ONCE,
  })

  constructor(db: Db, deps: ImportRowsDeps) {
    this.#imports = db.collection<ImportRecord>('imports')
    this.#rows = db.collection<ImportRowRecord>('importRows')
    this.#deps = deps
    this.#claims = new RowClaims({ ...deps, rows: this.#rows })
  }

  add(importId: ImportId, drafts: readonly RowDraft[], waiting?: Waiting): Promise<readonly AddedRow[]> {
    const deps = { ...this.#deps, imports: this.#imports, rows: this.#rows }
    return addImportRows(deps, { importId, drafts }, waiting)
  }

  async known(id: ImportId, keys: readonly string[], waiting?: Waiting): Promise<readonly KnownRow[]> {
    if (keys.length === 0) return []
    const filter = { importId: id, key: { $in: [...keys] } }
    const options = { ...oneBatchOf(keys.length), projection: { _id: 0, key: 1, pictureSha256: 1 } } as const
    const found = await this.#deps.ask(() => this.#rows.find(filter, options).toArray(), waiting)
    const known = new Map(found.map(({ key, pictureSha256 = null }) => [key, { key, pictureSha256 }]))
    return keys.flatMap((key) => known.get(key) ?? [])
  }

  async neededPictures(ids: readonly ImageId[], waiting?: Waiting): Promise<readonly ImageId[]> {
    if (ids.length === 0) return []
    const filter = { stagedId: { $in: [...ids] } }
    const options = { ...oneBatchOf(ids.length), projection: { _id: 0, stagedId: 1 } } as const
    const found = await this.#deps.ask(() => this.#rows.find(filter, options).toArray(), waiting)
    const needed = new Set(found.map(({ stagedId }) => stagedId))
    return ids.filter((id) => needed.has(id))
  }

  claim(...call: Parameters<ImportRows['claim']>): Promise<readonly ImportRow[]> {
    return this.#claims.claim(...call)
  }

  extend(...call: Parameters<ImportRows['extend']>): Promise<readonly number[]> {
    return this.#claims.extend(...call)
  }

  endClaims(...call: Parameters<ImportRows['endClaims']>): Promise<void> {
    return this.#claims.endClaims(...call)
  }

  renewImageId(...call: Parameters<ImportRows['renewImageId']>): Promise<void> {
    return this.#claims.renewImageId(...call)
  }

  release(...call: Parameters<ImportRows['release']>): Promise<void> {
    return this.#claims.release(...call)
  }

  end(...call: Parameters<ImportRows['end']>): Promise<readonly number[]> {
    return this.#claims.end(...call)
  }

  async setPictureSha256(
    { id, key, position, sha256 }: Parameters<ImportRows['setPictureSha256']>[0],
    waiting?: Waiting,
  ): Promise<void> {
    const update = { $set: { pictureSha256: sha256, write: new ObjectId() } }
    const row = { _id: idOfRow(id, position), key }
    await this.#deps.ask(() => this.#rows.updateOne(row, update, LIMITS), waiting)
  }

  async wouldHavePicture(
    { id, personKey, sha256 }: Parameters<ImportRows['wouldHavePicture']>[0],
    waiting?: Waiting,
  ): Promise<boolean> {
    const filter = { importId: id, personKey, pictureSha256: sha256, outcomeKind: 'enrolled' } as const
    const options = { ...LIMITS, projection: { _id: 1 } } as const
    return (await this.#deps.ask(() => this.#rows.findOne(filter, options), waiting)) !== null
  }

  /** In parts, since an import may have more failed rows than one call can change in its time. */
  async retry(query: RetryQuery, waiting?: Waiting): Promise<number> {
    const filter = retriedRows(query)
    let retried = 0
    for (;;) {
      const options = { ...oneBatchOf(PART), projection: { _id: 1 } } as const
      const find = () => this.#rows.find(filter, options).limit(PART).toArray()
      const ids = (await this.#deps.ask(find, waiting)).map(({ _id }) => _id)
      if (ids.length === 0) return retried
      const update = {
        $set: { outcomeKind: NOT_ENDED, tries: 0, ...UNCLAIMED, write: new ObjectId() },
        $unset: { outcome: '', isPassing: '', endedAt: '', imageId: '' },
      } as const
      await this.#deps.ask(
        () => this.#rows.updateMany({ ...filter, _id: { $in: ids } }, update, LIMITS),
        waiting,
      )
      retried += ids.length
    }
  }

  list({ id, after, limit, kinds }: RowQuery, waiting?: Waiting): Promise<readonly ImportRow[]> {
    if (kinds === undefined)
      return this.#find({ _id: idsAfter(id, after) }, { limit, sort: { _id: 1 } }, waiting)
    const filter = { importId: id, outcomeKind: { $in: [...kinds] }, position: { $gt: after } }
    return this.#find(filter, { limit, sort: { position: 1 } }, waiting)
  }

  async find(id: ImportId, key: string, waiting?: Waiting): Promise<ImportRow | null> {
    const found = await this.#finds.ask({ importId: id, key }, waiting)
    return found === null ? null : rowOfRecord(found)
  }

  async #findAll(wanted: readonly NamedKey[]): Promise<readonly (ImportRowRecord | null)[]> {
    const found = new Map<string, ImportRowRecord>()
    for (const [importId, named] of Map.groupBy(wanted, (one) => one.importId)) {
      const keys = [...new Set(named.map(({ key }) => key))]
      const filter = { importId, key: anyOf(keys) }
      const find = () => this.#rows.find(filter, oneBatchOf(keys.length)).toArray()
      for (const row of await this.#deps.ask(find)) found.set(nameOf(row), row)
    }
    return wanted.map((one) => found.get(nameOf(one)) ?? null)
  }

  count(id: ImportId, waiting?: Waiting): Promise<RowCounts> {
    return countRows({ ...this.#deps, rows: this.#rows }, id, waiting)
  }

  pace(id: ImportId, waiting?: Waiting): Promise<RowPace> {
    return readPace({ ...this.#deps, imports: this.#imports, rows: this.#rows }, id, waiting)
  }

  cancel(importId: ImportId, limit: number, waiting?: Waiting): Promise<readonly ImportRow[]> {
    return cancelRows({ ...this.#deps, rows: this.#rows }, { importId, limit }, waiting)
  }

  async remove(id: ImportId, limit: number, waiting?: Waiting): Promise<readonly ImportRow[]> {
    const find = () => {
      const options = oneBatchOf(limit)
      return this.#rows
        .find({ _id: idsAfter(id, 0) }, options)
        .sort({ _id: 1 })
        .limit(limit)
        .toArray()
    }
    const records = await this.#deps.ask(find, waiting)
    if (records.length === 0) return []
    const ids = records.map(({ _id }) => _id)
    await this.#deps.ask(() => this.#rows.deleteMany({ _id: { $in: ids } }, LIMITS), waiting)
    return records.map(rowOfRecord)
  }

  async #find(
    filter: Filter<ImportRowRecord>,
    { limit, sort }: { readonly limit: number; readonly sort: { readonly [field: string]: 1 } },
    waiting?: Waiting,
  ): Promise<readonly ImportRow[]> {
    const options = oneBatchOf(limit)
    const find = () => this.#rows.find(filter, options).sort(sort).limit(limit).toArray()
    return (await this.#deps.ask(find, waiting)).map(rowOfRecord)
  }
}

function retriedRows({ id, kinds, passingOnly }: RetryQuery): Filter<ImportRowRecord> {
  const failed = { outcomeKind: 'failed', ...(passingOnly ? { isPassing: true } : {}) } as const
  const others = { outcomeKind: { $ne: 'failed' }, link: { $exists: true } } as const
  // What is left of a row whose person was deleted has no digest.
  return { importId: id, digest: { $gt: '' }, outcomeKind: { $in: [...kinds] }, $or: [failed, others] }
}

function nameOf({ importId, key }: NamedKey): string {
  return `${importId} ${key}`
}
