export interface AwayLinesOptions {
  /** Names the server, with its address. */
  readonly server: string
  /** Takes a line for people. */
  readonly tell: (line: string) => void
  /** So long a call may take before anything is said of it; 5000 by default. */
  readonly afterMs?: number
  /** Between two lines; 20000 by default. */
  readonly everyMs?: number
}

interface CallUnderWay {
  readonly since: number
  why: string
}

const AFTER_MS = 5_000
const EVERY_MS = 20_000

/** Tells people, some seconds after a server has fallen silent and then now and then, that a command still waits for it. */
export class AwayLines {
  readonly #options: Required<AwayLinesOptions>
  readonly #calls = new Set<CallUnderWay>()
  #timer: NodeJS.Timeout | undefined
  #toldAt: number | null = null

  constructor(options: AwayLinesOptions) {
    this.#options = { afterMs: AFTER_MS, everyMs: EVERY_MS, ...options }
  }

  /** What `call` comes to; it says by `failed` why an attempt did not bring an answer. */
  async watch<T>(call: (failed: (why: string) => void) => Promise<T>): Promise<T> {
    const underWay: CallUnderWay = { since: performance.now(), why: 'no answer yet' }
    this.#calls.add(underWay)
    this.#timer ??= setInterval(() => this.#look(), this.#options.afterMs / 5).unref()
    try {
      const result = await call((why) => {
        underWay.why = why
      })
      this.#answered(underWay)
      return result
    } finally {
      this.#calls.delete(underWay)
      if (this.#calls.size === 0) {
        clearInterval(this.#timer)
        this.#timer = undefined
      }
    }
  }

  #look(): void {
    const now = performance.now()
    const { server, tell, afterMs, everyMs } = this.#options
    const [oldest] = [...this.#calls].toSorted((a, b) => a.since - b.since)
    if (oldest === undefined || now - oldest.since < afterMs) return
    if (this.#toldAt !== null && now - this.#toldAt < everyMs) return
    this.#toldAt = now
    const seconds = Math.round((now - oldest.since) / 1000)
    const since = new Date(Date.now() - (now - oldest.since)).toISOString().slice(11, 19)
    tell(`${server} has not answered since ${since} UTC, for ${seconds} s (${oldest.why}); trying on`)
  }

  #answered({ since }: CallUnderWay): void {
    if (this.#toldAt === null) return
    this.#toldAt = null
    const seconds = Math.round((performance.now() - since) / 1000)
    this.#options.tell(`${this.#options.server} answers again, after ${seconds} s`)
  }
}
