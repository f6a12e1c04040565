import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AddRowsDeps,
  type AddRowsOutcome,
  AppError,
  addRows,
  type GalleryPorts,
  type ImportId,
  type IncomingRow,
  overloaded,
  storageFull,
  type Waiting,
} from '@semblance/core'
import {
  inBatches,
  type LayoutReading,
  readSource,
  SourceFault,
  type SourceItem,
  type SourceReading,
} from '@semblance/import-sources'
import type { ImportingPorts } from '../api-deps.ts'
import type { Upload } from '../endpoint/endpoint.ts'
import { incomingRowOf, withoutDescriptor } from './incoming-row.ts'

export interface Tally {
  added: number
  known: number
  invalid: number
  conflicts: number
  readonly wrong: { key: string; position: number; field: string; msg: string }[]
  readonly notes: string[]
}

export type TakenRows =
  | { readonly outcome: 'taken'; readonly tally: Tally }
  /** What came before it is taken. */
  | { readonly outcome: 'unreadable'; readonly code: string; readonly why: string; readonly tally: Tally }
  | Exclude<AddRowsOutcome, { outcome: 'added' }>

/** Written in one go: so many rows, or so many bytes of pictures. */
const BATCH = { items: 200, bytes: 8_000_000 }
/** Of an archive: these are worked on while the next ones come. */
const FIRST_OF_ARCHIVE = 16
const MOST_TOLD = 100
/** So long an upload waits for room before its sender is told to come back. */
const PATIENCE_MS = 20_000
const LOOK_AGAIN_MS = 500
/** An archive with a manifest is seldom taken in sooner. */
const ARCHIVE_TAKES_S = 10
/** What came whole of a sender who is gone is written all the same: one who is cut off again and again gets on by that. */
const REST_MS = 10_000

export interface Taking {
  readonly id: ImportId
  readonly upload: Upload
  readonly reading: Pick<LayoutReading, 'layout' | 'encoding'>
  /** It may have very many rows. */
  readonly isArchive: boolean
  /** Whether descriptors that come with rows are taken in. */
  readonly withDescriptors: boolean
}

/** Aborts so long after the sender has gone, before or in the middle of a write. `end` is called once nobody waits. */
function lastingBeyond(signal: AbortSignal | undefined, restMs: number) {
  const lasting = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const begin = () => {
    timer = setTimeout(() => lasting.abort(signal?.reason), restMs).unref()
  }
  if (signal?.aborted === true) begin()
  else signal?.addEventListener('abort', begin, { once: true })
  const end = () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', begin)
  }
  return { signal: lasting.signal, end }
}

/** Takes rows in while they come, batch by batch; what is told is durable. Throws E_OVERLOADED if there is no room for long. */
export async function takeRows(
  deps: AddRowsDeps & { readonly gallery: GalleryPorts } & Pick<ImportingPorts, 'maxPictureBytes' | 'onWork'>,
  given: Taking,
  waiting: Waiting,
): Promise<TakenRows> {
  const tally: Tally = { added: 0, known: 0, invalid: 0, conflicts: 0, wrong: [], notes: [] }
  const add = async (batch: readonly Placed[]) => {
    const lasting = lastingBeyond(waiting.signal, batch.length === 0 ? 0 : REST_MS)
    const rows = batch.map(({ row }) => row)
    const outcome = await addPatiently(deps, { id: given.id, rows }, lasting).finally(lasting.end)
    if (outcome.outcome !== 'added') return outcome
    count(tally, batch, outcome)
    if (outcome.rows.includes('added')) deps.onWork?.()
    return outcome
  }
  // Whether the import takes rows at all is told before the first of them has come.
  const first = await add([])
  if (first.outcome !== 'added') return first
  try {
    const items = readSource(given.upload.bytes, readingOf(deps, given, waiting))
    const size = given.isArchive ? { ...BATCH, firstItems: FIRST_OF_ARCHIVE } : BATCH
    for await (const batch of inBatches(items, size)) {
      tally.notes.push(...batch.flatMap((item) => (item.kind === 'note' ? [item.message] : [])))
      const outcome = await add(
        batch.flatMap((item) => placedOf(item, { nowMs: deps.gallery.clock.now(), ...given })),
      )
      if (outcome.outcome !== 'added') return outcome
    }
    return { outcome: 'taken', tally }
  } catch (fault) {
    if (!(fault instanceof SourceFault)) throw fault
    if (fault.code === 'busy') throw overloaded('the room for archives with manifests', ARCHIVE_TAKES_S)
    if (fault.code === 'spool-full') throw storageFull(fault.message, fault)
    return { outcome: 'unreadable', code: fault.code, why: fault.message, tally }
  }
}

function readingOf(
  { maxPictureBytes, maxStagedBytes }: Pick<ImportingPorts, 'maxPictureBytes' | 'maxStagedBytes'>,
  { upload, reading }: Pick<Taking, 'upload' | 'reading'>,
  waiting: Waiting,
): SourceReading {
  const pictures = maxPictureBytes === undefined ? {} : { pictureBytes: maxPictureBytes }
  return {
    ...waiting,
    contentType: upload.contentType,
    ...reading,
    // A zip lies in a temporary file meanwhile.
    bounds: { ...pictures, spoolBytes: maxStagedBytes },
  }
}

interface Placed {
  readonly row: IncomingRow
  readonly position: number
}

const MANIFEST_TYPES = ['application/x-ndjson', 'application/ndjson', 'text/csv'] as const
/** A manifest, or a form whose part `rows` is one, with its pictures. */
export const ROW_TYPES = [...MANIFEST_TYPES, 'multipart/form-data'] as const
/** Those of archives, which have the pictures with them, too. */
export const CONTENT_TYPES = [
  ...ROW_TYPES,
  'application/x-tar',
  'application/gzip',
  'application/x-gzip',
  'application/zip',
  'application/octet-stream',
] as const

function placedOf(
  item: SourceItem,
  { nowMs, withDescriptors }: Pick<Taking, 'withDescriptors'> & { readonly nowMs: number },
): readonly Placed[] {
  if (item.kind === 'note') return []
  const row = incomingRowOf(item, nowMs)
  return [{ row: withDescriptors ? row : withoutDescriptor(row), position: item.position }]
}

function count(
  tally: Tally,
  batch: readonly Placed[],
  { rows: added, keys }: Extract<AddRowsOutcome, { outcome: 'added' }>,
): void {
  for (const [i, { row, position }] of batch.entries()) {
    const { outcome } = row
    const key = keys?.[i] ?? row.key
    const isConflict = added[i] === 'conflict'
    if (isConflict) tally.conflicts += 1
    else if (outcome !== undefined) tally.invalid += 1
    else if (added[i] === 'known') tally.known += 1
    else tally.added += 1
    if (tally.wrong.length >= MOST_TOLD) continue
    if (isConflict) tally.wrong.push({ key, position, field: 'key', msg: 'is there with other contents' })
    else if (outcome?.kind === 'invalid')
      tally.wrong.push({ key, position, field: outcome.field, msg: outcome.why })
  }
}

/** Waits a while for pictures to be enrolled, so that a sender who is a little too fast is only slowed down. */
async function addPatiently(
  deps: AddRowsDeps,
  rows: { readonly id: ImportId; readonly rows: readonly IncomingRow[] },
  waiting: Waiting,
): Promise<AddRowsOutcome> {
  const giveUpAt = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return await addRows(deps, rows, waiting)
    } catch (fault) {
      const isFull = fault instanceof AppError && fault.code === 'E_OVERLOADED'
      if (!isFull || performance.now() > giveUpAt) throw fault
      await sleep(LOOK_AGAIN_MS, undefined, { signal: waiting.signal })
    }
  }
}
