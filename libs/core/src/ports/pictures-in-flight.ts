import type { Waiting } from './waiting.ts'

/** Names picture bytes that wait for a job; job payloads carry this, never pixels. */
export type PictureRef = string & { readonly brand: 'PictureRef' }

/** Bytes between the gateway and the worker. Bounded; whatever is not dropped expires. */
export interface PicturesInFlight {
  /** Throws E_OVERLOADED when full. */
  put(bytes: Uint8Array, waiting?: Waiting): Promise<PictureRef>
  /** The bytes, also for a job that runs again; null once they are dropped or expired. */
  get(ref: PictureRef, waiting?: Waiting): Promise<Uint8Array | null>
  drop(ref: PictureRef): Promise<void>
}
