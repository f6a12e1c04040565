import type { Descriptor, IndexEntry, IndexQuery, PersonId } from '@semblance/core'
import { aDescriptor, anIndexEntry, anIndexQuery, newTestId, searchNaively } from '@semblance/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findCandidates, type NearestQuestion, type PointSource } from './find-candidates.ts'

const DIMENSIONS = 16
const PERSONS = Array.from({ length: 40 }, () => newTestId<PersonId>())

/** Few different descriptors, so that many images tie; few images for most persons and very many for some. */
const aGallery = fc.array(
  fc
    .record({ person: fc.oneof(fc.nat(2), fc.nat(PERSONS.length - 1)), face: fc.nat(30) })
    .map(({ person, face }) =>
      anIndexEntry({
        personId: PERSONS[person]!,
        descriptor: aDescriptor(face, { dimensions: DIMENSIONS }),
      }),
    ),
  { maxLength: 400 },
)

const aQuery: fc.Arbitrary<IndexQuery> = fc
  .record({
    minCosine: fc.oneof(fc.constant(-1), fc.double({ min: -0.5, max: 0.9, noNaN: true })),
    limit: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 21, max: 200 })),
    imagesPerPerson: fc.integer({ min: 1, max: 8 }),
    exclude: fc.subarray(PERSONS, { maxLength: 3 }),
  })
  .map((given) => anIndexQuery(given))

it('answers as looking at everything does, though scores are blurred and ties come in any order', async () => {
  await fc.assert(
    fc.asyncProperty(
      aGallery,
      aQuery,
      fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
      async (gallery, query, blur) => {
        const probe = aDescriptor(3, { dimensions: DIMENSIONS })
        const source = blurredSource(gallery, probe, () => blur.next().value)
        expect(await findCandidates(source, probe, query)).toEqual(searchNaively(gallery, probe, query))
      },
    ),
    { numRuns: 150 },
  )
})

it('looks again when a point was replaced between the two looks', async () => {
  const probe = aDescriptor(1, { dimensions: DIMENSIONS })
  const [near, far] = [
    anIndexEntry({ descriptor: probe }),
    anIndexEntry({ descriptor: aDescriptor(2, { dimensions: DIMENSIONS }) }),
  ]
  const gallery = [near, far]
  const source = blurredSource(gallery, probe, () => 0)
  const racing: PointSource = {
    nearest: (question) => source.nearest(question),
    read: (imageIds) => {
      if (gallery[0] === near)
        gallery[0] = { ...near, descriptor: aDescriptor(5, { dimensions: DIMENSIONS }) }
      return source.read(imageIds)
    },
  }
  const query = anIndexQuery()
  expect(await findCandidates(racing, probe, query)).toEqual(searchNaively(gallery, probe, query))
  expect(gallery[0]).not.toBe(near)
})

it.each([
  10, 100, 1_000,
])('asks once where a threshold leaves few, also for up to %i persons', async (limit) => {
  const probe = aDescriptor(1, { dimensions: DIMENSIONS })
  const asked: NearestQuestion[] = []
  const source = blurredSource([anIndexEntry({ descriptor: probe })], probe, () => 0)
  const counted: PointSource = {
    nearest: (question) => {
      asked.push(question)
      return source.nearest(question)
    },
    read: () => Promise.reject(new Error('has been read already')),
  }
  expect(await findCandidates(counted, probe, anIndexQuery({ minCosine: 0.5, limit }))).toHaveLength(1)
  expect(asked).toHaveLength(1)
})

/** As Qdrant answers: float32 sums that differ from ours by up to 3e-7, and ties in no order. */
function blurredSource(gallery: readonly IndexEntry[], probe: Descriptor, blur: () => number): PointSource {
  const dot = ({ values }: Descriptor) =>
    values.reduce((sum, value, at) => sum + value * probe.values[at]!, 0)
  return {
    nearest: async ({ scope, minScore, limit, withDescriptors }) =>
      gallery
        .filter(({ payload: { personId } }) => !scope.except.includes(personId))
        .filter(({ payload: { personId } }) => scope.only === null || scope.only.includes(personId))
        .map(({ imageId, descriptor, payload: { personId } }) => ({
          imageId,
          personId,
          score: dot(descriptor) + 3e-7 * blur(),
          descriptor: withDescriptors ? descriptor : null,
        }))
        .filter(({ score }) => score >= minScore)
        .toSorted((a, b) => b.score - a.score)
        .slice(0, limit),
    read: async (imageIds) =>
      gallery
        .filter(({ imageId }) => imageIds.includes(imageId))
        .map(({ imageId, descriptor, payload: { personId } }) => ({ imageId, personId, descriptor })),
  }
}
