import {
  type AddedRow,
  cancelledRow,
  type EndedRow,
  endedRow,
  flatRowOf,
  type HeldRows,
  type ImageId,
  type ImportId,
  type ImportRow,
  type ImportRows,
  type KnownRow,
  type NamedRow,
  PACE_WINDOW_MS,
  type RetryQuery,
  type RowClaim,
  type RowCounts,
  type RowDraft,
  type RowPace,
  type RowQuery,
  rowOfFlat,
} from '@semblance/core'
import type { Database } from 'better-sqlite3'
import type { RowsOf } from '../store-calls.ts'
import { type ImportRowStatements, importRowStatements } from './import-row-statements.ts'

/** The rows of imports, of which each call's writes are one commit. Synchronous: runs on the store's own thread. */
export class ImportRowRows implements RowsOf<ImportRows> {
  readonly #sql: ImportRowStatements

  constructor(db: Database) {
    this.#sql = importRowStatements(db)
  }

  add(importId: ImportId, drafts: readonly RowDraft[], nowMs: number): readonly AddedRow[] {
    let position = this.#sql.nextPosition.get(importId)
    if (position === undefined) return drafts.map(() => 'conflict')
    const added: AddedRow[] = []
    let takenBytes = 0
    for (const { outcome: wrong, ...draft } of drafts) {
      const outcome = wrong ?? null
      const endedAt = outcome === null ? null : nowMs
      const row = { ...draft, position, tries: 0, imageId: null, outcome, endedAt }
      const isNew = this.#sql.insert.run({ ...flatRowOf(row), importId, nowMs }).changes === 1
      const digest = isNew ? draft.digest : this.#sql.find.get(importId, draft.key)?.digest
      if (isNew) position += 1
      if (isNew && draft.picture?.from === 'staged') takenBytes += draft.picture.bytes
      added.push(isNew ? 'added' : digest === draft.digest ? 'known' : 'conflict')
    }
    this.#sql.setNextPosition.run(position, takenBytes, importId)
    return added
  }

  known(id: ImportId, keys: readonly string[]): readonly KnownRow[] {
    const found = this.#sql.known.all(id, JSON.stringify(keys))
    const known = new Map(found.map((row) => [row.key, row]))
    return keys.flatMap((key) => known.get(key) ?? [])
  }

  neededPictures(ids: readonly ImageId[]): readonly ImageId[] {
    const needed = new Set(this.#sql.neededPictures.all(JSON.stringify(ids)))
    return ids.filter((id) => needed.has(id))
  }

  claim({ id, holder, leaseMs, newImageIds }: RowClaim, nowMs: number): readonly ImportRow[] {
    const free = this.#sql.free.all({ id, nowMs, limit: newImageIds.length })
    return free.map((columns, i) => {
      const imageId = columns.imageId ?? newImageIds[i] ?? null
      const { position } = columns
      this.#sql.claim.run({ id, position, holder, imageId, until: nowMs + leaseMs })
      return rowOfFlat({ ...columns, imageId, tries: columns.tries + 1 })
    })
  }

  extend(held: HeldRows & { readonly leaseMs: number }, nowMs: number): readonly number[] {
    const { id, holder, rows, leaseMs } = held
    const until = nowMs + leaseMs
    return rows
      .filter((row) => this.#sql.extend.run({ id, holder, ...row, until }).changes === 1)
      .map(({ position }) => position)
  }

  endClaims(of: { readonly id: ImportId; readonly holder: string }): void {
    this.#sql.endClaims.run(of)
  }

  renewImageId(
    held: NamedRow & { readonly id: ImportId; readonly holder: string; readonly imageId: ImageId },
  ): void {
    this.#sql.renewImageId.run(held)
  }

  release({ id, holder, rows }: HeldRows): void {
    for (const row of rows) this.#sql.release.run({ id, holder, ...row })
  }

  end(
    ended: { readonly id: ImportId; readonly holder: string; readonly rows: readonly EndedRow[] },
    nowMs: number,
  ): readonly number[] {
    const { id, holder, rows } = ended
    return rows.flatMap(({ key, position, outcome }) => {
      const held = this.#sql.findHeld.get({ id, holder, key, position })
      if (held === undefined) return []
      this.#sql.replace.run({ ...flatRowOf(endedRow(rowOfFlat(held), { outcome, at: nowMs })), importId: id })
      return [position]
    })
  }

  setPictureSha256(row: NamedRow & { readonly id: ImportId; readonly sha256: string }): void {
    this.#sql.setPictureSha256.run(row)
  }

  wouldHavePicture(query: {
    readonly id: ImportId
    readonly personKey: string
    readonly sha256: string
  }): boolean {
    return this.#sql.wouldHavePicture.get(query) !== undefined
  }

  retry({ id, kinds, passingOnly }: RetryQuery): number {
    return this.#sql.retry.run({ id, kinds: JSON.stringify(kinds), passingOnly: Number(passingOnly) }).changes
  }

  list({ id, after, limit, kinds }: RowQuery): readonly ImportRow[] {
    if (kinds === undefined) return this.#sql.list.all(id, after, limit).map(rowOfFlat)
    return this.#sql.listOfKinds.all(id, JSON.stringify(kinds), after, limit).map(rowOfFlat)
  }

  find(id: ImportId, key: string): ImportRow | null {
    const row = this.#sql.find.get(id, key)
    return row === undefined ? null : rowOfFlat(row)
  }

  count(id: ImportId, nowMs: number): RowCounts {
    const ended = Object.fromEntries(this.#sql.countEnded.all(id).map(({ kind, count }) => [kind, count]))
    const { waiting, claimed, oldestAt, oldestClaimedAt, claimedUntil } =
      this.#sql.countUnended.get({ id, nowMs }) ?? NO_ROWS
    const stagedBytes = this.#sql.stagedBytes.get(id) ?? 0
    const ageOf = (at: number | null) => (at === null ? 0 : Math.max(0, nowMs - at))
    return {
      waiting,
      claimed,
      ended,
      stagedBytes,
      oldestWaitingMs: ageOf(oldestAt),
      oldestClaimedMs: ageOf(oldestClaimedAt),
      claimLeftMs: (claimedUntil ?? nowMs) - nowMs,
    }
  }

  pace(id: ImportId, nowMs: number): RowPace {
    const all = this.#sql.ends.get(id, 0) ?? NO_ENDS
    const lately = this.#sql.ends.get(id, nowMs - PACE_WINDOW_MS) ?? NO_ENDS
    return {
      takenBytes: this.#sql.takenBytes.get(id) ?? 0,
      all: { rows: all.rows, ms: (all.lastAt ?? 0) - (all.firstAt ?? 0) },
      lately: { rows: lately.rows, ms: Math.max(0, nowMs - (lately.firstAt ?? nowMs)) },
      idleMs: all.lastAt === null ? null : Math.max(0, nowMs - all.lastAt),
    }
  }

  cancel(id: ImportId, limit: number, nowMs: number): readonly ImportRow[] {
    const free = this.#sql.neverClaimed.all({ id, limit })
    const failed = this.#sql.endedWithPicture.all({ id, limit: limit - free.length })
    return [...free, ...failed].map((columns) => {
      const row = rowOfFlat(columns)
      this.#sql.replace.run({ ...flatRowOf(cancelledRow(row, nowMs)), importId: id })
      return row
    })
  }

  remove(id: ImportId, limit: number): readonly ImportRow[] {
    const rows = this.#sql.list.all(id, 0, limit).map(rowOfFlat)
    for (const { position } of rows) this.#sql.remove.run(id, position)
    return rows
  }
}

const NO_ENDS = { rows: 0, firstAt: null, lastAt: null }
const NO_ROWS = { waiting: 0, claimed: 0, oldestAt: null, oldestClaimedAt: null, claimedUntil: null }
