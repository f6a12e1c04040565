import type { DescriptorIndex, ImageId, PersonId } from '@semblance/core'
import { anIndexEntry, anIndexQuery, aSignDescriptorAt, newTestId } from '@semblance/core/testing'
import { expect, it } from 'vitest'
import { PROBE, personsFound, shuffled } from './find-persons.ts'

export function claimsOfRanking(index: () => DescriptorIndex): void {
  it('answers nobody for an empty gallery', async () => {
    expect(await index().search(PROBE, anIndexQuery())).toEqual([])
  })

  it('lists distinct persons by their best image, and the images of each best first', async () => {
    const [near, far] = [newTestId<PersonId>(), newTestId<PersonId>()]
    await index().upsert([
      anIndexEntry({ personId: near, descriptor: aSignDescriptorAt(0.25) }),
      anIndexEntry({ personId: far, descriptor: aSignDescriptorAt(0.5) }),
      anIndexEntry({ personId: near, descriptor: aSignDescriptorAt(0.75) }),
      anIndexEntry({ personId: near, descriptor: aSignDescriptorAt(-0.5) }),
    ])
    const found = await index().search(PROBE, anIndexQuery({ imagesPerPerson: 2 }))
    expect(found.map(({ personId }) => personId)).toEqual([near, far])
    expect(found.map(({ images }) => images.map(({ cosine }) => cosine))).toEqual([[0.75, 0.25], [0.5]])
  })

  it('answers at most as many persons as asked for, the best ones', async () => {
    const entries = [0, 1, 0.5, 0.75, 0.25].map((cosine) =>
      anIndexEntry({ descriptor: aSignDescriptorAt(cosine) }),
    )
    await index().upsert(entries)
    const found = await index().search(PROBE, anIndexQuery({ limit: 3 }))
    expect(found.map(({ images }) => images[0]?.cosine)).toEqual([1, 0.75, 0.5])
  })

  it('is complete although one person owns the thousands of images nearest to the probe', async () => {
    const personId = newTestId<PersonId>()
    const crowd = Array.from({ length: 2500 }, () =>
      anIndexEntry({ personId, descriptor: aSignDescriptorAt(1) }),
    )
    const others = [0.5, 0.25, 0, -0.25].map((cosine) =>
      anIndexEntry({ descriptor: aSignDescriptorAt(cosine) }),
    )
    await index().upsert([...crowd.slice(0, 1200), ...others, ...crowd.slice(1200)])
    const expected = [personId, ...others.map(({ payload }) => payload.personId)]
    expect(await personsFound(index(), { limit: 5 })).toEqual(expected)
    const found = await index().search(PROBE, anIndexQuery({ limit: 5, imagesPerPerson: 3 }))
    expect(found.map(({ images }) => images.length)).toEqual([3, 1, 1, 1, 1])
  })

  it('answers persons at exactly the smallest cosine, and none and no image below it', async () => {
    const personId = newTestId<PersonId>()
    await index().upsert([
      anIndexEntry({ personId, descriptor: aSignDescriptorAt(0.5) }),
      anIndexEntry({ personId, descriptor: aSignDescriptorAt(0.25) }),
      anIndexEntry({ descriptor: aSignDescriptorAt(0.25) }),
    ])
    const found = await index().search(PROBE, anIndexQuery({ minCosine: 0.5, imagesPerPerson: 9 }))
    expect(found.map(({ images }) => images.map(({ cosine }) => cosine))).toEqual([[0.5]])
    expect(await personsFound(index(), { minCosine: 0.500001 })).toEqual([])
  })

  it('compares on the 1e-6 grid, so that float noise in the threshold changes nothing', async () => {
    await index().upsert([anIndexEntry({ descriptor: aSignDescriptorAt(0.5) })])
    expect(await personsFound(index(), { minCosine: 0.5 + 1e-9 })).toHaveLength(1)
  })

  it('puts the smaller person id first where cosines are equal, at the cut as well', async () => {
    const ids = Array.from({ length: 40 }, () => newTestId<PersonId>())
    const arriving = shuffled(ids)
    await index().upsert(arriving.map((personId) => anIndexEntry({ personId })))
    expect(await personsFound(index(), { limit: 7 })).toEqual(ids.slice(0, 7))
    expect(await personsFound(index(), { limit: 7, imagesPerPerson: 2 })).toEqual(ids.slice(0, 7))
  })

  it('puts the smaller image id first where images of one person are equally near, at the cut as well', async () => {
    const personId = newTestId<PersonId>()
    const ids = Array.from({ length: 40 }, () => newTestId<ImageId>())
    await index().upsert(shuffled(ids).map((imageId) => anIndexEntry({ imageId, personId })))
    for (const imagesPerPerson of [1, 3]) {
      const found = await index().search(PROBE, anIndexQuery({ imagesPerPerson }))
      expect(found[0]?.images.map(({ imageId }) => imageId)).toEqual(ids.slice(0, imagesPerPerson))
    }
  })
}
