/** What was timed: a stage of a job, a job's wait and its run, a request until its answer. */
export type TimedKind = 'stage' | 'wait' | 'run' | 'request'

export interface RecentTime {
  readonly kind: TimedKind
  /** Of the stage or job, or method and template of the request; few and fixed, never an id. */
  readonly name: string
  /** How many samples are looked at: at most 256. */
  readonly count: number
  /** Milliseconds. */
  readonly p50Ms: number
  readonly p95Ms: number
}

/** A 95th percentile of fewer would jump with each sample; more would take memory for little. */
const SAMPLES = 256
/** With 12 bytes a sample: 3 KB a name, so at most 0.6 MB in all. Names are few and fixed; this is for a mistake. */
const MOST_NAMES = 200

class Ring {
  readonly #at = new Float64Array(SAMPLES)
  readonly #ms = new Float32Array(SAMPLES)
  #added = 0

  add(at: number, ms: number): void {
    const place = this.#added % SAMPLES
    this.#at[place] = at
    this.#ms[place] = ms
    this.#added += 1
  }

  /** Samples from then on, the shortest first. */
  since(from: number): Float32Array {
    const kept = this.#ms.filter((_, place) => place < this.#added && (this.#at[place] ?? 0) >= from)
    return kept.sort()
  }
}

/**
 * The times of the last minutes, in memory: what a person who looks now wants to know. Prometheus has the histograms, and
 * what was long ago.
 */
export class RecentTimes {
  readonly #keepMs: number
  readonly #now: () => number
  readonly #rings = new Map<
    string,
    { readonly kind: TimedKind; readonly name: string; readonly ring: Ring }
  >()

  /** @param now milliseconds of a clock that only goes forward */
  constructor(keepMs: number, now: () => number = () => performance.now()) {
    this.#keepMs = keepMs
    this.#now = now
  }

  add(kind: TimedKind, name: string, seconds: number): void {
    if (!Number.isFinite(seconds)) return
    const key = `${kind} ${name}`
    let known = this.#rings.get(key)
    if (known === undefined) {
      if (this.#rings.size >= MOST_NAMES) return
      known = { kind, name, ring: new Ring() }
      this.#rings.set(key, known)
    }
    known.ring.add(this.#now(), Math.max(0, seconds) * 1000)
  }

  /** Of whatever was timed in that time. */
  read(): readonly RecentTime[] {
    const from = this.#now() - this.#keepMs
    return [...this.#rings.values()].flatMap(({ kind, name, ring }) => {
      const times = ring.since(from)
      if (times.length === 0) return []
      return [{ kind, name, count: times.length, p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95) }]
    })
  }
}

/** The nearest rank: a time that was really measured. */
function quantile(sorted: Float32Array, share: number): number {
  const place = Math.max(0, Math.ceil(share * sorted.length) - 1)
  return Math.round((sorted[place] ?? 0) * 100) / 100
}
