import { setTimeout as sleep } from 'node:timers/promises'

/** Between two looks whether urgent work has ended. */
const LOOK_EVERY_MS = 2
/** So long one part of other work waits at most, so that it goes on under a steady load, too. */
const PATIENCE_MS = 250

/** Work in this process that somebody waits for: what nobody waits for lets it go first, part by part. */
export class UrgentWork {
  #underWay = 0

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay += 1
    try {
      return await work()
    } finally {
      this.#underWay -= 1
    }
  }

  /** Until no urgent work is under way, or for a quarter of a second. Rejects with the signal's reason. */
  async giveWay({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const begun = performance.now()
    const isOver = () => signal?.aborted === true || performance.now() - begun >= PATIENCE_MS
    while (this.#underWay > 0 && !isOver()) await sleep(LOOK_EVERY_MS)
    signal?.throwIfAborted()
  }
}
