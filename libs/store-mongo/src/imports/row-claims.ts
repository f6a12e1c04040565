import {
  endedRow,
  type HeldRows,
  type ImportRow,
  type ImportRows,
  type RowClaim,
  type Waiting,
} from '@semblance/core'
import { type Collection, type Filter, ObjectId } from 'mongodb'
import { type Ask, LIMITS, oneBatchOf } from '../records/record-writes.ts'
import {
  fieldsOfRow,
  type ImportRowRecord,
  idOfRow,
  NOT_ENDED,
  rowOfRecord,
  UNCLAIMED,
} from './import-row-record.ts'
import { replaceRows } from './replace-rows.ts'

interface RowClaimsDeps {
  readonly rows: Collection<ImportRowRecord>
  readonly ask: Ask
  readonly serverNow: (waiting?: Waiting) => Promise<number>
}

type Claims = Pick<ImportRows, 'claim' | 'extend' | 'endClaims' | 'renewImageId' | 'release' | 'end'>

/** Rows of one call: beyond it, the rest waits for the next one. */
const MOST_AT_ONCE = 1000

/**
 * Who works on which rows, and what came of them. A claim is a compare-and-set on each row: two processes that see the
 * same free rows get each row once. Whoever stopped for minutes between the look at the clock and the write gets a lease
 * that is over, and what it writes after that is refused if another one has the row.
 */
export class RowClaims implements Claims {
  readonly #deps: RowClaimsDeps

  constructor(deps: RowClaimsDeps) {
    this.#deps = deps
  }

  async claim(
    { id, holder, leaseMs, newImageIds }: RowClaim,
    waiting?: Waiting,
  ): Promise<readonly ImportRow[]> {
    const { rows, ask, serverNow } = this.#deps
    const limit = Math.min(newImageIds.length, MOST_AT_ONCE)
    if (limit === 0) return []
    const nowMs = await serverNow(waiting)
    const filter = { importId: id, outcomeKind: NOT_ENDED, leaseUntil: { $lte: new Date(nowMs) } } as const
    const options = oneBatchOf(limit)
    const find = () => rows.find(filter, options).sort({ position: 1 }).limit(limit).toArray()
    const free = await ask(find, waiting)
    const claim = { holder, leaseUntil: new Date(nowMs + leaseMs), write: new ObjectId() }
    const claims = free.map(({ _id, ...record }, i) => {
      const imageId = record.imageId ?? newImageIds[i]
      const given = imageId === undefined ? {} : { imageId }
      const replacement = { ...record, ...claim, ...given, tries: record.tries + 1 }
      return { filter: { _id, write: record.write }, replacement }
    })
    const taken = await replaceRows({ rows, ask }, claims, waiting)
    return claims
      .filter(({ filter: { _id } }) => taken.has(_id))
      .map(({ replacement }) => rowOfRecord(replacement))
  }

  async extend(held: HeldRows & { readonly leaseMs: number }, waiting?: Waiting): Promise<readonly number[]> {
    const { rows, ask, serverNow } = this.#deps
    const leaseUntil = new Date((await serverNow(waiting)) + held.leaseMs)
    const filter = heldBy(held)
    const update = { $set: { leaseUntil, write: new ObjectId() } }
    await ask(() => rows.updateMany(filter, update, LIMITS), waiting)
    const options = { ...oneBatchOf(held.rows.length), projection: { position: 1 } } as const
    const find = () => rows.find(filter, options).toArray()
    const kept = new Set((await ask(find, waiting)).map(({ position }) => position))
    return held.rows.map(({ position }) => position).filter((position) => kept.has(position))
  }

  async endClaims({ id, holder }: Parameters<ImportRows['endClaims']>[0], waiting?: Waiting): Promise<void> {
    const { rows, ask, serverNow } = this.#deps
    // What is claimed is found by an index, and is a window of rows at most.
    const leaseUntil = { $gt: new Date(await serverNow(waiting)) }
    const filter = { importId: id, outcomeKind: NOT_ENDED, leaseUntil, holder: { $ne: holder } } as const
    const update = { $set: { leaseUntil: UNCLAIMED.leaseUntil, write: new ObjectId() } }
    await ask(() => rows.updateMany(filter, update, LIMITS), waiting)
  }

  async renewImageId(
    { id, holder, imageId, ...row }: Parameters<ImportRows['renewImageId']>[0],
    waiting?: Waiting,
  ): Promise<void> {
    const { rows, ask } = this.#deps
    const filter = heldBy({ id, holder, rows: [row] })
    await ask(() => rows.updateOne(filter, { $set: { imageId, write: new ObjectId() } }, LIMITS), waiting)
  }

  async release(held: HeldRows, waiting?: Waiting): Promise<void> {
    const { rows, ask } = this.#deps
    // Sent twice, it changes as much as once: the holder has gone from the row.
    const update = { $set: { ...UNCLAIMED, write: new ObjectId() }, $inc: { tries: -1 } }
    await ask(() => rows.updateMany(heldBy(held), update, LIMITS), waiting)
  }

  async end(ended: Parameters<ImportRows['end']>[0], waiting?: Waiting): Promise<readonly number[]> {
    const { rows, ask, serverNow } = this.#deps
    const { holder } = ended
    const outcomes = new Map(ended.rows.map(({ position, outcome }) => [position, outcome]))
    if (outcomes.size === 0) return []
    const options = oneBatchOf(outcomes.size)
    const find = () => rows.find(heldBy(ended), options).toArray()
    const held = await ask(find, waiting)
    const at = await serverNow(waiting)
    const write = new ObjectId()
    const replacements = held.flatMap((record) => {
      const { _id, position, importId, addedAt } = record
      const outcome = outcomes.get(position)
      if (outcome === undefined) return []
      const fields = fieldsOfRow(endedRow(rowOfRecord(record), { outcome, at }))
      const replacement = { importId, addedAt, ...UNCLAIMED, ...fields, write }
      // Sent again, after a retry gave the row to the same holder anew, it changes nothing: a retry takes the image id away.
      const imageId = record.imageId ?? { $exists: false }
      return [{ filter: { _id, holder, imageId, outcomeKind: NOT_ENDED } as const, replacement }]
    })
    const written = await replaceRows({ rows, ask }, replacements, waiting)
    return held.filter(({ _id }) => written.has(_id)).map(({ position }) => position)
  }
}

/** Those of these rows that are still this holder's, and have not ended. */
function heldBy({ id, holder, rows }: HeldRows): Filter<ImportRowRecord> {
  const positions = rows.map(({ position }) => idOfRow(id, position))
  // A row that has lost its key has none of these.
  const keys = rows.map(({ key }) => key)
  return { _id: { $in: positions }, key: { $in: keys }, holder, outcomeKind: NOT_ENDED }
}
