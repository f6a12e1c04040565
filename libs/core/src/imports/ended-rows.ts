import type { ImportId } from '../ids.ts'
import { pause } from '../lead.ts'
import type { EndedRow } from '../ports/import-store.ts'
import { dropPictures, stagedOf } from './erase-import.ts'
import { type ImportRow, namedRow } from './import-row.ts'
import type { ImporterDeps, ImporterOptions } from './importer.ts'
import type { RowOutcome } from './row-outcome.ts'

/** Outcomes are written together: a quarter of the rows that may be under way, or what has come after so long, or the last ones. */
const SHARE_OF_WINDOW = 0.25
const FLUSH_AFTER_MS = 250
/** A store that is away or slow for a moment must not cost the work on rows that are done. */
const WRITE_AGAIN_MS = 1_000
const MOST_WRITES = 30

interface Ended {
  readonly row: ImportRow
  readonly outcome: RowOutcome
}

export interface EndedRowsOptions extends Pick<ImporterOptions, 'onRow' | 'window'> {
  /** Whether no row is under way whose outcome is still to come: there is nothing to wait for. */
  readonly areAllIn: () => boolean
  /** Who has the claim on the rows. */
  readonly holder: string
  /** False: the row was tried anew by somebody's call since, so that its outcome has been written before. */
  readonly isStillHeld: (id: ImportId, row: ImportRow) => boolean
  /** These rows are this process's no more, whether their outcomes could be written or not. */
  readonly onLeft: (id: ImportId, rows: readonly ImportRow[]) => void
  /** After each fault. A claim that nobody ends runs out in the end, and the row is done again, so that nothing is lost. */
  readonly onFault: (fault: unknown) => void
}

/** Outcomes that are written together. */
interface Batch {
  readonly ended: Map<ImportId, Ended[]>
  /** Resolves once they were written, or could not be. */
  readonly written: PromiseWithResolvers<void>
  timer: NodeJS.Timeout
}

/** Outcomes on their way to the store, many in one write. */
export class EndedRows {
  readonly #deps: Pick<ImporterDeps, 'imports' | 'staged'>
  readonly #options: EndedRowsOptions
  readonly #stopping = new AbortController()
  #gathering: Batch | null = null

  constructor(deps: Pick<ImporterDeps, 'imports' | 'staged'>, options: EndedRowsOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** Resolves once the outcome was written with those of other rows, or could not be. */
  add(id: ImportId, ended: Ended): Promise<void> {
    const batch = this.#gathering ?? this.#gather()
    const all = [...(batch.ended.get(id) ?? []), ended]
    batch.ended.set(id, all)
    const isEnough = all.length >= this.#options.window * SHARE_OF_WINDOW || this.#options.areAllIn()
    if (isEnough) this.#sendAfter(batch, 0)
    return batch.written.promise
  }

  /** Durable before it is told: only then is the row counted, and its picture dropped. */
  async flush(): Promise<void> {
    if (this.#gathering !== null) await this.#send(this.#gathering)
  }

  /** What cannot be written now is no longer this process's matter, since it leads no more or stops. */
  stopRepeating(): void {
    this.#stopping.abort(new Error('what came of rows is written once more at most'))
  }

  /** The rows stay claimed meanwhile. */
  async #writeInTheEnd(id: ImportId, all: readonly Ended[]): Promise<void> {
    const { signal } = this.#stopping
    for (let writes = 1; ; writes++) {
      try {
        return await this.#write(id, all)
      } catch (fault) {
        this.#options.onFault(fault)
        if (writes === MOST_WRITES || signal.aborted) return
        await pause(WRITE_AGAIN_MS, signal)
      }
    }
  }

  #gather(): Batch {
    const [ended, written] = [new Map(), Promise.withResolvers<void>()]
    const timer = setTimeout(() => void this.#send(batch), FLUSH_AFTER_MS)
    const batch: Batch = { ended, written, timer }
    this.#gathering = batch
    return batch
  }

  #sendAfter(batch: Batch, ms: number): void {
    clearTimeout(batch.timer)
    batch.timer = setTimeout(() => void this.#send(batch), ms)
  }

  async #send(batch: Batch): Promise<void> {
    clearTimeout(batch.timer)
    if (this.#gathering === batch) this.#gathering = null
    try {
      for (const [id, all] of batch.ended) {
        await this.#writeInTheEnd(id, all)
        this.#options.onLeft(
          id,
          all.map(({ row }) => row),
        )
      }
    } finally {
      batch.written.resolve()
    }
  }

  async #write(id: ImportId, all: readonly Ended[]): Promise<void> {
    const held = all.filter(({ row }) => this.#options.isStillHeld(id, row))
    const rows: readonly EndedRow[] = held.map(({ row, outcome }) => ({ ...namedRow(row), outcome }))
    const written = new Set(await this.#deps.imports.rows.end({ id, holder: this.#options.holder, rows }))
    const mine = held.filter(({ row }) => written.has(row.position))
    for (const { outcome } of mine) this.#options.onRow?.(outcome.kind)
    const done = mine.filter(({ outcome }) => outcome.kind !== 'failed')
    await dropPictures(
      this.#deps,
      done.flatMap(({ row }) => stagedOf(row)),
    )
  }
}
