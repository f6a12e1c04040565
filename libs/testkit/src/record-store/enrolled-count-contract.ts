import type { ImageState, PersonState } from '@semblance/core'
import { aGroup, anImage, aPerson } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { useStore } from './store-under-test.ts'

export function describeEnrolledCount(open: OpenRecordStore): void {
  describe('how much is enrolled', () => {
    const use = useStore(open)
    /** A connection that has counted nothing yet. */
    const count = async () => (await use.harness.another()).countEnrolled()

    it('is nothing at first', async () => {
      expect(await count()).toEqual({ persons: 0, groups: 0, images: 0, pictureBytes: 0 })
    })

    it('is what is live and ready, however it came to be so', async () => {
      const { store } = use
      const persons = (['pending', 'live', 'live', 'live', 'deleting'] satisfies PersonState[]).map((state) =>
        aPerson({ state }),
      )
      for (const person of persons) await store.persons.insert(person)
      const states: ImageState[] = ['pending', 'ready', 'ready', 'ready', 'deleting']
      const images = states.map((state, i) => anImage({ state, bytes: 10 ** i }))
      for (const image of images) await store.images.insert(image)
      const groups = [aGroup(), aGroup(), aGroup({ state: 'deleting' })]
      for (const group of groups) await store.groups.insert(group)
      expect(await count()).toEqual({ persons: 3, groups: 2, images: 3, pictureBytes: 1_110 })

      await store.persons.insert(persons[1]!)
      await store.images.insert(images[1]!)
      await store.persons.update(persons[0]!, { state: 'live' })
      await store.persons.update(persons[1]!, { name: 'Grace' })
      await store.persons.update(persons[2]!, { state: 'deleting' })
      await store.images.move(images[0]!.id, { from: ['pending'], to: 'ready' })
      await store.images.move(images[1]!.id, { from: ['ready'], to: 'deleting' })
      await store.images.move(images[2]!.id, { from: ['ready'], to: 'gone' })
      await store.groups.move(groups[0]!.id, { from: ['live'], to: 'deleting' })
      await store.overdue.forget({ kind: 'image', id: images[2]!.id })
      expect(await count()).toEqual({ persons: 3, groups: 1, images: 2, pictureBytes: 1_001 })
    })
  })
}
