import type { Worker } from 'node:worker_threads'
import type { StoreCall, ThreadRequest } from '../store-messages.ts'

/** No more in one message, which the thread answers as a whole. */
const MOST_TOGETHER = 64

/**
 * What is asked of the store's thread in one turn of the event loop goes to it in one message: the thread is woken once, and
 * writes what came together in one transaction. Several callers ask in one turn where one message has answered all of them.
 */
export class CallsOfATurn {
  readonly #worker: Pick<Worker, 'postMessage'>
  readonly #onRefused: (call: StoreCall, why: unknown) => void
  #calls: StoreCall[] = []

  /** @param onRefused told of a call whose arguments cannot go to another thread; the others go without it. */
  constructor(worker: Pick<Worker, 'postMessage'>, onRefused: (call: StoreCall, why: unknown) => void) {
    this.#worker = worker
    this.#onRefused = onRefused
  }

  /** The arguments are read at the end of the turn. */
  ask(call: StoreCall): void {
    // Node comes to this after all promises that go on in this turn, and before it looks for anything new.
    if (this.#calls.length === 0) process.nextTick(() => this.send())
    this.#calls.push(call)
    if (this.#calls.length >= MOST_TOGETHER) this.send()
  }

  /** Whatever was asked and is still here. */
  send(): void {
    const calls = this.#calls
    if (calls.length === 0) return
    this.#calls = []
    try {
      this.#post(calls)
    } catch {
      // Of one of them: each is told by itself.
      for (const call of calls) this.#sendAlone(call)
    }
  }

  #sendAlone(call: StoreCall): void {
    try {
      this.#post([call])
    } catch (error) {
      this.#onRefused(call, error)
    }
  }

  #post(calls: readonly StoreCall[]): void {
    const request: ThreadRequest = { kind: 'calls', calls }
    this.#worker.postMessage(request)
  }
}
