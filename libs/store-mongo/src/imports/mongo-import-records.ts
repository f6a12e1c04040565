import {
  faultOfImport,
  type Import,
  type ImportChanges,
  type ImportId,
  type ImportRecords,
  type ObserveDamage,
  type Page,
  type PageRequest,
  pageOf,
  type Waiting,
} from '@semblance/core'
import type { Collection, Db, ObjectId } from 'mongodb'
import { pageOfRecords } from '../records/page-of-records.ts'
import { type Ask, LIMITS, RecordWrites, type StoredRecord } from '../records/record-writes.ts'
import { forgetMade } from './forget-made.ts'
import type { ImportRowRecord } from './import-row-record.ts'
import type { BoundRecord } from './mongo-imported-persons.ts'

/** An import as MongoDB holds it. */
export interface ImportRecord extends Omit<Import, 'id' | 'policies'>, StoredRecord {
  readonly _id: ImportId
  /** JSON. */
  readonly policies: string
  /** The place of the row that was added last. */
  readonly lastPosition: number
  /** Left out of imports that an earlier version made. */
  readonly takenBytes?: number
  /** The `write` of the rows that have it. */
  readonly lastPlacesFor?: ObjectId
}

/** Imports without their rows. */
export class MongoImportRecords implements ImportRecords {
  readonly #db: Db
  readonly #records: Collection<ImportRecord>
  readonly #writes: RecordWrites<ImportRecord>
  readonly #ask: Ask
  readonly #onDamage: ObserveDamage

  constructor(db: Db, { ask, onDamage }: { readonly ask: Ask; readonly onDamage: ObserveDamage }) {
    this.#db = db
    this.#records = db.collection<ImportRecord>('imports')
    this.#writes = new RecordWrites(this.#records, ask)
    this.#ask = ask
    this.#onDamage = onDamage
  }

  insert({ id, policies, ...rest }: Import, waiting?: Waiting): Promise<boolean> {
    const record = { _id: id, ...rest, policies: JSON.stringify(policies), lastPosition: 0, takenBytes: 0 }
    return this.#writes.insert(record, waiting)
  }

  async find(id: ImportId, waiting?: Waiting): Promise<Import | null> {
    const record = await this.#ask(() => this.#records.findOne({ _id: id }, LIMITS), waiting)
    return record === null ? null : (this.#readable([record])[0] ?? null)
  }

  async isUnreadable(id: ImportId, waiting?: Waiting): Promise<boolean> {
    const record = await this.#ask(() => this.#records.findOne({ _id: id }, LIMITS), waiting)
    return record !== null && faultOfRecord(record) !== null
  }

  async list(request: PageRequest, waiting?: Waiting): Promise<Page<Import>> {
    const at = { records: this.#records, ask: this.#ask }
    const filter = { state: { $ne: 'deleting' } } as const
    const { total, found } = await pageOfRecords(at, { filter, request }, waiting)
    return pageOf(this.#readable(found), total, request)
  }

  async listByState(states: readonly Import['state'][], waiting?: Waiting): Promise<readonly Import[]> {
    const filter = { state: { $in: [...states] } }
    const find = () => this.#records.find(filter, LIMITS).sort({ _id: 1 }).toArray()
    return this.#readable(await this.#ask(find, waiting))
  }

  async listCancelling(waiting?: Waiting): Promise<readonly Import[]> {
    // Null stands for absent, too: some servers of the MongoDB wire store it so.
    const filter = { state: 'cancelled', endedAt: null } as const
    const find = () => this.#records.find(filter, LIMITS).sort({ _id: 1 }).toArray()
    return this.#readable(await this.#ask(find, waiting))
  }

  async update(
    { id, rev }: { readonly id: ImportId; readonly rev: number },
    changes: ImportChanges,
    waiting?: Waiting,
  ): Promise<Import | null> {
    const { name, state, takesRows, endedAt, heldUp, source, erasesPersons, updatedAt } = changes
    const values = {
      ...(name === undefined ? {} : { name }),
      ...(state === undefined ? {} : { state }),
      ...(takesRows === undefined ? {} : { takesRows }),
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(heldUp === undefined ? {} : { heldUp }),
      ...(source === undefined ? {} : { source }),
      ...(erasesPersons === undefined ? {} : { erasesPersons }),
      updatedAt,
      rev: rev + 1,
    }
    const changed = await this.#writes.changeAndRead({ _id: id, rev }, values, waiting)
    return changed === null ? null : importOf(changed)
  }

  /** What depends on the record goes before it, and once more after it: a call that adds rows may be under way. */
  async forget(id: ImportId, waiting?: Waiting): Promise<void> {
    await this.#clear(id, waiting)
    await this.#ask(() => this.#records.deleteOne({ _id: id }, LIMITS), waiting)
    await this.#clear(id, waiting)
  }

  /** One that was changed by hand must not stop the rest. */
  #readable(records: readonly ImportRecord[]): readonly Import[] {
    return records.flatMap((record) => {
      const why = faultOfRecord(record)
      if (why === null) return [importOf(record)]
      this.#onDamage({ kind: 'import', id: record._id, why })
      return []
    })
  }

  async #clear(importId: ImportId, waiting?: Waiting): Promise<void> {
    const persons = this.#db.collection<BoundRecord>('importPersons')
    const rows = this.#db.collection<ImportRowRecord>('importRows')
    await forgetMade({ persons, ask: this.#ask }, importId, waiting)
    await this.#ask(() => persons.deleteMany({ importId }, LIMITS), waiting)
    await this.#ask(() => rows.deleteMany({ importId }, LIMITS), waiting)
  }
}

function importOf(record: ImportRecord): Import {
  const { _id, name, policies, groups, state, takesRows, createdAt, updatedAt, endedAt, heldUp, rev } = record
  return {
    id: _id,
    name,
    policies: JSON.parse(policies),
    // Some servers of the MongoDB wire store an empty list as absent.
    groups: groups ?? [],
    state,
    takesRows,
    createdAt,
    updatedAt,
    endedAt: endedAt ?? null,
    heldUp: heldUp ?? null,
    source: record.source ?? null,
    erasesPersons: record.erasesPersons ?? false,
    rev,
  }
}

/** Null if the record can be read. */
function faultOfRecord(record: ImportRecord): string | null {
  return faultOfImport({ ...record, groups: record.groups ?? [] })
}
