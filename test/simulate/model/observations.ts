import type { Outcome } from './gateway.ts'

/** What callers saw of the requests that came within some time. */
export interface Seen {
  readonly asked: number
  readonly refused: number
  readonly late: number
  /** Ascending, ms. */
  readonly times: readonly number[]
}

interface Request {
  readonly at: number
  readonly outcome: Outcome
}

/** All that callers saw, by the time at which they asked. */
export class Observations {
  readonly #requests: Request[] = []

  note(at: number, outcome: Outcome): void {
    this.#requests.push({ at, outcome })
  }

  /** Of those who asked from `from` on and before `to`, ms. */
  between(from: number, to: number): Seen {
    const asked = this.#requests.filter(({ at }) => at >= from && at < to)
    const count = (outcome: Outcome['outcome']) =>
      asked.filter((one) => one.outcome.outcome === outcome).length
    const times = asked.flatMap(({ outcome }) => (outcome.outcome === 'answered' ? [outcome.ms] : []))
    return {
      asked: asked.length,
      refused: count('refused'),
      late: count('too-late'),
      times: times.toSorted((a, b) => a - b),
    }
  }
}

/** Of ascending numbers; NaN of none. */
export function quantileOf(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
