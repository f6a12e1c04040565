import type { DescriptorIndex, ImageId } from '@semblance/core'
import { anIndexEntry, anIndexQuery, aSignDescriptorAt, newTestId } from '@semblance/core/testing'
import { expect, it } from 'vitest'
import { isIn, PROBE, personsFound } from './find-persons.ts'

export function claimsOfRaces(index: () => DescriptorIndex): void {
  it('shows no image in a search that began after its remove had resolved', async () => {
    const entries = Array.from({ length: 60 }, () => anIndexEntry())
    const removed = new Set<ImageId>()
    await index().upsert(entries)
    const seenTooLate: ImageId[] = []
    const search = async () => {
      while (removed.size < entries.length) {
        const before = new Set(removed)
        const found = await index().search(PROBE, anIndexQuery({ limit: 100 }))
        for (const { imageId } of found.flatMap(({ images }) => images))
          if (before.has(imageId)) seenTooLate.push(imageId)
      }
    }
    const remove = async () => {
      for (const { imageId } of entries) {
        await index().remove([imageId])
        removed.add(imageId)
      }
    }
    await Promise.all([search(), search(), remove()])
    expect(seenTooLate).toEqual([])
    expect(await personsFound(index())).toEqual([])
  })

  it('never shows one person with the descriptor of another while an image goes to and fro', async () => {
    const imageId = newTestId<ImageId>()
    const faces = [
      anIndexEntry({ imageId, descriptor: aSignDescriptorAt(1) }),
      anIndexEntry({ imageId, descriptor: aSignDescriptorAt(-1) }),
    ]
    const cosineOf = new Map(faces.map(({ payload }, at) => [payload.personId, at === 0 ? 1 : -1]))
    await index().upsert([
      faces[0]!,
      ...Array.from({ length: 50 }, () => anIndexEntry({ descriptor: aSignDescriptorAt(0) })),
    ])
    let isWriting = true
    const write = async () => {
      for (let turn = 1; turn <= 60; turn++) await index().upsert([faces[turn % 2]!])
      isWriting = false
    }
    const wrong: number[] = []
    const search = async () => {
      while (isWriting) {
        const found = await index().search(PROBE, anIndexQuery({ limit: 100, imagesPerPerson: 2 }))
        const owners = found.filter(({ personId }) => cosineOf.has(personId))
        if (owners.length !== 1) wrong.push(owners.length)
        for (const { personId, images } of owners)
          if (images.length !== 1 || images[0]!.cosine !== cosineOf.get(personId))
            wrong.push(images[0]!.cosine)
      }
    }
    await Promise.all([write(), search(), search()])
    expect(wrong).toEqual([])
  })

  it('keeps the payload with the greatest rev, in whatever order writers come', async () => {
    const entry = anIndexEntry({ rev: 0 })
    await index().upsert([entry])
    const revs = [3, 1, 9, 4, 7, 2]
    await Promise.all(revs.map((rev) => index().updatePayload({ ...entry.payload, name: `rev ${rev}`, rev })))
    const filter = { groups: null, field: isIn('name', 'rev 9') }
    expect(await personsFound(index(), { filter })).toEqual([entry.payload.personId])
  })
}
