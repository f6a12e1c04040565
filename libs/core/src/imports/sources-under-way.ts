import { AppError } from '../errors.ts'
import type { ImportId } from '../ids.ts'
import type { ImportSourceReader, SourcePortion } from '../ports/import-source-reader.ts'
import { addRows } from './add-rows.ts'
import type { Import, ImportChanges } from './import.ts'
import { type ImportSource, isSameSource } from './import-source.ts'
import type { ImporterDeps, ImporterOptions } from './importer.ts'
import { notesWith } from './source-notes.ts'

/** Rows of an import that may wait before no more are read: enough for every worker, and little to keep. */
const MOST_WAITING = 10_000
/** Sources read from at once; each portion is one listing and one write. */
const READ_AT_ONCE = 4
/** For one portion, its write included. */
const PORTION_MS = 30_000
/** After a fault that may pass, a source is left alone for this long, and then for twice as long each time. */
const REST_MS = 1_000
const LONGEST_REST_MS = 60_000

/**
 * Reads the sources of imports, a portion at a time. The cursor is written after the rows of its portion: a process that
 * dies between has the next one read the same portion again, and rows that are there have no second effect.
 */
export class SourcesUnderWay {
  readonly #deps: ImporterDeps
  readonly #onRow: ImporterOptions['onRow']
  readonly #running = new Map<
    ImportId,
    { readonly done: Promise<void>; readonly stopping: AbortController }
  >()
  /** Of the sources that are to be read; the one whose turn is longest ago comes first. */
  readonly #turns = new Map<ImportId, number>()
  #turn = 0
  readonly #resting = new Map<ImportId, { readonly until: number; readonly ms: number }>()

  constructor(deps: ImporterDeps, { onRow }: Pick<ImporterOptions, 'onRow'> = {}) {
    this.#deps = deps
    this.#onRow = onRow
  }

  /** Begins the next portion of each source that is to be read; resolves none of them. */
  goOn(imports: readonly Import[], signal: AbortSignal): void {
    const { sources } = this.#deps
    const reading = imports.filter(({ source, state }) => state === 'open' && source?.state === 'reading')
    if (sources === undefined) return
    this.#letGoOfOthers(reading, sources)
    const now = this.#deps.gallery.clock.monotonic()
    const turnOf = ({ id }: Import) => this.#turns.get(id) ?? 0
    for (const made of reading.toSorted((one, other) => turnOf(one) - turnOf(other))) {
      const isResting = (this.#resting.get(made.id)?.until ?? now) > now
      if (this.#running.size >= READ_AT_ONCE) return
      if (isResting || this.#running.has(made.id)) continue
      this.#begin(made, sources, signal)
    }
  }

  /** Waits for what is under way; the signal of `goOn` cuts it short. */
  async finish(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ done }) => done))
  }

  /** What was paused, cancelled, deleted or read to its end keeps no connection and no place. */
  #letGoOfOthers(reading: readonly Import[], sources: ImportSourceReader): void {
    const ids = new Set(reading.map(({ id }) => id))
    for (const id of this.#turns.keys()) {
      if (ids.has(id)) continue
      this.#turns.delete(id)
      this.#resting.delete(id)
      this.#running.get(id)?.stopping.abort(new Error('the import is not read on'))
      sources.letGo?.(id)
    }
  }

  #begin(made: Import, sources: ImportSourceReader, signal: AbortSignal): void {
    const { id } = made
    this.#turn += 1
    this.#turns.set(id, this.#turn)
    const stopping = new AbortController()
    const limited = AbortSignal.any([signal, AbortSignal.timeout(PORTION_MS)])
    const read: ImportSourceReader['read'] = (place) =>
      sources.read(place, { signal: AbortSignal.any([limited, stopping.signal]) })
    const portion = this.#readPortion(made, { read }, AbortSignal.any([limited, stopping.signal])).catch(
      (fault: unknown) => {
        if (signal.aborted || stopping.signal.aborted) return
        this.#rest(id)
        // Others have sent pictures meanwhile, and there is no room for these now.
        if (fault instanceof AppError && fault.code === 'E_OVERLOADED') return
        this.#deps.gallery.onDeferred('read the source of an import', fault)
      },
    )
    this.#running.set(id, { stopping, done: portion.finally(() => this.#running.delete(id)) })
  }

  async #readPortion(made: Import, sources: ImportSourceReader, signal: AbortSignal): Promise<void> {
    const { source, id } = made
    if (source === null) return
    const { maxStagedBytes = Number.POSITIVE_INFINITY } = this.#deps
    const { waiting, stagedBytes } = await this.#deps.imports.rows.count(id, { signal })
    if (waiting >= MOST_WAITING || stagedBytes >= maxStagedBytes) return
    const portion = await sources.read({ ...source, id })
    if (portion.outcome === 'refused') {
      if (portion.isPassing) this.#rest(id)
      return this.#note(made, sourceAfter(source, portion), signal)
    }
    // A server that gives nothing is as far away as before: it goes on to be asked ever more seldom.
    if (isEmpty(source, portion)) return this.#note(made, sourceAfter(source, portion), signal)
    let conflicts = 0
    if (portion.rows.length > 0) {
      const deps = { ...this.#deps, maxStagedBytes, onRow: this.#onRow }
      const added = await addRows(deps, { id, rows: portion.rows, tellsConflicts: true }, { signal })
      if (added.outcome !== 'added') return
      conflicts = added.rows.filter((row) => row === 'conflict').length
    }
    this.#resting.delete(id)
    const after = sourceAfter(source, portion)
    // The first of a reading from the beginning: conflicts that a reading before it met are met again.
    const isFirst = portion.rowsInAll === portion.rows.length
    const before = isFirst ? 0 : (after.conflicts ?? 0)
    await this.#note(made, { ...after, conflicts: before + conflicts }, signal)
  }

  /** Only while the import still reads what was read from: somebody may have changed it meanwhile. */
  async #note(made: Import, source: ImportSource, signal: AbortSignal): Promise<void> {
    const { imports, gallery } = this.#deps
    for (;;) {
      const now = await imports.records.find(made.id, { signal })
      const at = now?.source
      if (now === null || at?.state !== 'reading' || !isSameSource(at, source)) return
      if (at.cursor !== made.source?.cursor) return
      if (isNoted(at, source)) return
      const noted = { ...source, closes: at.closes }
      const ends = source.state === 'read' && at.closes && now.takesRows
      const closed: Partial<ImportChanges> = ends
        ? { takesRows: false, state: now.state === 'open' ? 'running' : now.state }
        : {}
      const changes = { ...closed, source: noted, updatedAt: gallery.clock.now() }
      if ((await imports.records.update(now, changes, { signal })) !== null) return
    }
  }

  #rest(id: ImportId): void {
    const ms = Math.min((this.#resting.get(id)?.ms ?? REST_MS / 2) * 2, LONGEST_REST_MS)
    this.#resting.set(id, { ms, until: this.#deps.gallery.clock.monotonic() + ms })
  }
}

/** Whether all of what is to be noted is there already. */
function isNoted(at: ImportSource, source: ImportSource): boolean {
  const isAlike = at.state === source.state && at.why === source.why && at.cursor === source.cursor
  return isAlike && (at.notes ?? []).join() === (source.notes ?? []).join()
}

/** Whether nothing has come yet. */
function isEmpty(source: ImportSource, portion: SourcePortion): boolean {
  return portion.outcome === 'rows' && portion.cursor === source.cursor && !portion.isEnd
}

function sourceAfter(source: ImportSource, portion: SourcePortion): ImportSource {
  if (portion.outcome === 'refused') {
    const { isPassing, why, restarts = false } = portion
    const cursor = restarts ? null : source.cursor
    return { ...source, state: isPassing ? 'reading' : 'failed', why, cursor }
  }
  const { cursor, rows, isEnd, rowsInAll, notes = [] } = portion
  return {
    ...source,
    ...(notes.length === 0 ? {} : { notes: notesWith(source.notes ?? [], notes) }),
    state: isEnd ? 'read' : 'reading',
    // What is wrong with its server is more than that nothing comes from it.
    why: isEmpty(source, portion) ? (source.why ?? portion.why ?? null) : null,
    // It may tell whom a picture shows, and nobody needs it any more.
    cursor: isEnd ? null : cursor,
    rows: rowsInAll ?? source.rows + rows.length,
  }
}
