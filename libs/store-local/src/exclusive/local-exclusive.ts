import type { Exclusive, Lease, Waiting } from '@semblance/core'

/** For one process: a fair mutex per key. A lease cannot be lost; intents live as long as the process. */
export function createLocalExclusive(): Exclusive {
  return new LocalExclusive()
}

interface KeyState {
  /** Each resolves the wait of one task, first come first served. */
  readonly waiters: Set<() => void>
  held: boolean
  committed: string | null
}

class LocalExclusive implements Exclusive {
  readonly #keys = new Map<string, KeyState>()

  async run<T>(key: string, task: (lease: Lease) => Promise<T>, waiting?: Waiting): Promise<T> {
    waiting?.signal?.throwIfAborted()
    const state = this.#stateOf(key)
    if (state.held) await turnOf(state, waiting?.signal)
    state.held = true
    const lease = new LocalLease(state)
    try {
      return await task(lease)
    } finally {
      lease.end()
      this.#passOn(key, state)
    }
  }

  #stateOf(key: string): KeyState {
    const state = this.#keys.get(key) ?? { waiters: new Set(), held: false, committed: null }
    this.#keys.set(key, state)
    return state
  }

  /** `held` stays true while the turn goes to the next one, so that no newcomer slips in between. */
  #passOn(key: string, state: KeyState): void {
    const [next] = state.waiters
    if (next !== undefined) {
      state.waiters.delete(next)
      next()
      return
    }
    state.held = false
    if (state.committed === null) this.#keys.delete(key)
  }
}

function turnOf(state: KeyState, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abandon = () => {
      state.waiters.delete(begin)
      reject(signal?.reason)
    }
    const begin = () => {
      signal?.removeEventListener('abort', abandon)
      resolve()
    }
    signal?.addEventListener('abort', abandon, { once: true })
    state.waiters.add(begin)
  })
}

class LocalLease implements Lease {
  /** Never: the mutex of one process cannot be taken away. */
  readonly lost = new AbortController().signal
  readonly #state: KeyState
  #ended = false

  constructor(state: KeyState) {
    this.#state = state
  }

  get committed(): string | null {
    return this.#state.committed
  }

  /** False only after the task has ended: whoever still holds the lease then is no longer alone. */
  async commit(intent: string): Promise<boolean> {
    if (this.#ended) return false
    this.#state.committed = intent
    return true
  }

  async settle(): Promise<void> {
    if (!this.#ended) this.#state.committed = null
  }

  end(): void {
    this.#ended = true
  }
}
