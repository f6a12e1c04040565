import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { distanceOf } from '../calibration.ts'
import { roundCosine } from '../descriptor.ts'
import type { PersonId } from '../ids.ts'
import { shiftOf } from '../quality-shift.ts'
import { enrollAt, makePerson, openTestGallery, PROBE, type TestGallery } from '../testing/index.ts'
import { identify } from './identify.ts'

const SHIFT = [
  { quality: 20, shift: 0.2 },
  { quality: 80, shift: 0 },
] as const

interface Shown {
  readonly cosine: number
  readonly quality: number | null
  readonly damage?: number | null
}

let gallery: TestGallery
beforeEach(() => {
  gallery = openTestGallery()
})

async function somebody(...images: readonly Shown[]): Promise<PersonId> {
  const { id } = await makePerson(gallery)
  for (const image of images) await enrollAt(gallery, id, image)
  return id
}

function search(
  quality: number | null,
  given: { readonly limit?: number; readonly threshold?: number } = {},
) {
  const probe = { ...PROBE, quality, qualityShift: SHIFT }
  return identify(gallery, {
    probe,
    query: { groupIds: [], field: null, threshold: 1, limit: 100, ...given },
  })
}

describe('a search with a bad face', () => {
  it('does not find a bad picture that is no more alike than strangers, and finds a good one', async () => {
    await somebody({ cosine: 0.79, quality: 10 })
    const good = await somebody({ cosine: 0.61, quality: 90 })
    const unknown = await somebody({ cosine: 0.62, quality: null })
    const alike = await somebody({ cosine: 0.81, quality: 10 })
    expect((await search(10)).map(({ person }) => person.id)).toEqual([alike, unknown, good])
  })

  it('does not find a damaged picture that is no more alike than strangers, and finds whole ones', async () => {
    await somebody({ cosine: 0.69, quality: 90, damage: 1 })
    const alike = await somebody({ cosine: 0.75, quality: 90, damage: 1 })
    const whole = await somebody({ cosine: 0.61, quality: 90, damage: 0 })
    const old = await somebody({ cosine: 0.62, quality: 90 })
    const probe = { ...PROBE, quality: 90, damage: 1, damageShift: 0.1 }
    const query = { groupIds: [], field: null, threshold: 1, limit: 100 }
    const found = await identify(gallery, { probe, query })
    expect(found.map(({ person }) => person.id)).toEqual([alike, old, whole])
    const undamaged = await identify(gallery, { probe: { ...probe, damage: 0 }, query })
    expect(undamaged).toHaveLength(4)
  })

  it('orders by distance, whatever the cosine, and tells cosines as they are', async () => {
    const bad = await somebody({ cosine: 0.85, quality: 10 })
    const good = await somebody({ cosine: 0.8, quality: 90 })
    const found = await search(10)
    expect(found.map(({ person }) => person.id)).toEqual([good, bad])
    expect(found.map(({ images }) => images[0].cosine)).toEqual([0.8, 0.85])
    expect((await search(10, { limit: 1 })).map(({ person }) => person.id)).toEqual([good])
    expect((await search(90)).map(({ person }) => person.id)).toEqual([bad, good])
  })

  it('finds a good picture behind many bad ones of the same person', async () => {
    const id = await somebody(
      ...Array.from({ length: 40 }, (_, at) => ({ cosine: 0.75 - at / 1000, quality: 5 })),
      { cosine: 0.65, quality: 95 },
    )
    const [found] = await search(5)
    expect(found?.person.id).toBe(id)
    expect(found?.images.map(({ cosine }) => cosine)).toEqual([0.65])
  })

  it('asks the index a few times, however many bad pictures are near', async () => {
    for (let i = 0; i < 100; i++) await somebody({ cosine: 0.79 - i / 1000, quality: 5 })
    const good = await somebody({ cosine: 0.65, quality: 95 })
    let searches = 0
    const { index } = gallery
    gallery = {
      ...gallery,
      index: {
        ...index,
        search: (...args) => {
          searches += 1
          return index.search(...args)
        },
      },
    }
    expect((await search(5, { limit: 1 })).map(({ person }) => person.id)).toEqual([good])
    expect(searches).toBeLessThan(12)
  })

  it('answers what a plain list of all pairs would', async () => {
    const shown = fc.record({
      cosine: fc.integer({ min: 5000, max: 9999 }).map((value) => value / 10_000),
      quality: fc.option(fc.integer({ min: 0, max: 100 })),
    })
    const persons = fc.array(fc.array(shown, { minLength: 1, maxLength: 20 }), { maxLength: 8 })
    const probeQuality = fc.option(fc.integer({ min: 0, max: 100 }))
    const property = fc.asyncProperty(
      persons,
      probeQuality,
      fc.integer({ min: 1, max: 4 }),
      async (given, quality, limit) => {
        gallery = openTestGallery()
        const ids: PersonId[] = []
        for (const images of given) ids.push(await somebody(...images))
        const distance = (image: Shown) =>
          roundCosine(distanceOf(image.cosine, PROBE.operatingPoint + shiftOf(SHIFT, quality, image.quality)))
        const expected = given
          .map((images, at) => {
            const near = images.map((image) => ({ ...image, distance: distance(image) }))
            const within = near.filter((image) => image.distance <= 1)
            const best = within.toSorted((a, b) => a.distance - b.distance || b.cosine - a.cosine)
            return { id: ids[at]!, distances: best.slice(0, 10).map((image) => image.distance), best }
          })
          .filter(({ best }) => best.length > 0)
          .toSorted(
            (a, b) =>
              a.best[0]!.distance - b.best[0]!.distance ||
              b.best[0]!.cosine - a.best[0]!.cosine ||
              (a.id < b.id ? -1 : 1),
          )
          .slice(0, limit)
          .map(({ id, distances }) => ({ id, distances }))
        const found = await search(quality, { limit })
        expect(
          found.map(({ person, images }) => ({
            id: person.id,
            distances: images.map((image) => image.distance),
          })),
        ).toEqual(expected)
      },
    )
    await fc.assert(property, { numRuns: 60 })
  })
})
