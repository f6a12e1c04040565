import type { ImageId, ImageStore } from '@semblance/core'
import { newTestId } from '@semblance/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** An empty store of its own for one test. */
export interface ImageStoreHarness {
  readonly store: ImageStore
  /** Makes everything written so far older by `ms`, as the store judges it. */
  age(ms: number): Promise<void>
  /** Closes and removes everything. */
  close(): Promise<void>
}

const HOUR = 3_600_000

/** What the docstrings of `ImageStore` promise, as claims. */
export function describeImageStoreContract(name: string, open: () => Promise<ImageStoreHarness>): void {
  describe(`${name} keeps the ImageStore contract`, () => {
    let harness: ImageStoreHarness
    let store: ImageStore
    beforeEach(async () => {
      harness = await open()
      store = harness.store
    })
    afterEach(() => harness.close())

    it.each([0, 1, 100_000, 3_000_000])('gives back the %i bytes that were put', async (length) => {
      const id = newTestId<ImageId>()
      await store.put(id, bytesOf(length, 7))
      expect(Buffer.compare((await store.get(id))!, bytesOf(length, 7))).toBe(0)
    })

    it('answers null for a picture that was never put', async () => {
      expect(await store.get(newTestId<ImageId>())).toBeNull()
    })

    it('holds the later bytes of an id written twice', async () => {
      const id = newTestId<ImageId>()
      await store.put(id, bytesOf(5000, 1))
      await store.put(id, bytesOf(3, 2))
      expect(Buffer.from((await store.get(id))!)).toEqual(Buffer.from(bytesOf(3, 2)))
    })

    it('holds each of many that are put at once, and deletes each of many that go at once', async () => {
      const ids = Array.from({ length: 25 }, () => newTestId<ImageId>())
      const bytes = (i: number) => bytesOf(i % 5 === 0 ? 400_000 : 1_000, i)
      await Promise.all(ids.map((id, i) => store.put(id, bytes(i))))
      for (const [i, id] of ids.entries())
        expect(Buffer.compare((await store.get(id))!, bytes(i)), `picture ${i}`).toBe(0)
      await Promise.all(ids.slice(1).map((id) => store.delete(id)))
      const held = await Promise.all(ids.map((id) => store.get(id)))
      expect(held.map((picture) => picture !== null)).toEqual(ids.map((_, i) => i === 0))
    })

    it('never holds a mixture, however many write one id at once', async () => {
      const id = newTestId<ImageId>()
      const versions = [1, 2, 3, 4, 5, 6].map((fill) => new Uint8Array(200_000).fill(fill))
      await Promise.all(versions.map((version) => store.put(id, version)))
      const held = (await store.get(id))!
      expect(versions.some((version) => Buffer.compare(version, held) === 0)).toBe(true)
    })

    it('does not follow what the caller does to its bytes afterwards', async () => {
      const id = newTestId<ImageId>()
      const bytes = new Uint8Array([1, 2, 3])
      await store.put(id, bytes)
      bytes.fill(9)
      expect([...(await store.get(id))!]).toEqual([1, 2, 3])
    })

    it('takes a window of a larger buffer', async () => {
      const id = newTestId<ImageId>()
      await store.put(id, Uint8Array.from([9, 1, 2, 9]).subarray(1, 3))
      expect([...(await store.get(id))!]).toEqual([1, 2])
    })

    it('deletes, and does not mind an absent picture', async () => {
      const id = newTestId<ImageId>()
      await store.put(id, bytesOf(10, 1))
      await store.delete(id)
      expect(await store.get(id)).toBeNull()
      await store.delete(id)
    })

    it('lists by increasing id, a page at a time', async () => {
      const ids = Array.from({ length: 7 }, () => newTestId<ImageId>())
      for (const id of ids.toReversed()) await store.put(id, bytesOf(1, 1))
      await harness.age(HOUR)
      const list = (after: ImageId | null) => store.list({ after, limit: 3, untouchedMs: 0 })
      expect(await list(null)).toEqual(ids.slice(0, 3))
      expect(await list(ids[2]!)).toEqual(ids.slice(3, 6))
      expect(await list(ids[5]!)).toEqual(ids.slice(6))
      expect(await list(ids[6]!)).toEqual([])
    })

    it('lists only what was written long enough ago, past any number of fresh ones', async () => {
      const fresh = Array.from({ length: 5 }, () => newTestId<ImageId>())
      const old = newTestId<ImageId>()
      await store.put(old, bytesOf(1, 1))
      await harness.age(HOUR)
      for (const id of fresh) await store.put(id, bytesOf(1, 1))
      expect(await store.list({ after: null, limit: 2, untouchedMs: HOUR / 2 })).toEqual([old])
    })

    it('lists no picture that was deleted', async () => {
      const id = newTestId<ImageId>()
      await store.put(id, bytesOf(1, 1))
      await store.delete(id)
      await harness.age(HOUR)
      expect(await store.list({ after: null, limit: 2, untouchedMs: 0 })).toEqual([])
    })

    it('shows nobody what is set aside but who asks for it, and brings it back', async () => {
      const [kept, moved] = [newTestId<ImageId>(), newTestId<ImageId>()]
      for (const id of [kept, moved]) await store.put(id, bytesOf(9, 1))
      await store.setAside(moved)
      expect(await store.get(moved)).toBeNull()
      expect(await store.get(kept)).toHaveLength(9)
      const everything = { after: null, limit: 9, untouchedMs: 0 }
      await harness.age(HOUR)
      expect(await store.list(everything)).toEqual([kept])
      expect(await store.listSetAside(everything)).toEqual([moved])
      await store.restore(moved)
      expect(Buffer.from((await store.get(moved))!)).toEqual(Buffer.from(bytesOf(9, 1)))
      await harness.age(HOUR)
      expect(await store.list(everything)).toEqual([kept, moved])
      expect(await store.listSetAside(everything)).toEqual([])
    })

    it('does not mind setting aside or bringing back what is not there', async () => {
      const id = newTestId<ImageId>()
      await store.setAside(id)
      await store.restore(id)
      expect(await store.get(id)).toBeNull()
      expect(await store.listSetAside({ after: null, limit: 9, untouchedMs: 0 })).toEqual([])
    })

    it('deletes what is set aside, too', async () => {
      const id = newTestId<ImageId>()
      await store.put(id, bytesOf(9, 1))
      await store.setAside(id)
      await store.delete(id)
      await harness.age(HOUR)
      expect(await store.listSetAside({ after: null, limit: 9, untouchedMs: 0 })).toEqual([])
      await store.restore(id)
      expect(await store.get(id)).toBeNull()
    })

    it('does not bring back what was set aside over a picture that was put since', async () => {
      const id = newTestId<ImageId>()
      await store.put(id, bytesOf(9, 1))
      await store.setAside(id)
      await store.put(id, bytesOf(3, 2))
      await store.restore(id)
      expect(await store.get(id)).toHaveLength(3)
    })

    it('lists what is set aside a page at a time, by the time since which it is', async () => {
      const ids = Array.from({ length: 6 }, () => newTestId<ImageId>())
      for (const id of ids) await store.put(id, bytesOf(1, 1))
      await harness.age(HOUR)
      for (const id of ids.slice(0, 5).toReversed()) await store.setAside(id)
      const query = { after: null, limit: 3, untouchedMs: HOUR / 2 }
      expect(await store.listSetAside(query)).toEqual([])
      await harness.age(HOUR)
      await store.setAside(ids[5]!)
      expect(await store.listSetAside(query)).toEqual(ids.slice(0, 3))
      expect(await store.listSetAside({ ...query, after: ids[2]! })).toEqual(ids.slice(3, 5))
    })

    it('rejects with the reason of a signal that is aborted, and then writes nothing', async () => {
      const reason = new Error('the caller left')
      const id = newTestId<ImageId>()
      const waiting = { signal: AbortSignal.abort(reason) }
      await expect(store.put(id, bytesOf(1, 1), waiting)).rejects.toBe(reason)
      await expect(store.get(id, waiting)).rejects.toBe(reason)
      await expect(store.delete(id, waiting)).rejects.toBe(reason)
      await expect(store.setAside(id, waiting)).rejects.toBe(reason)
      await expect(store.restore(id, waiting)).rejects.toBe(reason)
      expect(await store.get(id)).toBeNull()
    })

    it('answers a check', async () => {
      await expect(store.check()).resolves.toBeUndefined()
    })
  })
}

function bytesOf(length: number, factor: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * factor)
}
