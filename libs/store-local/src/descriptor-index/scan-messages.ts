import type { Growth } from './memory/gallery-memory.ts'
import type { Key } from './memory/uuid-key.ts'
import { MOST_PROBES, type VectorLayout } from './memory/vector-layout.ts'
import type { WasmModule } from './memory/web-assembly.ts'

/** What a scan thread is told to do; persons and groups by ordinal, rows below `rowEnd`. */
export interface Scan {
  /** One, or at most `MOST_PROBES`; each is looked for by itself. */
  readonly probes: readonly ScanProbe[]
  /** A multiple of `BLOCK_ROWS`. */
  readonly rowFrom: number
  readonly rowEnd: number
  readonly filter: ScanFilter
  /** The least cosine that counts, on the 1e-6 grid. */
  readonly minCosine: number
  readonly goal: ScanGoal
}

export interface ScanProbe {
  readonly values: Float32Array
  /** Persons who are passed over for this probe. */
  readonly except: readonly number[]
}

export type ScanGoal =
  /** The best image of each of the best persons. */
  | { readonly kind: 'persons'; readonly limit: number }
  /** The best images, at most so many, of each person that the filter lets through. */
  | { readonly kind: 'images'; readonly limit: number }

export interface ScanFilter {
  /** A null stands for everybody. */
  readonly persons: {
    readonly op: 'in' | 'nin'
    readonly ordinals: readonly number[]
    readonly end: number
  } | null
  /** Member of at least one; null: everybody. */
  readonly groups: {
    readonly ordinals: readonly number[]
    /** All group ordinals, and all sets of groups, are below. */
    readonly end: number
    readonly setEnd: number
  } | null
  readonly field: {
    readonly field: 'name' | 'externalId'
    readonly op: 'in' | 'nin'
    readonly keys: readonly Key[]
  } | null
}

/** What one thread found, in no particular order; `cosines` on the 1e-6 grid. */
export interface FoundRows {
  readonly persons: Uint32Array
  readonly rows: Uint32Array
  readonly cosines: Float64Array
}

/**
 * Words of the memory by which a scan's threads share out the blocks, and tell each other the floor of each probe: what
 * one of them has found enough persons for, in millionths (whole, as cosines are on that grid).
 */
export const CONTROL = { nextBlock: 0, cancelled: 1, floors: 2 } as const
export const CONTROL_WORDS = CONTROL.floors + MOST_PROBES
export const FLOOR_STEPS = 1_000_000
/** Below every cosine. */
export const NO_FLOOR = -2 * FLOOR_STEPS

/** What a thread is told first. */
export interface ScanThreadSetup {
  readonly kind: 'setup'
  readonly thread: number
  readonly layout: VectorLayout
  readonly kernel: WasmModule
  readonly control: SharedArrayBuffer
}

export type ToScanThread = ScanThreadSetup | Growth | { readonly kind: 'scan'; readonly scan: Scan }
export type FromScanThread =
  | { readonly kind: 'ready' }
  /** By probe. */
  | { readonly kind: 'done'; readonly found: readonly FoundRows[] }
