import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, engineFailed } from '@semblance/core'

export interface EngineHealthDeps {
  /** Has every network that a search needs look at a picture of our own; rejects unless all of them answer. */
  readonly tryOut: (signal: AbortSignal) => Promise<void>
  /** This is told each time that such a trial has failed, and how many have in a row. It must not throw. */
  readonly onDead?: ((fault: unknown, trials: number) => void) | undefined
  /** Between two trials. */
  readonly everyMs?: number
  /** The time of one trial; a network takes milliseconds, and a thread that is to load first some seconds. */
  readonly trialMs?: number
}

/** Failures in a row of one kind of task, after which it is suspected. */
const SUSPICIOUS = 5
const EVERY_MS = 5_000
const TRIAL_MS = 30_000

/**
 * Whether the engine can describe faces. A fault that sticks (an accelerator that is lost, threads that cannot load) fails task
 * after task within milliseconds. A caller's picture may do the same, so that failures alone are only a suspicion: a picture
 * of our own decides, again and again until it is answered.
 */
export class EngineHealth {
  readonly #deps: EngineHealthDeps
  /** By kind of task: those of another kind that went well say nothing. */
  readonly #failures = new Map<string, number>()
  readonly #closing = new AbortController()
  #fault: AppError | null = null
  #trying: Promise<void> | null = null

  constructor(deps: EngineHealthDeps) {
    this.#deps = deps
  }

  /** Hears how each task ends, and passes that on. */
  async watch<T>(kind: string, task: Promise<T>): Promise<T> {
    try {
      const done = await task
      this.#failures.delete(kind)
      return done
    } catch (fault) {
      if (fault instanceof AppError && fault.code === 'E_ENGINE_FAILED') this.#note(kind)
      throw fault
    }
  }

  /** A thread has died: perhaps none takes its place. */
  suspect(): void {
    if (this.#closing.signal.aborted) return
    this.#trying ??= this.#tryUntilSound().finally(() => {
      this.#trying = null
    })
  }

  /** What the last trial failed with; null: it went well, or nothing was suspected yet. */
  get fault(): AppError | null {
    return this.#fault
  }

  /** Throws E_ENGINE_FAILED if the last trial failed. */
  check(): void {
    if (this.#fault !== null) throw this.#fault
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the engine is being closed'))
    await this.#trying
  }

  #note(kind: string): void {
    const failures = (this.#failures.get(kind) ?? 0) + 1
    this.#failures.set(kind, failures)
    if (failures >= SUSPICIOUS) this.suspect()
  }

  async #tryUntilSound(): Promise<void> {
    const { tryOut, onDead, everyMs = EVERY_MS, trialMs = TRIAL_MS } = this.#deps
    const { signal } = this.#closing
    for (let trials = 1; !signal.aborted; trials++) {
      try {
        await tryOut(AbortSignal.any([signal, AbortSignal.timeout(trialMs)]))
        this.#fault = null
        this.#failures.clear()
        return
      } catch (fault) {
        if (signal.aborted) return
        this.#fault = isOurs(fault) ? fault : engineFailed(fault)
        onDead?.(fault, trials)
      }
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }
}

function isOurs(fault: unknown): fault is AppError {
  return fault instanceof AppError && fault.code === 'E_ENGINE_FAILED'
}
