import { expect, it } from 'vitest'
import type { PackId } from '../ids.ts'
import { mergePersons } from '../persons/merge-persons.ts'
import { enroll, makePerson, openTestGallery } from '../testing/index.ts'
import { listUndescribed } from './list-undescribed.ts'

const packId = 'next' as PackId

it('names whoever has the image now, and nobody who cannot be seen', async () => {
  const gallery = openTestGallery()
  const [ada, bob, deleted, expired] = await Promise.all(
    ['Ada', 'Bob', 'Cy', 'Dee'].map((name) => makePerson(gallery, { name })),
  )
  const images = []
  for (const { id } of [ada!, bob!, deleted!, expired!]) {
    const image = await enroll(gallery, id)
    images.push(image.id)
    await gallery.records.descriptors.note({ imageId: image.id, packId, why: 'no-face' })
  }
  const { persons } = gallery.records
  await mergePersons(gallery, { id: ada!.id, otherId: bob!.id })
  await persons.update(deleted!, { state: 'deleting' })
  await persons.update(expired!, { expireAt: gallery.clock.now() })
  const { items, next } = await listUndescribed(gallery, { packId, after: null, limit: 4 })
  expect(items.map(({ imageId, personId }) => [imageId, personId]).toSorted()).toEqual(
    [images[0], images[1]].map((id) => [id, ada!.id]).toSorted(),
  )
  expect(next).toBe(images.toSorted().at(-1))
  expect(await listUndescribed(gallery, { packId, after: null, limit: 5 })).toMatchObject({ next: null })
})
