import { inTime } from './in-time.ts'

/** A source is asked at each scrape. It should settle when the signal aborts. */
export type Source<T> = (waiting: { readonly signal: AbortSignal }) => Promise<T>

export interface PolledSourceDeps<T> {
  readonly timeoutMs: number
  readonly show: (value: T) => void
  /** The source failed or was late: nothing is known, and the last value must not be taken for the present one. */
  readonly onFailure: () => void
}

/** Feeds gauges from one source, asked once for all gauges that are collected at the same time. */
export class PolledSource<T> {
  readonly #deps: PolledSourceDeps<T>
  #source: Source<T> | null = null
  #asking: Promise<void> | null = null

  constructor(deps: PolledSourceDeps<T>) {
    this.#deps = deps
  }

  set(source: Source<T>): void {
    this.#source = source
  }

  /** This never rejects: a store that is down must not take the other metrics with it. */
  async collect(): Promise<void> {
    if (this.#source === null) return
    this.#asking ??= this.#ask(this.#source)
    await this.#asking
  }

  async #ask(source: Source<T>): Promise<void> {
    const { timeoutMs, show, onFailure } = this.#deps
    const deadline = new AbortController()
    try {
      show(await inTime(source({ signal: deadline.signal }), timeoutMs))
    } catch {
      deadline.abort()
      onFailure()
    } finally {
      this.#asking = null
    }
  }
}
