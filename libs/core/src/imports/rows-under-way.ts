import type { AppError } from '../errors.ts'
import type { ImageId, ImportId } from '../ids.ts'
import { pause } from '../lead.ts'
import { untilTurn } from '../waiting.ts'
import { EndedRows } from './ended-rows.ts'
import { enrolledByRow } from './enrolled-by-row.ts'
import { HeldUpNotes } from './held-up-notes.ts'
import type { Import } from './import.ts'
import { type ImportRow, namedRow } from './import-row.ts'
import type { ImporterDeps, ImporterOptions } from './importer.ts'
import type { RowOutcome } from './row-outcome.ts'
import { StoreAbsence } from './store-absence.ts'
import { nameOfRow, SuspectedRows } from './suspected-rows.ts'
import { tryRow } from './try-row.ts'
import { type Turn, Turns } from './turns.ts'
import { turnOfPerson, turnOfPicture } from './turns-of-row.ts'

/** Longer than a row takes, deadline of its job included; extended while it is under way. */
export const LEASE_MS = 20_000
const EXTEND_EVERY_MS = 5_000
/** While what everything needs is away (workers, a store), no row is begun for so long. */
const HELD_UP_MS = 2_000
const RELEASE_AGAIN_MS = 1_000
/** Of an import that this process takes up: they are under way before a whole window has been claimed. */
const FIRST_ROWS = 16

interface Held {
  readonly made: Import
  readonly row: ImportRow
  /** Of the row's image, all that it was given here: with another one it was tried anew by somebody's call, and this is past. */
  readonly imageIds: Set<ImageId | null>
  /** Some worker may still be at it once it has ended: see `RowToTry`. */
  readonly mayRunElsewhere: boolean
  /** Aborts when the row is not to begin any more, as when all work is to end. */
  readonly unlessBegun: AbortSignal
  /** It is tried alone: while it is under way, no other row of any import is claimed. See `SuspectedRows`. */
  readonly isSuspected: boolean
  /**
   * Whether it is being given back: the store may have given it to this process anew before it says that it took it.
   * `in-doubt`: the store may have taken it back, and did not say so.
   */
  leaving: 'no' | 'yes' | 'in-doubt'
}

/** The rows that this process has claimed: runs them, keeps their claims, and writes what came of them. */
export class RowsUnderWay {
  readonly #deps: ImporterDeps
  readonly #options: ImporterOptions
  readonly #holder: string
  readonly #held = new Map<string, Held>()
  /** The last claim that was asked for. */
  #taking: Promise<unknown> = Promise.resolve()
  readonly #running = new Set<Promise<void>>()
  /** Rows of which nobody knows yet what comes of them. */
  #unknown = 0
  readonly #ended: EndedRows
  readonly #waiting = new Set<() => void>()
  readonly #extending: NodeJS.Timeout
  readonly #notes: HeldUpNotes
  readonly #persons = new Turns()
  readonly #pictures = new Turns()
  readonly #absence: StoreAbsence
  readonly #suspected: SuspectedRows
  /** For each import that has rows here: what gives back those that have not begun. */
  readonly #givingBack = new Map<ImportId, AbortController>()
  /** Imports whose rows nobody else has claimed since this process leads. */
  readonly #mine = new Set<ImportId>()
  #heldUpUntil = 0

  constructor(deps: ImporterDeps, options: ImporterOptions) {
    this.#deps = deps
    this.#options = options
    this.#holder = deps.gallery.newId()
    this.#absence = new StoreAbsence(deps.gallery.clock)
    this.#suspected = new SuspectedRows(this.#absence)
    this.#notes = new HeldUpNotes({ imports: deps.imports, clock: deps.gallery.clock })
    this.#ended = new EndedRows(deps, {
      holder: this.#holder,
      window: options.window,
      areAllIn: () => this.#unknown === 0,
      ...(options.onRow === undefined ? {} : { onRow: options.onRow }),
      isStillHeld: (id, row) => this.#held.get(nameOfRow({ id }, row))?.row === row,
      onLeft: (id, rows) => {
        for (const row of rows) this.#leave(id, row)
      },
      onFault: (fault) => {
        this.#noteStoreAway()
        deps.gallery.onDeferred('write what came of rows', fault)
      },
    })
    this.#extending = setInterval(() => void this.#extend(), EXTEND_EVERY_MS)
    this.#extending.unref()
  }

  /** Rows that may be under way at once. */
  get window(): number {
    return this.#options.window
  }

  /** Rows that may be taken now. */
  get room(): number {
    return this.isHeldUp ? 0 : Math.max(0, this.#options.window - this.#held.size)
  }

  /** What every row needs is away: beginning another one is no use. */
  get isHeldUp(): boolean {
    return this.#deps.gallery.clock.monotonic() < this.#heldUpUntil
  }

  get isEmpty(): boolean {
    return this.#held.size === 0
  }

  /** Rows of all other imports go back unless work on them has begun. */
  giveBackAllBut(active: ReadonlySet<ImportId>): void {
    for (const [id, controller] of this.#givingBack) {
      if (active.has(id)) continue
      this.#givingBack.delete(id)
      controller.abort(new Error('the import is not worked on any more'))
    }
  }

  countOf(id: ImportId): number {
    return [...this.#held.values()].filter(({ made }) => made.id === id).length
  }

  /** These are worked on now: a suspected row of another import keeps nobody waiting. */
  awaitOnly(active: readonly Import[]): void {
    this.#suspected.awaitOnly(active)
  }

  /**
   * Claims rows of an import and begins them; answers how many. None while a row of it is given back once more, or one of any import
   * is tried alone, or is to be as soon as nothing else is under way.
   */
  async take(made: Import, count: number, signal: AbortSignal): Promise<number> {
    const held = [...this.#held.values()]
    if (!this.#suspected.mayBegin(made.id, held)) return 0
    if (held.some(({ made: { id }, leaving }) => id === made.id && leaving === 'in-doubt')) return 0
    this.#suspected.awaitNone()
    const taking = this.#take(made, count, signal)
    this.#taking = taking.catch(() => {})
    return taking
  }

  async #take(made: Import, count: number, signal: AbortSignal): Promise<number> {
    const wanted = this.#suspected.claimSize(made.id, count)
    const most = this.#mine.has(made.id) ? wanted : Math.min(wanted, FIRST_ROWS)
    await this.#takeOver(made.id, signal)
    const newImageIds = Array.from({ length: most }, () => this.#deps.gallery.newId() as ImageId)
    const claim = { id: made.id, holder: this.#holder, leaseMs: LEASE_MS, newImageIds }
    const claimed = await this.#deps.imports.rows.claim(claim, { signal }).catch((fault: unknown) => {
      // It may have been carried out: those rows count as begun, and nobody worked on them.
      if (!signal.aborted) this.#noteStoreAway()
      throw fault
    })
    // Its own claims run out, too, if it stood still, or the store's clock was set: those rows are under way as before.
    const fresh = claimed.filter((row) => !this.#isUnderWay(made.id, row))
    const isAlone = this.#held.size === 0
    const { begun: rows, left, hasSuspect } = this.#suspected.choose(made, fresh, isAlone)
    if (left.length > 0) await this.#leaveUnbegun(made.id, left)
    const unlessBegun = AbortSignal.any([signal, this.#givingBackOf(made.id).signal])
    const firstIds = new Set(newImageIds)
    for (const row of rows) {
      const wasClaimed = row.imageId !== null && !firstIds.has(row.imageId)
      const mayRunElsewhere = wasClaimed || this.#deps.runsOnce !== true
      const held: Held = {
        made,
        row,
        imageIds: new Set([row.imageId]),
        mayRunElsewhere,
        unlessBegun,
        isSuspected: hasSuspect,
        leaving: 'no',
      }
      this.#held.set(nameOfRow(made, row), held)
      const running = this.#run(held, signal).finally(() => this.#running.delete(running))
      this.#running.add(running)
    }
    return rows.length
  }

  /** If it goes wrong, their claims run out. */
  async #leaveUnbegun(id: ImportId, rows: readonly ImportRow[]): Promise<void> {
    await this.#deferring('give rows back that are not begun', () =>
      this.#deps.imports.rows.release({ id, holder: this.#holder, rows: rows.map(namedRow) }),
    )
  }

  #isUnderWay(id: ImportId, row: ImportRow): boolean {
    const held = this.#held.get(nameOfRow({ id }, row))
    return held !== undefined && held.leaving === 'no' && held.imageIds.has(row.imageId)
  }

  #givingBackOf(id: ImportId): AbortController {
    const controller = this.#givingBack.get(id) ?? new AbortController()
    this.#givingBack.set(id, controller)
    return controller
  }

  /** Whoever led before hands out no rows any more: theirs need not wait until their claims have run out. */
  async #takeOver(id: ImportId, signal: AbortSignal): Promise<void> {
    if (this.#mine.has(id)) return
    await this.#deps.imports.rows.endClaims({ id, holder: this.#holder }, { signal })
    this.#mine.add(id)
  }

  /** Resolves when there is room for a quarter of the window, or the signal aborts. */
  async untilRoom(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#held.size > this.#options.window * 0.75) await this.#untilEnded(signal)
  }

  /** Resolves when the last of them has ended (of none, the last one that comes), or the signal aborts. */
  async untilNoneLeft(signal: AbortSignal): Promise<void> {
    do await this.#untilEnded(signal)
    while (!signal.aborted && this.#held.size > 0)
  }

  async #untilEnded(signal: AbortSignal): Promise<void> {
    const join = (begin: () => void) => {
      this.#waiting.add(begin)
      return () => this.#waiting.delete(begin)
    }
    await untilTurn(join, signal).catch(() => {})
  }

  /** Waits for what is under way, and writes its outcomes. */
  async finish(): Promise<void> {
    this.#ended.stopRepeating()
    while (this.#running.size > 0) await Promise.all(this.#running)
    clearInterval(this.#extending)
    await this.#ended.flush()
  }

  async #run(held: Held, signal: AbortSignal): Promise<void> {
    const turn = turnOfPicture(held)
    const run = async () => {
      await this.#runNow(held, signal)
      return 'ran' as const
    }
    // Until its outcome is written: the next row of a dry run learns from nothing else that the picture came before.
    const ran = await (turn === null ? run() : this.#inTurn(this.#pictures, { turn, run, held }, signal))
    if (ran === null) await this.#giveBack(held, signal)
  }

  async #runNow(held: Held, signal: AbortSignal): Promise<void> {
    this.#unknown += 1
    const outcome = await this.#outcomeOf(held, signal).catch((fault: unknown) => {
      // The store is away, of which another image id was asked: the row waits for it, as all others do.
      this.#deps.gallery.onDeferred('do a row of an import', fault)
      this.#noteStoreAway()
      return null
    })
    this.#unknown -= 1
    if (outcome === null) await this.#giveBack(held, signal)
    else {
      this.#suspected.failed.forget(nameOfRow(held.made, held.row))
      await this.#ended.add(held.made.id, { row: held.row, outcome })
    }
  }

  #outcomeOf(held: Held, signal: AbortSignal): Promise<RowOutcome | null> {
    const name = nameOfRow(held.made, held.row)
    const deps = {
      runRow: this.#deps.runRow,
      renewImageId: (row: ImportRow) => this.#renewed(held, row),
      enrolledBefore: (row: ImportRow) =>
        enrolledByRow(this.#deps.gallery, { row, policies: held.made.policies }, { signal }),
      onHeldUp: async (fault: AppError) => {
        this.#holdUp()
        await this.#deferring('note what an import waits for', () => this.#notes.note(held.made.id, fault))
      },
      failedBefore: this.#suspected.failed.of(name),
      isAlone: held.isSuspected,
      onSuspected: (tries: number) => this.#suspected.failed.note(name, tries),
      wasStoreAwayLately: () => this.#absence.wasLately(held.made),
      onUnexpected: (fault: unknown) => this.#deps.gallery.onDeferred('do a row of an import', fault),
    }
    const run = () => tryRow(deps, held, signal)
    const turn = turnOfPerson(held)
    return turn === null ? run() : this.#inTurn(this.#persons, { turn, run, held }, signal)
  }

  /** Null if the row is to be given back before its turn came. */
  async #inTurn<T>(
    turns: Turns,
    { turn, run, held }: { readonly turn: Turn; readonly run: () => Promise<T>; readonly held: Held },
    signal: AbortSignal,
  ): Promise<T | null> {
    const { unlessBegun } = held
    try {
      return await turns.run(turn, run, unlessBegun)
    } catch (fault) {
      if (signal.aborted || (unlessBegun.aborted && fault === unlessBegun.reason)) return null
      throw fault
    }
  }

  #holdUp(): void {
    this.#heldUpUntil = this.#deps.gallery.clock.monotonic() + HELD_UP_MS
  }

  #noteStoreAway(): void {
    this.#absence.note()
    this.#holdUp()
  }

  async #renewed({ made, imageIds }: Held, row: ImportRow): Promise<ImportRow> {
    const imageId = this.#deps.gallery.newId() as ImageId
    imageIds.add(imageId)
    const held = { id: made.id, holder: this.#holder, ...namedRow(row) }
    await this.#deps.imports.rows.renewImageId({ ...held, imageId })
    return { ...row, imageId }
  }

  /** Its claim is kept until the store takes it back, or it would count as one that came to no end. */
  async #giveBack(held: Held, signal: AbortSignal): Promise<void> {
    const { made, row } = held
    held.leaving = 'yes'
    const release = () =>
      this.#deferring('give a row back', () =>
        this.#deps.imports.rows.release({ id: made.id, holder: this.#holder, rows: [namedRow(row)] }),
      )
    if (!(await release())) await this.#giveBackAgain(held, release, signal)
    this.#leave(made.id, row)
  }

  /**
   * The answer may have been lost, and no more than that: the row may have been claimed here anew since, and that claim must stay.
   * Until it is clear no further one is asked for.
   */
  async #giveBackAgain(held: Held, release: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    held.leaving = 'in-doubt'
    const isStillHeld = () => this.#held.get(nameOfRow(held.made, held.row)) === held
    do {
      await pause(RELEASE_AGAIN_MS, signal)
      await this.#taking
    } while (isStillHeld() && !(await release()) && !signal.aborted)
  }

  #leave(id: ImportId, row: ImportRow): void {
    const name = nameOfRow({ id }, row)
    if (this.#held.get(name)?.row === row) this.#held.delete(name)
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resume of waiting) resume()
  }

  async #extend(): Promise<void> {
    for (const [id, held] of Map.groupBy(this.#held.values(), ({ made }) => made.id)) {
      const rows = held.map(({ row }) => namedRow(row))
      await this.#deferring('keep the claim on rows', async () => {
        await this.#deps.imports.rows.extend({ id, holder: this.#holder, rows, leaseMs: LEASE_MS })
      })
    }
  }

  /** The claim runs out by itself, and the row is done again, so that a fault here loses nothing. Answers whether it went well. */
  async #deferring(step: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (fault) {
      this.#noteStoreAway()
      this.#deps.gallery.onDeferred(step, fault)
      return false
    }
  }
}
