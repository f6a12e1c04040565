import {
  type Feedback,
  type FeedbackId,
  type ImageId,
  MOST_FEEDBACK_OF_PERSON,
  type PersonId,
  type RecordStore,
} from '@semblance/core'
import { newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { useStore } from './store-under-test.ts'

function someFeedback(changes: Partial<Feedback> = {}): Feedback {
  return {
    id: newTestId<FeedbackId>(),
    personId: newTestId<PersonId>(),
    imageId: newTestId<ImageId>(),
    distance: 0.875,
    verdict: 'not-this-person',
    createdAt: 1_000,
    requestId: null,
    ...changes,
  }
}

const idsOf = async (store: RecordStore, personIds: readonly PersonId[] | null, limit = 1_000) =>
  (await store.feedback.list({ personIds, before: null, limit })).map(({ id }) => id)

export function describeFeedback(open: OpenRecordStore): void {
  describe('feedback', () => {
    const use = useStore(open)

    it('comes back as it was given, with and without a request, also to another process', async () => {
      const plain = someFeedback()
      const full = someFeedback({ verdict: 'this-person', requestId: 'r-1', distance: 0 })
      for (const given of [plain, full]) await use.store.feedback.add(given)
      const other = await use.harness.another()
      const query = { personIds: null, before: null, limit: 10 }
      expect(await other.feedback.list(query)).toEqual([full, plain])
    })

    it('is kept once, however often it is added', async () => {
      const given = someFeedback()
      await Promise.all([1, 2, 3].map(() => use.store.feedback.add(given)))
      expect(await idsOf(use.store, null)).toEqual([given.id])
    })

    it('is listed newest first, of these persons alone, and from a place on', async () => {
      const [a, b, c] = [newTestId<PersonId>(), newTestId<PersonId>(), newTestId<PersonId>()]
      const given = [a, b, a, c, a].map((personId) => someFeedback({ personId }))
      for (const one of given) await use.store.feedback.add(one)
      const [a1, b1, a2, c1, a3] = given.map(({ id }) => id)
      expect(await idsOf(use.store, null)).toEqual([a3, c1, a2, b1, a1])
      expect(await idsOf(use.store, [a, b])).toEqual([a3, a2, b1, a1])
      expect(await idsOf(use.store, [a], 2)).toEqual([a3, a2])
      const rest = await use.store.feedback.list({ personIds: [a], before: a2!, limit: 10 })
      expect(rest.map(({ id }) => id)).toEqual([a1])
      expect(await idsOf(use.store, [])).toEqual([])
    })

    it('is dropped where a person has more than is kept, the oldest first', async () => {
      const [many, few] = [newTestId<PersonId>(), someFeedback()]
      await use.store.feedback.add(few)
      const given = Array.from({ length: MOST_FEEDBACK_OF_PERSON + 3 }, () =>
        someFeedback({ personId: many }),
      )
      for (const one of given) await use.store.feedback.add(one)
      const newest = given.slice(3).map(({ id }) => id)
      expect(await idsOf(use.store, [many])).toEqual(newest.toReversed())
      expect(await idsOf(use.store, [few.personId])).toEqual([few.id])
    })

    it('is removed alone, or with all of its person', async () => {
      const personId = newTestId<PersonId>()
      const [first, second, third] = [1, 2, 3].map(() => someFeedback({ personId }))
      const other = someFeedback()
      for (const one of [first!, second!, third!, other]) await use.store.feedback.add(one)
      expect(await use.store.feedback.remove(second!.id)).toBe(true)
      expect(await use.store.feedback.remove(second!.id)).toBe(false)
      expect(await idsOf(use.store, [personId])).toEqual([third!.id, first!.id])
      await use.store.feedback.erase(personId)
      await use.store.feedback.erase(personId)
      expect(await idsOf(use.store, null)).toEqual([other.id])
    })
  })
}
