import type { Waiting } from '@semblance/core'
import type { Collection, Filter, WithId } from 'mongodb'
import { anyOf } from '../database/any-of.ts'
import { GatheredCalls, READS_AT_ONCE } from '../database/gathered-calls.ts'
import { type Ask, oneBatchOf } from './record-writes.ts'

/** A longer list is read in a call of its own. */
const SHORT_LIST = 8

/** Reads of whole records by their ids. Those of one turn of the event loop share a call. */
export class RecordReads<R extends { readonly _id: string }> {
  readonly #records: Collection<R>
  readonly #ask: Ask
  readonly #gathered: GatheredCalls<R['_id'], WithId<R> | null>

  constructor(records: Collection<R>, ask: Ask) {
    this.#records = records
    this.#ask = ask
    this.#gathered = new GatheredCalls({ run: (ids) => this.#readAll(ids), most: READS_AT_ONCE })
  }

  find(id: R['_id'], waiting?: Waiting): Promise<WithId<R> | null> {
    return this.#gathered.ask(id, waiting)
  }

  /** Those that are there, in any order, each once. */
  async findMany(ids: readonly R['_id'][], waiting?: Waiting): Promise<readonly WithId<R>[]> {
    const wanted = [...new Set(ids)]
    if (wanted.length > SHORT_LIST) return this.#ask(() => this.#list(wanted), waiting)
    const found = await Promise.all(wanted.map((id) => this.find(id, waiting)))
    return found.filter((record) => record !== null)
  }

  async #readAll(ids: readonly R['_id'][]): Promise<readonly (WithId<R> | null)[]> {
    const wanted = [...new Set(ids)]
    const found = await this.#ask(() => this.#list(wanted))
    const byId = new Map<string, WithId<R>>(found.map((record) => [record._id, record]))
    return ids.map((id) => byId.get(id) ?? null)
  }

  #list(ids: readonly R['_id'][]): Promise<WithId<R>[]> {
    return this.#records.find({ _id: anyOf(ids) } as Filter<R>, oneBatchOf(ids.length)).toArray()
  }
}
