import type { PersonPlace, SortedPersonQuery, Waiting } from '@semblance/core'
import type { Collection, Filter } from 'mongodb'
import type { PersonRecord } from './mongo-person-records.ts'
import { type Ask, oneBatchOf } from './record-writes.ts'

/** What a range must begin with to hold every value of a sound record, and no other: MongoDB compares within one type. */
const LEAST = {
  createdAt: -8_640_000_000_000_000,
  updatedAt: -8_640_000_000_000_000,
  name: '',
} as const satisfies Record<SortedPersonQuery['sort']['by'], number | string>

interface At {
  readonly records: Collection<PersonRecord>
  readonly ask: Ask
}

/**
 * The places after one, from the index alone. Two ranges of it, one after the other: those with the same value, and those
 * beyond it. Who is not written to meanwhile is in exactly one of them.
 */
export async function listPlaces(
  at: At,
  { filter, query }: { readonly filter: Filter<PersonRecord>; readonly query: SortedPersonQuery },
  waiting?: Waiting,
): Promise<readonly PersonPlace[]> {
  const { sort, after, skip = 0, limit } = query
  const { by, isDescending } = sort
  const beyond = isDescending ? '$lt' : '$gt'
  const find = (range: object, most: number, from = 0) => {
    const wanted = { $and: [filter, range] } as Filter<PersonRecord>
    const options = { ...oneBatchOf(most), projection: { _id: 1, [by]: 1 } } as const
    const way = isDescending ? -1 : 1
    // The state is the same of all; with it the order is that of the index to the letter.
    const order = { [by]: way, state: way, _id: way } as const
    const found = () => at.records.find(wanted, options).sort(order).skip(from).limit(most).toArray()
    return at.ask(found, waiting)
  }
  const placesOf = (found: readonly PersonRecord[]) =>
    found.map((record) => ({ value: record[by], id: record._id }))
  if (after === null) return placesOf(await find({ [by]: { $gte: LEAST[by] } }, limit, skip))
  const same = await find({ [by]: after.value, _id: { [beyond]: after.id } }, limit)
  const left = limit - same.length
  if (left === 0) return placesOf(same)
  const range = isDescending ? { $gte: LEAST[by], $lt: after.value } : { $gt: after.value }
  return placesOf([...same, ...(await find({ [by]: range }, left))])
}
