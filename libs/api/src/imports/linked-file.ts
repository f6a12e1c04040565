import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Clock,
  type ImportId,
  isPassingRefusal,
  LinkBreak,
  type LinkRefusal,
  type LinkStreams,
  orAborted,
  type SourcePlace,
  type SourcePortion,
  settingThatOpens,
  type Waiting,
} from '@semblance/core'
import {
  inBatches,
  type Layout,
  readSource,
  type SourceBounds,
  SourceFault,
  type SourceItem,
  type SourceReading,
} from '@semblance/import-sources'
import { besideLink, fileNameOf } from './beside-link.ts'
import { incomingRowOf, withoutDescriptor } from './incoming-row.ts'
import { withWayOut } from './late-manifest.ts'

export interface LinkedFileDeps {
  readonly streams: LinkStreams
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  readonly bounds: Partial<SourceBounds>
  readonly layout: Layout
  /** Whoever waits for a portion is told after so long that none has come yet. */
  readonly patienceMs: number
}

/** Read in one go: so many rows, or so many bytes of pictures. */
const PORTION = { items: 1_000, bytes: 8_000_000 }
/** The part of the patience after which fewer rows than a portion are given: a link that breaks often gives some, too. */
const GATHERING = 0.5

/** What is wrong with a link that can be told to its owner. */
const WHY: Readonly<Record<LinkRefusal | 'changed', string>> = {
  'unsupported-scheme': 'links of this kind are not switched on in the process that reads sources',
  'invalid-link': 'it is no link that can be read',
  'address-not-allowed': 'its host, bucket or folder is not open to links',
  'unknown-host': 'there is no host of this name',
  unreachable: 'its server cannot be reached, or breaks off',
  timeout: 'its server does not answer in time',
  incomplete: 'its server breaks off before the end',
  'invalid-answer': 'its server does not answer as HTTP asks for',
  'too-large': 'the answer is too large',
  'too-many-redirects': 'there are too many redirects',
  'bad-status': 'there is no such file, or it may not be read',
  changed: 'it changed while it was read; the same call reads it from its beginning',
}

type Rows = Extract<SourcePortion, { readonly outcome: 'rows' }>

/** A manifest or archive behind a link, read on between the portions that are asked for. It holds one portion. */
export class LinkedFile {
  readonly #place: SourcePlace
  readonly #deps: LinkedFileDeps
  readonly #stopping = new AbortController()
  #batches: AsyncGenerator<readonly SourceItem[]> | null = null
  #pending: Promise<SourcePortion> | null = null
  /** Told again until whoever asks stands behind it: what was read once does not come again. */
  #held: { readonly before: string | null; readonly portion: Rows } | null = null
  #version: string | null = null
  /** When a byte or an item came last, or somebody began to wait for one. */
  #heardAt: number
  #items = 0
  #rows = 0

  constructor(place: SourcePlace, deps: LinkedFileDeps) {
    this.#place = place
    this.#deps = deps
    this.#heardAt = deps.clock.monotonic()
  }

  /** Whether somebody waits for it, and no byte has come for as long as they have patience. */
  get isSilent(): boolean {
    return this.#pending !== null && this.#silenceMs() >= this.#deps.patienceMs
  }

  /** Whether it can go on from there. */
  standsAt({ url, pattern, encoding, withDescriptors, cursor }: SourcePlace): boolean {
    const own = this.#place
    const isSame = own.url === url && own.pattern === pattern && own.encoding === encoding
    const [before, after] = [this.#held?.before ?? own.cursor, this.#held?.portion.cursor ?? own.cursor]
    return isSame && own.withDescriptors === withDescriptors && [before, after].includes(cursor)
  }

  /** No rows if none came for ten seconds. A refusal is its end. */
  async read({ cursor }: SourcePlace, { signal }: Waiting): Promise<SourcePortion> {
    if (this.#held !== null && this.#held.before === cursor && this.#held.portion.cursor !== cursor)
      return this.#held.portion
    this.#pending ??= this.#next()
    const patience = new AbortController()
    const late = sleep(this.#deps.patienceMs, null, { signal: patience.signal }).catch(() => null)
    try {
      const portion = await orAborted(Promise.race([this.#pending, late]), signal)
      if (portion === null) return this.#nothing(cursor)
      this.#pending = null
      if (portion.outcome === 'rows') this.#held = { before: cursor, portion }
      return portion
    } finally {
      patience.abort()
    }
  }

  close(): void {
    this.#stopping.abort(new Error('the reading of a source ends'))
    this.#batches?.return(undefined).catch(() => {})
  }

  #nothing(cursor: string | null): Rows {
    const why = this.isSilent ? { why: 'nothing comes from its server' } : {}
    return { outcome: 'rows', rows: [], cursor, isEnd: false, rowsInAll: this.#rows, ...why }
  }

  #silenceMs(): number {
    return this.#deps.clock.monotonic() - this.#heardAt
  }

  async #next(): Promise<SourcePortion> {
    // Nobody wanted a byte since the last portion.
    this.#heardAt = this.#deps.clock.monotonic()
    try {
      if (this.#batches === null) {
        const refusal = await this.#open()
        if (refusal !== null) return refusal
      }
      const next = await this.#batches?.next()
      return this.#portionOf(next?.done === false ? next.value : null)
    } catch (fault) {
      return refusalOf(fault, this.#place.id)
    }
  }

  /** What was taken of this version is passed over. Without versions all of it is taken again: keys tell what is known. */
  async #open(): Promise<SourcePortion | null> {
    const { url, cursor } = this.#place
    const { signal } = this.#stopping
    const opened = await this.#deps.streams.open(url, { signal })
    if (opened.outcome === 'refused') return refused(opened.reason, url)
    const { version, bytes, contentType } = opened
    const at = readCursor(cursor)
    if (at !== null && at.version !== version && at.version !== null && version !== null) {
      await opened.close()
      return refused('changed')
    }
    this.#version = version
    const taken = at === null || version === null || at.version === null ? 0 : at.items
    const items = readSource(this.#heard(bytes), this.#readingOf(contentType))
    const waitMs = this.#deps.patienceMs * GATHERING
    this.#batches = inBatches(this.#after(items, taken), { ...PORTION, waitMs })
    return null
  }

  async *#heard(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      this.#heardAt = this.#deps.clock.monotonic()
      yield piece
    }
  }

  #readingOf(contentType: string | undefined): SourceReading {
    const { url, encoding } = this.#place
    const { bounds, layout } = this.#deps
    return {
      signal: this.#stopping.signal,
      fileName: fileNameOf(url),
      ...(contentType === undefined ? {} : { contentType }),
      encoding: encoding ?? undefined,
      layout,
      bounds,
      linkOf: besideLink(url),
    }
  }

  async *#after(items: AsyncIterable<SourceItem>, taken: number): AsyncGenerator<SourceItem> {
    for await (const item of items) {
      this.#heardAt = this.#deps.clock.monotonic()
      if (this.#items >= taken) yield item
      else this.#count([item])
    }
  }

  #count(items: readonly SourceItem[]): void {
    this.#items += items.length
    this.#rows += items.filter(({ kind }) => kind !== 'note').length
  }

  #portionOf(batch: readonly SourceItem[] | null): Rows {
    const { clock } = this.#deps
    this.#count(batch ?? [])
    const rows = (batch ?? []).flatMap((item) => {
      if (item.kind === 'note') return []
      const row = incomingRowOf(item, clock.now())
      return [this.#place.withDescriptors === true ? row : withoutDescriptor(row)]
    })
    const notes = (batch ?? []).flatMap((item) =>
      item.kind === 'note' ? [item.lasting ?? item.message] : [],
    )
    const cursor = cursorOf({ items: this.#items, version: this.#version })
    const told = notes.length === 0 ? {} : { notes }
    return { outcome: 'rows', rows, cursor, isEnd: batch === null, rowsInAll: this.#rows, ...told }
  }
}

/** Two parts with a space between; no version is an empty one. */
function cursorOf({ items, version }: { readonly items: number; readonly version: string | null }): string {
  return `${items} ${version ?? ''}`
}

function readCursor(cursor: string | null) {
  const [, items, version] = /^(\d+) (.*)$/s.exec(cursor ?? '') ?? []
  return items === undefined ? null : { items: Number(items), version: version || null }
}

function refused(reason: LinkRefusal | 'changed', url = ''): SourcePortion {
  const isPassing = reason !== 'changed' && isPassingRefusal(reason)
  const opens = reason === 'changed' ? '' : settingThatOpens(url, reason)
  const why = `${WHY[reason]}${opens}`
  return { outcome: 'refused', why, isPassing, restarts: reason === 'changed' }
}

function refusalOf(fault: unknown, id: ImportId): SourcePortion {
  if (!(fault instanceof SourceFault)) throw fault
  const { code, cause } = fault
  const why = withWayOut(fault.message, id)
  if (code === 'interrupted') return refused(cause instanceof LinkBreak ? cause.reason : 'unreachable')
  const isPassing = code === 'spool-full' || code === 'spool-failed' || code === 'busy'
  // Once it is mended, it is another file, and is read from its beginning.
  return { outcome: 'refused', why, isPassing, restarts: !isPassing }
}
