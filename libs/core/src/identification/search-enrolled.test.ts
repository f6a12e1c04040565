import { beforeEach, describe, expect, it } from 'vitest'
import { type Calibration, distanceOf } from '../calibration.ts'
import { cosineBetween } from '../descriptor.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { enroll, makePerson, openTestGallery, TEST_PACK, type TestGallery } from '../testing/index.ts'
import { type EnrolledProbe, searchEnrolled } from './search-enrolled.ts'

/** Apart by so much that a wrong one shows. */
const CALIBRATION: Calibration = { richCheap: 0.3, cheapCheap: 0.5, richRich: 0.95 }

let gallery: TestGallery
let imageIds: readonly [ImageId, ImageId]
let personIds: readonly [PersonId, PersonId]
beforeEach(async () => {
  gallery = openTestGallery()
  const [one, other] = [await makePerson(gallery), await makePerson(gallery)]
  personIds = [one.id, other.id]
  imageIds = [
    (await enroll(gallery, one.id, { variation: 1 })).id,
    (await enroll(gallery, other.id, { variation: 2 })).id,
  ]
})

async function found(enrolled: EnrolledProbe, threshold: number) {
  const query = { groupIds: [], field: null, limit: 9, includeSelf: false, threshold }
  const engine = { calibration: CALIBRATION, packId: TEST_PACK }
  const outcome = await searchEnrolled({ gallery, engine, observe: () => {} }, { ...query, enrolled })
  return outcome.outcome === 'searched' ? outcome.persons : []
}

describe('a search by somebody enrolled', () => {
  it.each([
    'person',
    'image',
  ] as const)('by %s tells distances by the operating point of two enrollments', async (kind) => {
    const [one, other] = await Promise.all(imageIds.map((id) => gallery.records.images.find(id)))
    const cosine = cosineBetween(one!.descriptor, other!.descriptor)
    const enrolled = kind === 'person' ? { kind, personId: personIds[0] } : { kind, imageId: imageIds[0] }
    const [person] = await found(enrolled, 2)
    expect(person?.person.id).toBe(personIds[1])
    expect(person?.images[0].cosine).toBeCloseTo(cosine, 5)
    const { distance } = person!.images[0]
    expect(distance).toBeCloseTo(distanceOf(cosine, CALIBRATION.richRich), 4)
    expect(await found(enrolled, distance)).toHaveLength(1)
    expect(await found(enrolled, distance - 0.001)).toEqual([])
  })
})
