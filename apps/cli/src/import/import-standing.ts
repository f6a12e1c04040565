import type { WaitsFor } from '@semblance/core'
import { paceText } from '../command/progress.ts'
import { printable } from '../command/table.ts'
import { hasEnded, type ImportAnswer } from './import-calls.ts'
import { conflictLines } from './import-link.ts'

type Standing = Pick<ImportAnswer, 'state' | 'rows' | 'progress' | 'source'>

/** What an import waits for, by the word of the server for it. */
const WAITS = {
  rows: 'it waits for rows',
  paused: 'it is paused',
  'searches-first': 'searches go first',
  jobs: 'other jobs are under way',
  links: 'servers behind links are slow',
  process: 'the process that handed out its rows has died, and another one takes over',
  workers: 'no worker is there',
  store: 'a store is away',
  queue: 'the queue is away or full',
  disk: 'the disk is nearly full',
} satisfies Readonly<Record<WaitsFor, string>>

/** What holds an import up, its rate and the remaining time, as they stand behind the number of its rows. */
export function paceOf({ progress, source }: Pick<Standing, 'progress' | 'source'>): string {
  const { waitsFor, rowsPerSecondLately: rate, etaSeconds } = progress
  const isReading = source?.state === 'reading'
  const isToCome = isReading && waitsFor === 'rows'
  const waits = (isReading ? source.why : undefined) ?? (isToCome ? undefined : wordsOf(waitsFor))
  // Nobody knows yet how many rows come.
  const leftSeconds = isReading ? null : etaSeconds
  return paceText({ waits, rate, leftSeconds })
}

/** A server that is newer than this command may have other words. */
function wordsOf(waitsFor: string | null): string | undefined {
  if (waitsFor === null) return undefined
  return Object.hasOwn(WAITS, waitsFor) ? WAITS[waitsFor as WaitsFor] : `it waits for ${waitsFor}`
}

/** What `importLines` leaves out: why an import moves or does not, and what has become of its source. */
export function standingLines(now: Standing): readonly string[] {
  return [...paceLines(now), ...sourceLines(now.source), ...conflictLines(now)]
}

function paceLines(now: Standing): readonly string[] {
  const { rows, progress } = now
  const inAll = progress.rowsPerSecond ?? null
  const lines = inAll === null ? [] : [`  in all ${inAll.toFixed(1)} rows ended a second`]
  if (hasEnded(now) && rows.ended === rows.total) return lines
  const oldest =
    rows.waiting > 0 && rows.oldestWaitingSeconds !== undefined
      ? [`  the oldest row that waits came ${Math.round(rows.oldestWaitingSeconds)} s ago`]
      : []
  return [`  ${rows.ended} of ${rows.total} rows done${paceOf(now)}`, ...lines, ...oldest]
}

const READING = {
  reading: 'is being read',
  read: 'has been read',
  failed: 'cannot be read',
} as const

function sourceLines(source: Standing['source']): readonly string[] {
  if (source === undefined) return []
  const { url, state, rows, why } = source
  const soFar = `${rows} ${rows === 1 ? 'row' : 'rows'} of it`
  const because = why === undefined ? '' : `: ${why}`
  return [`  ${printable(url)} ${READING[state]} (${soFar} ${rows === 1 ? 'is' : 'are'} in)${because}`]
}
