import type { PictureRef, PicturesInFlight } from '@semblance/core'
import { afterEach, describe, expect, it } from 'vitest'

export interface PicturesInFlightHarness {
  readonly pictures: PicturesInFlight
  /** Lets so much time pass for what was put so far. */
  age(ms: number): Promise<void>
  close(): Promise<void>
}

export interface PicturesInFlightSetup {
  readonly maxBytes: number
  readonly ttlMs: number
}

/** What the docstrings of `PicturesInFlight` promise, as claims. */
export function describePicturesInFlightContract(
  name: string,
  open: (setup: PicturesInFlightSetup) => Promise<PicturesInFlightHarness>,
): void {
  describe(`${name} keeps the PicturesInFlight contract`, () => {
    let harness: PicturesInFlightHarness | null = null
    afterEach(async () => {
      await harness?.close()
      harness = null
    })
    const begin = async (setup: Partial<PicturesInFlightSetup> = {}) => {
      harness = await open({ maxBytes: 1_000_000, ttlMs: 60_000, ...setup })
      return harness
    }

    it('gives back the bytes that were put, as often as asked', async () => {
      const { pictures } = await begin()
      const ref = await pictures.put(Uint8Array.of(0, 1, 255))
      for (const _ of [1, 2]) expect([...(await pictures.get(ref))!]).toEqual([0, 1, 255])
    })

    it('keeps equal pictures apart', async () => {
      const { pictures } = await begin()
      const [one, two] = [await pictures.put(Uint8Array.of(1)), await pictures.put(Uint8Array.of(1))]
      await pictures.drop(one)
      expect(await pictures.get(one)).toBeNull()
      expect([...(await pictures.get(two))!]).toEqual([1])
    })

    it('answers null for an unknown reference, and drops it without complaint', async () => {
      const { pictures } = await begin()
      expect(await pictures.get('nothing' as PictureRef)).toBeNull()
      await pictures.drop('nothing' as PictureRef)
    })

    it('is overloaded when full, and has room again after a drop', async () => {
      const { pictures } = await begin({ maxBytes: 2000 })
      const first = await pictures.put(new Uint8Array(1000))
      await pictures.put(new Uint8Array(1000))
      const refusal = { code: 'E_OVERLOADED', retryable: true, retryAfterSeconds: expect.any(Number) }
      await expect(pictures.put(new Uint8Array(1))).rejects.toMatchObject(refusal)
      await pictures.drop(first)
      await pictures.drop(first)
      await pictures.put(new Uint8Array(1000))
      await expect(pictures.put(new Uint8Array(1))).rejects.toMatchObject(refusal)
    })

    it('loses what nobody dropped in time, and has room again', async () => {
      const { pictures, age } = await begin({ maxBytes: 2000, ttlMs: 10_000 })
      const old = await pictures.put(new Uint8Array(1000))
      await age(9_000)
      expect(await pictures.get(old)).not.toBeNull()
      const young = await pictures.put(new Uint8Array(1000))
      await age(1_001)
      expect(await pictures.get(old)).toBeNull()
      expect(await pictures.get(young)).not.toBeNull()
      await pictures.put(new Uint8Array(1000))
    })

    it('rejects with the reason of a signal that is aborted', async () => {
      const { pictures } = await begin()
      const reason = new Error('the caller left')
      const waiting = { signal: AbortSignal.abort(reason) }
      await expect(pictures.put(Uint8Array.of(1), waiting)).rejects.toBe(reason)
      await expect(pictures.get('x' as PictureRef, waiting)).rejects.toBe(reason)
    })
  })
}
