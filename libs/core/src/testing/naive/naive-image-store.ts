import type { ImageId } from '../../ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ImageStore } from '../../ports/image-store.ts'

interface HeldPicture {
  readonly bytes: Uint8Array
  readonly putAt: number
}

/** Pictures in memory, in plainest form. */
export function createNaiveImageStore(clock: Clock): ImageStore {
  const held = new Map<ImageId, HeldPicture>()
  const aside = new Map<ImageId, HeldPicture>()
  const listed = (pictures: Map<ImageId, HeldPicture>): ImageStore['list'] => {
    return async ({ after, limit, untouchedMs }, waiting) => {
      waiting?.signal?.throwIfAborted()
      const old = [...pictures].filter(([, { putAt }]) => putAt <= clock.now() - untouchedMs)
      const ids = old.map(([id]) => id).filter((id) => id > (after ?? ''))
      return ids.toSorted().slice(0, limit)
    }
  }
  return {
    put: async (id, bytes, waiting) => {
      waiting?.signal?.throwIfAborted()
      held.set(id, { bytes: bytes.slice(), putAt: clock.now() })
    },
    get: async (id, waiting) => {
      waiting?.signal?.throwIfAborted()
      return held.get(id)?.bytes.slice() ?? null
    },
    delete: async (id, waiting) => {
      waiting?.signal?.throwIfAborted()
      held.delete(id)
      aside.delete(id)
    },
    list: listed(held),
    setAside: async (id, waiting) => {
      waiting?.signal?.throwIfAborted()
      const picture = held.get(id)
      if (picture !== undefined) aside.set(id, { ...picture, putAt: clock.now() })
      held.delete(id)
    },
    restore: async (id, waiting) => {
      waiting?.signal?.throwIfAborted()
      const picture = aside.get(id)
      if (picture !== undefined && !held.has(id)) held.set(id, { ...picture, putAt: clock.now() })
      aside.delete(id)
    },
    listSetAside: listed(aside),
    check: async () => {},
    close: async () => {},
  }
}
