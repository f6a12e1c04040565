import { describe, expect, it } from 'vitest'
import type { ImageId } from '../ids.ts'
import { isFarFewer, requireRecords } from './require-records.ts'

const BEGIN = Date.UTC(2026, 0, 1)
const MINUTE = 60_000

/** The nth id of a gallery that gets one a minute. */
function idOf(n: number): ImageId {
  const time = (BEGIN + n * MINUTE).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}` as ImageId
}

/** So many pictures; the store knows those for which `isKnown` holds. */
function aGallery(pictures: number, isKnown: (n: number) => boolean) {
  const ids = Array.from({ length: pictures }, (_, n) => idOf(n))
  const known = new Set(ids.filter((_, n) => isKnown(n)))
  let looked = 0
  const images = {
    recordedIds: async (asked: readonly ImageId[]) => {
      looked += asked.length
      return asked.filter((id) => known.has(id))
    },
  }
  const list = async ({ after, limit }: { after: ImageId | null; limit: number }) => {
    const from = after === null ? 0 : ids.findIndex((id) => id > after)
    return from < 0 ? [] : ids.slice(from, from + limit)
  }
  const check = (accepted = 0) =>
    requireRecords(images, { what: 'pictures', list, accepted, nowMs: BEGIN + pictures * MINUTE })
  return { check, looked: () => looked }
}

describe('a store', () => {
  it.each([
    { why: 'empty', pictures: 3, known: 0 },
    { why: 'empty beside one picture', pictures: 1, known: 0 },
    { why: 'older by half', pictures: 100, known: 49 },
    { why: 'older by a tenth and a bit', pictures: 200, known: 178 },
    { why: 'empty beside very many', pictures: 30_000, known: 0 },
    { why: 'older than the latest of very many', pictures: 50_000, known: 40_000 },
  ])('that is $why is refused, with the count of each', async ({ pictures, known }) => {
    const unknown = pictures - known
    const { check } = aGallery(pictures, (n) => n < known)
    await expect(check()).rejects.toMatchObject({
      code: 'E_RECORDS_MISSING',
      retryable: false,
      context: { atHand: pictures, unknown },
      message: expect.stringContaining(`SEMBLANCE_ACCEPT_MISSING_RECORDS=${unknown}`),
    })
    await expect(check(unknown - 1)).rejects.toThrow()
    await check(unknown)
  })

  it.each([
    { which: 'that knows them all', pictures: 1_000, isKnown: () => true },
    { which: 'without pictures', pictures: 0, isKnown: () => true },
    { which: 'that lacks a few', pictures: 5, isKnown: (n: number) => n < 3 },
    { which: 'that lacks one in a hundred', pictures: 5_000, isKnown: (n: number) => n % 100 > 0 },
  ])('$which is served', async ({ pictures, isKnown }) => {
    await aGallery(pictures, isKnown).check()
  })

  it('of a large gallery is looked into here and there, not everywhere', async () => {
    const { check, looked } = aGallery(200_000, () => true)
    await check()
    expect(looked()).toBeLessThan(30_000)
  })
})

it('calls few what a crash may leave', () => {
  expect(isFarFewer({ atHand: 20, unknown: 9 })).toBe(false)
  expect(isFarFewer({ atHand: 20, unknown: 11 })).toBe(true)
})
