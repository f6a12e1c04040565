import type { Waiting } from './waiting.ts'

/** Held while a task runs alone. */
export interface Lease {
  /** What an earlier holder committed and did not finish; the new holder finishes it first. */
  readonly committed: string | null
  /** Aborts once this holder knows that it is no longer alone; it may know late, so only `commit` decides. */
  readonly lost: AbortSignal
  /** Records the intent; false if the lease was lost meanwhile, and then nothing may be made visible. */
  commit(intent: string): Promise<boolean>
  /** The committed intent is carried out; forgets it. */
  settle(): Promise<void>
}

/** Runs a task alone per key, over all processes of the installation. */
export interface Exclusive {
  /** Waits its turn, first come first served; rejects with the signal's reason if aborted before it begins. */
  run<T>(key: string, task: (lease: Lease) => Promise<T>, waiting?: Waiting): Promise<T>
}
