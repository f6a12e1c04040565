import { orAborted, type Waiting } from '@semblance/core'

/** Records that are read in one call, where each is asked for by itself. */
export const READS_AT_ONCE = 64
/**
 * A server works on one call's writes one after the other, within one time limit (`LIMITS`). Some that speak MongoDB's
 * wire keep a cursor of each open meanwhile: FerretDB, which has fifty or a hundred of them, answers nobody any more when they are
 * used up. It also looks through a whole collection for each write: 25 of them did not end in time on a busy machine.
 */
export const WRITES_AT_ONCE = 10

interface Call<Item, Answer> {
  readonly item: Item
  readonly signal: AbortSignal | undefined
  readonly answer: PromiseWithResolvers<Answer>
}

export interface GatheredCallsOptions<Item, Answer> {
  /** Answers each item, in their order. A fault is told to all who asked. */
  readonly run: (items: readonly Item[]) => Promise<readonly Answer[]>
  /** Items of one call at most. */
  readonly most: number
}

/**
 * What is asked for in one turn of the event loop goes to the server in one call. Rows of imports that are written together ask for
 * the same things at the same time; whoever asks alone waits for nobody.
 */
export class GatheredCalls<Item, Answer> {
  readonly #options: GatheredCallsOptions<Item, Answer>
  #gathering: Call<Item, Answer>[] = []

  constructor(options: GatheredCallsOptions<Item, Answer>) {
    this.#options = options
  }

  /** Rejects with the signal's reason if that aborts first; the others are answered all the same. */
  ask(item: Item, waiting?: Waiting): Promise<Answer> {
    const signal = waiting?.signal
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    const answer = Promise.withResolvers<Answer>()
    if (this.#gathering.push({ item, signal, answer }) === 1) setImmediate(() => this.#send())
    return orAborted(answer.promise, signal)
  }

  #send(): void {
    const calls = this.#gathering.filter(({ signal }) => signal?.aborted !== true)
    this.#gathering = []
    const { most } = this.#options
    for (let from = 0; from < calls.length; from += most) void this.#carryOut(calls.slice(from, from + most))
  }

  async #carryOut(calls: readonly Call<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#options.run(calls.map(({ item }) => item))
      for (const [i, { answer }] of calls.entries()) answer.resolve(answers[i] as Answer)
    } catch (fault) {
      for (const { answer } of calls) answer.reject(fault)
    }
  }
}
