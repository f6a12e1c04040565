import { say } from '@semblance/telemetry'
import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  update(now: { readonly done: number; readonly total: number }): void
  stop(): void
}

/** Between two lines where there is no terminal. */
const LINE_EVERY_MS = 10_000

/**
 * A bar with rate and remaining time on a terminal; a line now and then elsewhere. Both go to standard error.
 * @param unit what is counted, in the plural
 */
export function openProgress(unit: string, now: () => number = Date.now): Progress {
  return process.stderr.isTTY ? openBar(unit) : openLines(unit, now)
}

function openBar(unit: string): Progress {
  const bar = new SingleBar(
    {
      format: `{bar} {percentage}% | {value} of {total} ${unit} | {rate} a second | {eta_formatted} left`,
      hideCursor: true,
      etaBuffer: 100,
    },
    Presets.shades_classic,
  )
  const begun = Date.now()
  let isStarted = false
  return {
    update: ({ done, total }) => {
      if (!isStarted) bar.start(Math.max(1, total), 0, { rate: '0' })
      isStarted = true
      bar.setTotal(Math.max(1, total))
      bar.update(done, { rate: rateOf(done, Date.now() - begun) })
    },
    stop: () => bar.stop(),
  }
}

function openLines(unit: string, now: () => number): Progress {
  const begun = now()
  let told = begun
  return {
    update: ({ done, total }) => {
      if (now() - told < LINE_EVERY_MS) return
      told = now()
      say(`${done} of ${total} ${unit} done, ${rateOf(done, now() - begun)} a second`)
    },
    stop: () => {},
  }
}

function rateOf(count: number, ms: number): string {
  return ms <= 0 ? '0' : ((count * 1000) / ms).toFixed(1)
}
