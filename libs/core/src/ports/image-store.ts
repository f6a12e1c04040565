import type { ImageId } from '../ids.ts'
import type { Waiting } from './waiting.ts'

/** Pictures as they were enrolled (shrunk first if the caller asked for it). Throws E_PICTURES_UNAVAILABLE. */
export interface ImageStore {
  /** The picture is durable once this resolves. An id written twice holds the later bytes, never a mixture. */
  put(id: ImageId, bytes: Uint8Array, waiting?: Waiting): Promise<void>
  /** Null if there is none. */
  get(id: ImageId, waiting?: Waiting): Promise<Uint8Array | null>
  /** The deletion is durable once this resolves. What is set aside goes, too; an absent id is fine. */
  delete(id: ImageId, waiting?: Waiting): Promise<void>
  /** Pictures that were written at least `untouchedMs` ago, by increasing id; none that is set aside. */
  list(query: PictureListQuery, waiting?: Waiting): Promise<readonly ImageId[]>
  /** Takes a picture out of the sight of `get` and `list`, and keeps it. Durable once resolved; an absent id is fine. */
  setAside(id: ImageId, waiting?: Waiting): Promise<void>
  /** Brings back what was set aside, unless another picture was put there since. An absent id is fine. */
  restore(id: ImageId, waiting?: Waiting): Promise<void>
  /** Pictures that were set aside at least `untouchedMs` ago, by increasing id. */
  listSetAside(query: PictureListQuery, waiting?: Waiting): Promise<readonly ImageId[]>
  check(waiting?: Waiting): Promise<void>
  close(): Promise<void>
}

export interface PictureListQuery {
  readonly after: ImageId | null
  readonly limit: number
  readonly untouchedMs: number
}
