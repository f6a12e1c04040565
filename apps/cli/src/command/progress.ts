import { say } from '@semblance/telemetry'
import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  /** `pace`: what the server tells of rate and remaining time; left out: what this command saw itself. */
  update(now: { readonly done: number; readonly total: number; readonly pace?: string }): void
  stop(): void
}

/** For work that nobody waits for. */
export const SILENT: Progress = { update: () => {}, stop: () => {} }

/** Between two lines where there is no terminal. */
const LINE_EVERY_MS = 10_000

/**
 * A bar with rate and remaining time on a terminal; a line now and then elsewhere. Both go to standard error.
 * @param unit what is counted, in the plural
 * @param done what has become of it, as in `3 of 4 rows done`
 */
export function openProgress(unit: string, now: () => number = Date.now, done = 'done'): Progress {
  return process.stderr.isTTY ? openBar(unit) : openLines(`${unit} ${done}`, now)
}

/** The bar goes however the work ends. */
export async function withProgress<T>(
  progress: Progress,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  try {
    return await work(progress)
  } finally {
    progress.stop()
  }
}

/** Shows after each call that one more of `total` is done; there may be more of them by then. */
export function showFiles(progress: Progress, total: number): () => void {
  let done = 0
  return () => {
    done++
    progress.update({ done, total: Math.max(total, done) })
  }
}

/**
 * Lines now and then of work that nobody can tell the end of, with a terminal and without.
 * @param what what is counted, and what has become of it, as in `pictures compared`
 */
export function openCount(what: string, now: () => number = Date.now): (done: number) => void {
  const begun = now()
  let told = begun
  return (done) => {
    const at = now()
    if (at - told < LINE_EVERY_MS) return
    told = at
    say(`${done} ${what}${paceText({ rate: (done * 1000) / (at - begun), leftSeconds: null })}`)
  }
}

/** Tells people something while a bar may stand in the line of the cursor; the bar is drawn again below. */
export function sayBesideBar(line: string): void {
  say(process.stderr.isTTY ? `\r\u001b[K${line}` : line)
}

function openBar(unit: string): Progress {
  const bar = new SingleBar(
    {
      format: `{bar} {percentage}% | {value} of {total} ${unit}{pace}`,
      hideCursor: true,
    },
    Presets.shades_classic,
  )
  const begun = Date.now()
  let isStarted = false
  return {
    update: ({ done, total, pace = seenPace({ done, total }, Date.now() - begun) }) => {
      if (!isStarted) bar.start(Math.max(1, total), 0, { pace: '' })
      isStarted = true
      bar.setTotal(Math.max(1, total))
      bar.update(done, { pace })
    },
    stop: () => bar.stop(),
  }
}

/** @param what what is counted, and what has become of it */
function openLines(what: string, now: () => number): Progress {
  const begun = now()
  let told = begun
  return {
    update: ({ done, total, pace = seenPace({ done, total }, now() - begun) }) => {
      if (now() - told < LINE_EVERY_MS) return
      told = now()
      say(`${done} of ${total} ${what}${pace}`)
    },
    stop: () => {},
  }
}

function seenPace({ done, total }: { readonly done: number; readonly total: number }, ms: number): string {
  return done === 0 || ms <= 0
    ? ''
    : paceText({ rate: (done * 1000) / ms, leftSeconds: ((total - done) * ms) / done / 1000 })
}

/** As in `, 4.5 a second, 12 min left`, without what is not known. */
export function paceText(pace: {
  readonly waits?: string | undefined
  readonly rate: number | null
  readonly leftSeconds: number | null
}): string {
  const parts = [
    ...(pace.waits === undefined ? [] : [pace.waits]),
    ...(pace.rate === null ? [] : [`${pace.rate.toFixed(1)} a second`]),
    ...(pace.leftSeconds === null ? [] : [`${durationOf(pace.leftSeconds)} left`]),
  ]
  return parts.map((part) => `, ${part}`).join('')
}

function durationOf(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.round(whole / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
