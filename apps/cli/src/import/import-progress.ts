import { say } from '@semblance/telemetry'
import { Presets, SingleBar } from 'cli-progress'
import type { ImportAnswer } from './import-calls.ts'

export interface Progress {
  update(now: ImportAnswer): void
  stop(): void
}

/** Between two lines where there is no terminal. */
const LINE_EVERY_MS = 10_000

/** A bar with rate and remaining time on a terminal; a line now and then elsewhere. Both go to standard error. */
export function openProgress(now: () => number = Date.now): Progress {
  return process.stderr.isTTY ? openBar() : openLines(now)
}

function openBar(): Progress {
  const bar = new SingleBar(
    {
      format: '{bar} {percentage}% | {value} of {total} rows | {rate} a second | {eta_formatted} left',
      hideCursor: true,
      etaBuffer: 100,
    },
    Presets.shades_classic,
  )
  const begun = Date.now()
  let isStarted = false
  return {
    update: ({ rows }) => {
      if (!isStarted) bar.start(Math.max(1, rows.total), 0, { rate: '0' })
      isStarted = true
      bar.setTotal(Math.max(1, rows.total))
      bar.update(rows.ended, { rate: rateOf(rows.ended, Date.now() - begun) })
    },
    stop: () => bar.stop(),
  }
}

function openLines(now: () => number): Progress {
  const begun = now()
  let told = begun
  return {
    update: ({ rows }) => {
      if (now() - told < LINE_EVERY_MS) return
      told = now()
      const rate = rateOf(rows.ended, now() - begun)
      say(`${rows.ended} of ${rows.total} rows done, ${rate} a second`)
    },
    stop: () => {},
  }
}

function rateOf(count: number, ms: number): string {
  return ms <= 0 ? '0' : ((count * 1000) / ms).toFixed(1)
}
