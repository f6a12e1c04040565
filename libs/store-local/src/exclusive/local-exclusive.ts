import { type Exclusive, type Lease, Slots, type Waiting } from '@semblance/core'

/** Makes a fair mutex per key, for one process. A lease cannot be lost; intents live as long as the process. */
export function createLocalExclusive(): Exclusive {
  return new LocalExclusive()
}

interface KeyState {
  readonly turns: Slots
  committed: string | null
}

class LocalExclusive implements Exclusive {
  readonly #keys = new Map<string, KeyState>()

  async run<T>(key: string, task: (lease: Lease) => Promise<T>, waiting?: Waiting): Promise<T> {
    waiting?.signal?.throwIfAborted()
    const state = this.#stateOf(key)
    try {
      return await state.turns.run(() => runWithLease(state, task), waiting)
    } finally {
      const isDone = state.turns.isIdle && state.committed === null
      if (isDone && this.#keys.get(key) === state) this.#keys.delete(key)
    }
  }

  #stateOf(key: string): KeyState {
    const state = this.#keys.get(key) ?? { turns: new Slots(1), committed: null }
    this.#keys.set(key, state)
    return state
  }
}

async function runWithLease<T>(state: KeyState, task: (lease: Lease) => Promise<T>): Promise<T> {
  const lease = new LocalLease(state)
  try {
    return await task(lease)
  } finally {
    lease.end()
  }
}

class LocalLease implements Lease {
  /** This never aborts: the mutex of one process cannot be taken away. */
  readonly lost = new AbortController().signal
  readonly #state: KeyState
  #ended = false

  constructor(state: KeyState) {
    this.#state = state
  }

  get committed(): string | null {
    return this.#state.committed
  }

  /** Answers false only after the task has ended: whoever still holds the lease then is no longer alone. */
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
