import type { ImageId } from '../ids.ts'
import type { Waiting } from './waiting.ts'

/** Pictures as they were enrolled (shrunk first if the caller asked for it). Throws E_PICTURES_UNAVAILABLE. */
export interface ImageStore {
  /** Durable once resolved; an id written twice holds the later bytes, never a mixture. */
  put(id: ImageId, bytes: Uint8Array, waiting?: Waiting): Promise<void>
  /** Null if there is none. */
  get(id: ImageId, waiting?: Waiting): Promise<Uint8Array | null>
  /** Durable once resolved; an absent id is fine. */
  delete(id: ImageId, waiting?: Waiting): Promise<void>
  /** Pictures that were written at least `untouchedMs` ago, by increasing id: for finding orphans. */
  list(
    query: { readonly after: ImageId | null; readonly limit: number; readonly untouchedMs: number },
    waiting?: Waiting,
  ): Promise<readonly ImageId[]>
  check(waiting?: Waiting): Promise<void>
  close(): Promise<void>
}
