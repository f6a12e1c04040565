import { randomUUID } from 'node:crypto'
import type { ImageId, ImageStore, PictureRef, Waiting } from '@semblance/core'

/**
 * The place of pictures that would hold up Redis. Redis does one thing at a time: 15 MB took it a third of a second on
 * a busy machine, and every job waits for that. Enrolled pictures lie elsewhere.
 */
export interface LargePictures {
  readonly store: Pick<ImageStore, 'put' | 'get' | 'delete' | 'list'>
  /** The size in bytes from which on a picture is large. */
  readonly fromBytes: number
  /** The most bytes that the store takes. Larger pictures lie in Redis all the same. */
  readonly toBytes: number
}

/** The value of the key in Redis of a picture that lies in the store. */
export const ELSEWHERE = Buffer.from('elsewhere')
const PREFIX = 'large-'
const BATCH = 100

export function fitsStore({ byteLength }: Uint8Array, { fromBytes, toBytes }: LargePictures): boolean {
  return byteLength >= fromBytes && byteLength <= toBytes
}

export function newLargeRef(): PictureRef {
  return `${PREFIX}${randomUUID()}` as PictureRef
}

export function isLargeRef(ref: PictureRef): boolean {
  return ref.startsWith(PREFIX)
}

export function storedIdOf(ref: PictureRef): ImageId {
  return ref.slice(PREFIX.length) as ImageId
}

/** Deletes what was written more than `untouchedMs` ago by the store's own clock. Answers how many went. */
export async function forgetStored(
  { store }: LargePictures,
  { untouchedMs, waiting }: { readonly untouchedMs: number; readonly waiting: Waiting },
): Promise<number> {
  let forgotten = 0
  for (;;) {
    waiting.signal?.throwIfAborted()
    const ids = await store.list({ after: null, limit: BATCH, untouchedMs }, waiting)
    for (const id of ids) await store.delete(id, waiting)
    forgotten += ids.length
    if (ids.length < BATCH) return forgotten
  }
}
