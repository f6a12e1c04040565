import type { Clock, ImageId, ImageStore } from '@semblance/core'

/** Pictures in memory, in plainest form. */
export function createNaiveImageStore(clock: Clock): ImageStore {
  const held = new Map<ImageId, { readonly bytes: Uint8Array; readonly putAt: number }>()
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
    },
    list: async ({ after, limit, untouchedMs }, waiting) => {
      waiting?.signal?.throwIfAborted()
      const old = [...held].filter(([, { putAt }]) => putAt <= clock.now() - untouchedMs)
      const ids = old.map(([id]) => id).filter((id) => id > (after ?? ''))
      return ids.toSorted().slice(0, limit)
    },
    check: async () => {},
    close: async () => {},
  }
}
