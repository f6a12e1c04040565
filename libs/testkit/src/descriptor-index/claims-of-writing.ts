import type { DescriptorIndex, GroupId, ImageId, PersonId } from '@semblance/core'
import { anIndexEntry, anIndexQuery, aSignDescriptorAt, newTestId } from '@semblance/core/testing'
import { expect, it } from 'vitest'
import { isIn, PROBE, personsFound } from './find-persons.ts'

export function claimsOfWriting(index: () => DescriptorIndex): void {
  it('finds a descriptor once upsert has resolved', async () => {
    const entry = anIndexEntry({ descriptor: aSignDescriptorAt(0.5) })
    await index().upsert([entry])
    const { imageId, payload } = entry
    const { personId } = payload
    expect(await index().search(PROBE, anIndexQuery())).toEqual([
      { personId, images: [{ personId, imageId, cosine: 0.5 }] },
    ])
  })

  it('takes no entries at all as nothing to do', async () => {
    await index().upsert([])
    await index().remove([])
    expect(await index().count()).toBe(0)
  })

  it('replaces an image that comes again: descriptor, person and payload', async () => {
    const [group, other] = [newTestId<GroupId>(), newTestId<GroupId>()]
    const before = anIndexEntry({ groups: [group], descriptor: aSignDescriptorAt(1) })
    const after = anIndexEntry({
      imageId: before.imageId,
      groups: [other],
      descriptor: aSignDescriptorAt(0.25),
      rev: 1,
    })
    await index().upsert([before])
    await index().upsert([after])
    expect(await personsFound(index())).toEqual([after.payload.personId])
    expect((await index().search(PROBE, anIndexQuery()))[0]?.images[0]?.cosine).toBe(0.25)
    expect(await personsFound(index(), { filter: { groups: [group], field: null } })).toEqual([])
    expect(await index().count()).toBe(1)
  })

  it('passes over an entry that comes late: the one there is of the same person with a greater rev', async () => {
    const group = newTestId<GroupId>()
    const late = anIndexEntry({ rev: 1 })
    await index().upsert([{ ...late, payload: { ...late.payload, groups: [group], rev: 2 } }])
    await index().upsert([late])
    expect(await personsFound(index(), { filter: { groups: [group], field: null } })).toEqual([
      late.payload.personId,
    ])
  })

  it('takes the last of two entries of one image in one call', async () => {
    const imageId = newTestId<ImageId>()
    const [first, last] = [anIndexEntry({ imageId }), anIndexEntry({ imageId })]
    await index().upsert([first, last])
    expect(await personsFound(index())).toEqual([last.payload.personId])
  })

  it('rewrites the payload of all vectors of a person that are older, and of nobody else', async () => {
    const group = newTestId<GroupId>()
    const personId = newTestId<PersonId>()
    const own = [1, 2, 3].map(() => anIndexEntry({ personId, rev: 1 }))
    const stranger = anIndexEntry({ rev: 1 })
    await index().upsert([...own, stranger])
    await index().updatePayload({ personId, groups: [group], name: 'Eve', externalId: 'e-1', rev: 2 })
    const inGroup = await index().search(
      PROBE,
      anIndexQuery({ filter: { groups: [group], field: isIn('externalId', 'e-1') }, imagesPerPerson: 9 }),
    )
    expect(inGroup.map((found) => found.personId)).toEqual([personId])
    expect(inGroup[0]?.images.map(({ imageId }) => imageId).sort()).toEqual(own.map(({ imageId }) => imageId))
    expect(await personsFound(index(), { filter: { groups: null, field: isIn('name', 'Ada') } })).toEqual([
      stranger.payload.personId,
    ])
  })

  it('leaves alone the vectors of the person whose rev is the same or greater', async () => {
    const personId = newTestId<PersonId>()
    const older = anIndexEntry({ personId, rev: 1 })
    const same = anIndexEntry({ personId, rev: 2 })
    const newer = anIndexEntry({ personId, rev: 3 })
    await index().upsert([older, same, newer])
    await index().updatePayload({ personId, groups: [], name: 'Eve', externalId: null, rev: 2 })
    const imagesOf = async (name: string) => {
      const filter = { groups: null, field: isIn('name', name) }
      const found = await index().search(PROBE, anIndexQuery({ filter, imagesPerPerson: 9 }))
      return found.flatMap(({ images }) => images.map(({ imageId }) => imageId)).sort()
    }
    expect(await imagesOf('Eve')).toEqual([older.imageId])
    expect(await imagesOf('Ada')).toEqual([same.imageId, newer.imageId])
  })

  it('takes a payload for a person without vectors as nothing to do', async () => {
    await index().updatePayload(anIndexEntry().payload)
    expect(await index().count()).toBe(0)
  })

  it('does not find an image once remove has resolved, and finds all others', async () => {
    const personId = newTestId<PersonId>()
    const entries = [1, 0.5, 0.25].map((cosine) =>
      anIndexEntry({ personId, descriptor: aSignDescriptorAt(cosine) }),
    )
    const stranger = anIndexEntry({ descriptor: aSignDescriptorAt(0) })
    await index().upsert([...entries, stranger])
    await index().remove([entries[0]!.imageId, newTestId<ImageId>()])
    const found = await index().search(PROBE, anIndexQuery({ imagesPerPerson: 9 }))
    expect(found.map(({ images }) => images.map(({ cosine }) => cosine))).toEqual([[0.5, 0.25], [0]])
    await index().remove(entries.map(({ imageId }) => imageId))
    expect(await personsFound(index())).toEqual([stranger.payload.personId])
  })

  it('finds again what was removed and then added again', async () => {
    const entry = anIndexEntry()
    await index().upsert([entry])
    await index().remove([entry.imageId])
    await index().upsert([entry])
    expect(await personsFound(index())).toEqual([entry.payload.personId])
  })
}
