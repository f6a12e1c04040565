import { anImage, aPerson } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { useStore } from './store-under-test.ts'

export function describeStoreLife(open: OpenRecordStore): void {
  describe('the store', () => {
    const use = useStore(open)

    it('shows another connection what it acknowledged', async () => {
      const other = await use.harness.another()
      const person = aPerson()
      const image = anImage({ personId: person.id })
      await use.store.persons.insert(person)
      await use.store.images.insert(image)
      expect(await other.persons.find(person.id)).toEqual(person)
      expect(await other.images.scanEnrolled({ after: null, limit: 1 })).toEqual([{ image, person }])
      await other.persons.update(person, { name: 'Grace' })
      expect((await use.store.persons.find(person.id))?.name).toBe('Grace')
    })

    it('answers a check', async () => {
      await expect(use.store.check()).resolves.toBeUndefined()
    })

    it('rejects with the reason of a signal that is aborted, and then writes nothing', async () => {
      const reason = new Error('the caller left')
      const person = aPerson()
      const waiting = { signal: AbortSignal.abort(reason) }
      await expect(use.store.persons.insert(person, waiting)).rejects.toBe(reason)
      await expect(use.store.persons.find(person.id, waiting)).rejects.toBe(reason)
      expect(await use.store.persons.find(person.id)).toBeNull()
    })

    it('stops waiting when the signal is aborted meanwhile', async () => {
      const controller = new AbortController()
      const reason = new Error('the caller left')
      const call = use.store.persons.find(aPerson().id, { signal: controller.signal })
      controller.abort(reason)
      await expect(call).rejects.toBe(reason)
    })

    it('is unavailable once closed, and closes twice', async () => {
      const other = await use.harness.another()
      await other.close()
      await other.close()
      await expect(other.persons.find(aPerson().id)).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE' })
      await expect(other.check()).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE', retryable: true })
    })
  })
}
