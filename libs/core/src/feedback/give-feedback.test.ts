import { describe, expect, it } from 'vitest'
import type { FeedbackId } from '../ids.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { CHORES } from '../reconciliation/chores.ts'
import { newTestId } from '../testing/builders/new-test-id.ts'
import { withRecords } from '../testing/faulty-ports.ts'
import { enroll, makePerson } from '../testing/gallery-acts.ts'
import { openTestGallery } from '../testing/test-gallery.ts'
import { giveFeedback } from './give-feedback.ts'

describe('feedback on somebody who is deleted meanwhile', () => {
  async function open() {
    const gallery = await openTestGallery()
    const { id: personId } = await makePerson(gallery)
    const { id: imageId } = await enroll(gallery, personId)
    const verdict = 'not-this-person' as const
    const given = { id: newTestId<FeedbackId>(), personId, imageId, distance: 0.9, verdict, requestId: null }
    const kept = () => gallery.records.feedback.list({ personIds: null, before: null, limit: 10 })
    return { gallery, given, kept }
  }

  it('is not left behind by a write that was late', async () => {
    const { gallery, given, kept } = await open()
    const { feedback } = gallery.records
    const late = withRecords(gallery, 'feedback', {
      ...feedback,
      add: async (one) => {
        await deletePerson(gallery, given.personId)
        await feedback.add(one)
      },
    })
    expect(await giveFeedback(late, given)).toEqual({ outcome: 'person-not-found' })
    expect(await kept()).toEqual([])
  })

  it('goes with the tombstone where the process died before it looked again', async () => {
    const { gallery, given, kept } = await open()
    await deletePerson(gallery, given.personId)
    await gallery.records.feedback.add({ ...given, createdAt: 1 })
    await CHORES['gone-person'].mend(gallery, given.personId, undefined)
    expect(await kept()).toEqual([])
  })
})
