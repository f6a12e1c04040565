import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImportId } from '../ids.ts'
import { pause, startLeading } from '../lead.ts'
import type { ImageStore } from '../ports/image-store.ts'
import type { ImportSourceReader } from '../ports/import-source-reader.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { JobWaiting } from '../ports/job-queue.ts'
import { untilFirst } from '../waiting.ts'
import { CancelledImports } from './cancelled-imports.ts'
import { DeletedImports } from './deleted-imports.ts'
import { giveBackInactive } from './give-back-inactive.ts'
import type { Import } from './import.ts'
import type { RowWork } from './person-of-row.ts'
import type { OutcomeKind, RowOutcome } from './row-outcome.ts'
import { RowsUnderWay } from './rows-under-way.ts'
import { SourcesUnderWay } from './sources-under-way.ts'

/** Key of the lease under which one process of the installation hands out the rows of all imports. */
const IMPORTER_LEASE = 'importer'
/** Rows that come one by one, each in a call of its own, do not make as many looks as there are calls. */
const SOONEST_LOOK_MS = 100

export interface ImporterDeps {
  readonly gallery: GalleryPorts
  readonly imports: ImportStore
  /** Pictures that wait for their row. */
  readonly staged: ImageStore
  /** Bytes of staged pictures that one import may have waiting before no more of its source is read; left out: no bound. */
  readonly maxStagedBytes?: number | undefined
  /** Left out: this process reads no sources. */
  readonly sources?: ImportSourceReader | undefined
  /** Has a row done somewhere, and tells what came of it. What it throws with `retryable` is not the row's fault. */
  readonly runRow: (work: RowWork, waiting: JobWaiting) => Promise<RowOutcome>
  /**
   * Once `runRow` has told what came of a row, nobody works on it any more. Left out: somebody may, as where a queue gives the
   * job of a worker that was silent to another one, and both are at it.
   */
  readonly runsOnce?: boolean | undefined
}

export interface ImporterOptions {
  /** Rows under way at once, of all imports together. */
  readonly window: number
  /** Pause between two looks while no import has a row to do. */
  readonly everyMs: number
  /** This is told of every row that has ended. */
  readonly onRow?: (kind: OutcomeKind) => void
  /** How long an import that is cancelled waits for those who let go of its rows; 2000 by default. */
  readonly settleMs?: number
  /** First of the growing waits after a fault of the lease's own store; 1000 by default. */
  readonly retryMs?: number
}

export interface Importer {
  /** There is something to do in this process's own knowledge: it looks at once. */
  wake(): void
  /** Whether this process hands out rows now. */
  readonly isLeading: boolean
  /** Takes no further row, waits for those under way, and gives the lease to the next one. */
  stop(): Promise<void>
}

/**
 * Has the rows of all imports done, for as long as this process leads. Imports take turns row by row, so that a large one
 * does not hold back a small one. Any process may die at any step: a row whose claim ran out is taken again.
 */
export function startImporter(deps: ImporterDeps, options: ImporterOptions): Importer {
  let wake = () => {}
  let isLeading = false
  const work = async (signal: AbortSignal) => {
    isLeading = true
    const sleep = () => new Promise<void>((resolve) => (wake = resolve))
    await handOut(deps, { ...options, sleep }, signal).finally(() => (isLeading = false))
  }
  const { retryMs } = options
  const leading = startLeading(deps.gallery, {
    key: IMPORTER_LEASE,
    what: 'lead the importer',
    work,
    retryMs,
  })
  return {
    wake: () => wake(),
    get isLeading() {
      return isLeading
    },
    stop: leading.stop,
  }
}

interface HandOutOptions extends ImporterOptions {
  /** Resolves when somebody wakes the importer. */
  readonly sleep: () => Promise<void>
}

async function handOut(deps: ImporterDeps, options: HandOutOptions, signal: AbortSignal): Promise<void> {
  const underWay = new RowsUnderWay(deps, options)
  const sources = new SourcesUnderWay(deps, options)
  const deleted = new DeletedImports(deps, options)
  const turns = new ImportTurns()
  // Beside the rows: the look for more of them waits until some have ended.
  const beside = [
    new CancelledImports(deps, options).keepOn(underWay, signal),
    giveBackInactive(deps, { underWay, everyMs: options.everyMs }, signal),
  ]
  try {
    while (!signal.aborted) {
      const lookedAt = deps.gallery.clock.monotonic()
      const woken = options.sleep()
      const taken = await look(deps, { underWay, sources, deleted, turns, signal }).catch(
        (fault: unknown) => {
          if (!signal.aborted) deps.gallery.onDeferred('look for rows to import', fault)
          return 0
        },
      )
      if (signal.aborted) break
      if (taken > 0) {
        await underWay.untilRoom(signal)
        continue
      }
      await untilFirst((over) => [woken, pause(options.everyMs, over), underWay.untilNoneLeft(over)], signal)
      const passedMs = deps.gallery.clock.monotonic() - lookedAt
      const soonestMs = Math.min(options.everyMs, SOONEST_LOOK_MS)
      if (passedMs < soonestMs) await pause(soonestMs - passedMs, signal)
    }
  } finally {
    await Promise.all([underWay.finish(), sources.finish(), ...beside])
  }
}

interface Round {
  readonly underWay: RowsUnderWay
  readonly sources: SourcesUnderWay
  readonly deleted: DeletedImports
  readonly turns: ImportTurns
  readonly signal: AbortSignal
}

/** Takes as many rows as there is room for, the same share of each import first; answers how many. */
async function look(
  deps: ImporterDeps,
  { underWay, sources, deleted, turns, signal }: Round,
): Promise<number> {
  const all = await deps.imports.records.listByState(['open', 'running', 'deleting'], { signal })
  const active = turns.inTurn(all.filter(({ state }) => state !== 'deleting'))
  underWay.awaitOnly(active)
  // First, so that what is paused or deleted is let go of, however long an erasure takes.
  sources.goOn(active, signal)
  const deleting = all.filter(({ state }) => state === 'deleting')
  await deleted.goOn(deleting, { signal })
  let taken = 0
  const takeFor = async (made: Import, share: number) => {
    const rows = await underWay.take(made, share, signal)
    taken += rows
    if (rows > 0) turns.note(made.id)
    if (rows < share && made.state === 'running') await endIfDone(deps, { made, underWay }, signal)
    return rows === share
  }
  // Rows that wait for each other end slowly: theirs must not fill the window, nor keep the rows of others out of it.
  const fairShare = Math.ceil(underWay.window / active.length)
  const hungry: Import[] = []
  for (const [i, made] of active.entries()) {
    if (underWay.room === 0) return taken
    const left = Math.max(0, fairShare - underWay.countOf(made.id))
    const share = Math.min(Math.ceil(underWay.room / (active.length - i)), left)
    if (share === 0 || (await takeFor(made, share))) hungry.push(made)
  }
  for (const [i, made] of hungry.entries()) {
    const share = Math.ceil(underWay.room / (hungry.length - i))
    if (share === 0) break
    await takeFor(made, share)
  }
  return taken
}

/** The import that was given rows longest ago comes first, so that each gets its turn however many there are. */
class ImportTurns {
  #given = 0
  #last = new Map<ImportId, number>()

  inTurn(active: readonly Import[]): readonly Import[] {
    this.#last = new Map(active.map(({ id }) => [id, this.#last.get(id) ?? 0]))
    return active.toSorted((a, b) => (this.#last.get(a.id) ?? 0) - (this.#last.get(b.id) ?? 0))
  }

  note(id: ImportId): void {
    this.#given += 1
    this.#last.set(id, this.#given)
  }
}

/** All rows are in, and all have ended. */
async function endIfDone(
  deps: ImporterDeps,
  { made, underWay }: { readonly made: Import; readonly underWay: RowsUnderWay },
  signal: AbortSignal,
): Promise<void> {
  if (underWay.countOf(made.id) > 0) return
  const { waiting, claimed } = await deps.imports.rows.count(made.id, { signal })
  if (waiting + claimed > 0) return
  const now = deps.gallery.clock.now()
  await deps.imports.records.update(made, { state: 'done', endedAt: now, updatedAt: now }, { signal })
}
