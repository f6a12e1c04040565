import type { PageOfIds, PageRequest, Waiting } from '@semblance/core'
import type { Collection, Filter, FindOptions } from 'mongodb'
import { type Ask, LIMITS, oneBatchOf, type StoredRecord } from './record-writes.ts'

/** Those that the filter selects: how many there are from the cursor on, and one page of them by decreasing id. */
export async function pageOfRecords<R extends StoredRecord>(
  { records, ask }: { readonly records: Collection<R>; readonly ask: Ask },
  query: {
    readonly filter: Filter<R>
    readonly projection?: FindOptions['projection']
    readonly request: PageRequest
  },
  waiting?: Waiting,
): Promise<{ readonly total: number; readonly found: readonly R[] }> {
  const { page, size, cursor } = query.request
  const filter = { ...query.filter, ...(cursor === undefined ? {} : { _id: { $lt: cursor } }) } as Filter<R>
  const options = { ...oneBatchOf(size), ...(query.projection && { projection: query.projection }) }
  const found = () =>
    records
      .find(filter, options)
      .sort({ _id: -1 })
      .skip((page - 1) * size)
      .limit(size)
      .toArray()
  const onPage = (await ask(found, waiting)) as R[]
  // The end of them is on this page: counting them would only cost a call.
  const isLast = onPage.length < size && (onPage.length > 0 || page === 1)
  const total = isLast
    ? (page - 1) * size + onPage.length
    : await ask(() => records.countDocuments(filter, LIMITS), waiting)
  return { total, found: onPage }
}

/** The ids of such a page, from the index alone: a deep one must not read the records that it skips. */
export async function pageOfIds<R extends StoredRecord>(
  at: { readonly records: Collection<R>; readonly ask: Ask },
  query: { readonly filter: Filter<R>; readonly request: PageRequest },
  waiting?: Waiting,
): Promise<PageOfIds<R['_id']>> {
  const { total, found } = await pageOfRecords(at, { ...query, projection: { _id: 1 } }, waiting)
  return { total, ids: found.map(({ _id }) => _id) }
}
