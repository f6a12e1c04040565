import { anImage, aPerson, openTestGallery } from '@semblance/core/testing'
import { expect, it } from 'vitest'
import { listByImages } from './list-by-images.ts'

it('looks at so many persons and no more in one list, and goes on from there', async () => {
  const gallery = openTestGallery()
  const persons = Array.from({ length: 10_001 }, () => aPerson())
  for (const person of persons) await gallery.records.persons.insert(person)
  await gallery.records.images.insert(anImage({ personId: persons[0]!.id }))
  const query = { nowMs: gallery.clock.now() }
  const list = (cursor?: string) => {
    const request = { page: 1, size: 10, ...(cursor === undefined ? {} : { cursor }) }
    return listByImages(gallery, { query, hasImages: true, request })
  }
  const first = await list()
  expect(first).toEqual({ items: [], page: 1, totalPages: 2, nextCursor: persons[1]!.id })
  const rest = await list(first.nextCursor ?? undefined)
  expect(rest).toEqual({ items: [persons[0]], page: 1, totalPages: 1, nextCursor: null })
})
