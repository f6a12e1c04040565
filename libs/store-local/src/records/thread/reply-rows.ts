import type { ClaimOutcome, ClaimRequest, HeldClaim, ObserveDamage, StoredReply } from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { LocalIdempotencyStore, RowsOf } from '../store-calls.ts'

interface ReplyRow {
  readonly fingerprint: string
  readonly seed: string
  readonly seededAt: number
  readonly holder: string | null
  readonly leaseUntil: number
  readonly done: number
  /** A null beside `done` means that the answer was too large to keep. */
  readonly status: number | null
  readonly headers: string
  readonly contentType: string | null
  readonly encoding: string
  readonly body: Uint8Array | null
}

const MINE = 'key = :key AND holder = :holder AND done = 0'

/** Remembered answers. Synchronous: runs on the store's own thread. */
export class ReplyRows implements RowsOf<LocalIdempotencyStore> {
  readonly #find: Statement<[string], ReplyRow>
  readonly #insert: Statement
  readonly #take: Statement
  readonly #extend: Statement
  readonly #reseed: Statement
  readonly #complete: Statement
  readonly #release: Statement
  readonly #forget: Statement
  readonly #endLeases: Statement
  readonly #onDamage: ObserveDamage

  constructor(db: Database, onDamage: ObserveDamage) {
    this.#onDamage = onDamage
    this.#find = db.prepare(`SELECT fingerprint, seed, seededAt, holder, leaseUntil, done, status, headers,
      contentType, encoding, body FROM replies WHERE key = ?`)
    this.#insert =
      db.prepare(`INSERT INTO replies (key, fingerprint, seed, seededAt, holder, leaseUntil, touchedAt)
      VALUES (:key, :fingerprint, :seed, :nowMs, :holder, :nowMs + :leaseMs, :nowMs)`)
    this.#take = db.prepare(`UPDATE replies SET holder = :holder, leaseUntil = :nowMs + :leaseMs,
      touchedAt = :nowMs WHERE key = :key`)
    this.#extend = db.prepare(`UPDATE replies SET leaseUntil = :nowMs + :leaseMs WHERE ${MINE}`)
    this.#reseed = db.prepare(`UPDATE replies SET seed = :seed, seededAt = :nowMs WHERE ${MINE}`)
    this.#complete = db.prepare(`UPDATE replies SET done = 1, holder = NULL, status = :status,
      headers = :headers, contentType = :contentType, encoding = :encoding, body = :body,
      touchedAt = :nowMs WHERE ${MINE}`)
    this.#release = db.prepare(`UPDATE replies SET holder = NULL, leaseUntil = 0 WHERE ${MINE}`)
    this.#forget = db.prepare(`DELETE FROM replies WHERE key IN
      (SELECT key FROM replies WHERE touchedAt <= :nowMs - :untouchedMs ORDER BY touchedAt LIMIT :limit)`)
    // The second condition names nobody out; it lets SQLite use the index.
    this.#endLeases = db.prepare(`UPDATE replies SET holder = NULL, leaseUntil = 0
      WHERE holder IS NOT NULL AND leaseUntil > 0`)
  }

  claim(request: ClaimRequest, nowMs: number): ClaimOutcome {
    const { key, fingerprint, holder, seed, leaseMs } = request
    const row = this.#find.get(key)
    if (row === undefined) {
      this.#insert.run({ key, fingerprint, seed, holder, leaseMs, nowMs })
      return { outcome: 'begun', seed, ageMs: 0 }
    }
    if (row.fingerprint !== fingerprint) return { outcome: 'mismatch' }
    if (row.done === 1) return { outcome: 'done', seed: row.seed, reply: this.#replyOf(key, row) }
    const isTaken = row.holder !== null && row.holder !== holder
    if (isTaken && row.leaseUntil > nowMs) return { outcome: 'running' }
    this.#take.run({ key, holder, leaseMs, nowMs })
    return { outcome: 'begun', seed: row.seed, ageMs: nowMs - row.seededAt }
  }

  isDone(key: string): boolean {
    return this.#find.get(key)?.done === 1
  }

  extend(claim: HeldClaim, leaseMs: number, nowMs: number): boolean {
    return this.#extend.run({ ...claim, leaseMs, nowMs }).changes === 1
  }

  reseed(claim: HeldClaim, seed: string, nowMs: number): boolean {
    return this.#reseed.run({ ...claim, seed, nowMs }).changes === 1
  }

  complete(claim: HeldClaim, reply: StoredReply | null, nowMs: number): boolean {
    const kept = {
      status: reply?.status ?? null,
      headers: JSON.stringify(reply?.headers ?? {}),
      contentType: reply?.contentType ?? null,
      encoding: reply?.encoding ?? '',
      body: reply?.body ?? null,
    }
    return this.#complete.run({ ...claim, ...kept, nowMs }).changes === 1
  }

  release(claim: HeldClaim): void {
    this.#release.run({ ...claim })
  }

  forget(old: { readonly untouchedMs: number; readonly limit: number }, nowMs: number): number {
    return this.#forget.run({ ...old, nowMs }).changes
  }

  endLeases(): void {
    this.#endLeases.run()
  }

  /** One that cannot be read counts as one that was too large to keep: what it answered was carried out. */
  #replyOf(key: string, { status, headers, contentType, encoding, body }: ReplyRow): StoredReply | null {
    if (status === null || body === null) return null
    try {
      return { status, headers: JSON.parse(headers), contentType, encoding, body: new Uint8Array(body) }
    } catch {
      this.#onDamage({ kind: 'reply', id: key, why: 'its headers are no JSON' })
      return null
    }
  }
}
