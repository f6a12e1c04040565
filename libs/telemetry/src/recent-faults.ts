export interface RecentFault {
  /** An error code such as `E_OVERLOADED`, or `unexpected`. */
  readonly code: string
  /** Where it was met: in a request, a job, a thread, or the process. */
  readonly where: string
  /** Since the process began. */
  readonly count: number
  /** Milliseconds since the Unix epoch. */
  readonly lastAt: number
}

const KEEP_MS = 86_400_000
/** Codes are few and fixed; this is for a mistake. */
const MOST = 100

/** Faults of the last day by their code, and nothing else of them: the log has the rest. */
export class RecentFaults {
  readonly #now: () => number
  readonly #known = new Map<string, RecentFault>()

  /** @param now milliseconds since the Unix epoch */
  constructor(now: () => number = () => Date.now()) {
    this.#now = now
  }

  add(code: string, where: string): void {
    const key = `${code} ${where}`
    const count = this.#known.get(key)?.count ?? 0
    if (count === 0 && this.#known.size >= MOST) return
    this.#known.set(key, { code, where, count: count + 1, lastAt: this.#now() })
  }

  /** The latest first. */
  read(): readonly RecentFault[] {
    const from = this.#now() - KEEP_MS
    const recent = [...this.#known.values()].filter(({ lastAt }) => lastAt >= from)
    return recent.toSorted((one, other) => other.lastAt - one.lastAt)
  }
}
