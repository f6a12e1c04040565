import type { Damage } from '@semblance/core'
import type { CallName } from './store-calls.ts'

/** One call on its way to the store's thread. `nowMs` is the caller's clock: the thread has none of its own. */
export interface StoreCall {
  readonly ticket: number
  readonly nowMs: number
  readonly name: CallName
  readonly args: readonly unknown[]
}

/** Errors cross threads as data: a cloned SqliteError would lose its code. */
export interface StoreFault {
  readonly message: string
  /** SQLite's own code, for instance `SQLITE_FULL`; null for a bug of ours. */
  readonly code: string | null
  /** The file is not our kind of database. */
  readonly foreign: boolean
}

export type StoreAnswer =
  | { readonly ticket: number; readonly fault: null; readonly value: unknown }
  | { readonly ticket: number; readonly fault: StoreFault }

/** The thread's first message is `opened`; it leaves after `closed`. */
export type ThreadReport =
  | { readonly kind: 'opened'; readonly fault: StoreFault | null }
  | { readonly kind: 'answers'; readonly answers: readonly StoreAnswer[] }
  /** Erased data is still in the write-ahead log, seconds after it should have left it. */
  | { readonly kind: 'late-erasure'; readonly why: string }
  | { readonly kind: 'damaged'; readonly damaged: readonly Damage[] }
  | { readonly kind: 'closed'; readonly fault: StoreFault | null }

export type ThreadRequest =
  | { readonly kind: 'calls'; readonly calls: readonly StoreCall[] }
  | { readonly kind: 'close' }
