import { describe, expect, it } from 'vitest'
import type { GalleryPorts } from '../gallery-ports.ts'
import {
  crashAt,
  enroll,
  expectSettled,
  makeGroup,
  makePerson,
  openTestGallery,
  ProcessDied,
  pauseAt,
  reconcileUntilSettled,
  recordSteps,
} from '../testing/index.ts'
import { carryOnMerge } from './carry-on-merge.ts'
import { deletePerson } from './delete-person.ts'
import { mergePersons } from './merge-persons.ts'

async function twoToMerge() {
  const gallery = openTestGallery()
  const { id: otherId } = await makePerson(gallery, { groups: [await makeGroup(gallery)] })
  await enroll(gallery, otherId)
  const { id } = await makePerson(gallery, { groups: [await makeGroup(gallery)] })
  return { gallery, id, otherId, merge: (from: GalleryPorts) => mergePersons(from, { id, otherId }) }
}

/** The number of the step that gives the vectors the groups of both. */
async function stepOfWidening(): Promise<number> {
  const { gallery, merge } = await twoToMerge()
  const { gallery: recorded, steps } = recordSteps(gallery)
  await merge(recorded)
  const marking = steps.findLastIndex(({ port, method }) => port === 'index' && method === 'upsert')
  return steps.findLast(({ method, n }) => n < marking && method === 'updatePayload')!.n
}

describe('a merge that is given up, since the one who was to stay was deleted', () => {
  it.each(
    Array.from({ length: 9 }, (_, n) => n),
  )('leaves the other one in their own groups, though it widens them late, and whoever gave it up died at step %i', async (diesAt) => {
    const n = await stepOfWidening()
    const { gallery, id, otherId, merge } = await twoToMerge()
    const late = pauseAt(crashAt(gallery, { n, when: 'after' }), { n, when: 'before' })
    const merging = merge(late.gallery).catch((fault: unknown) => fault)
    await late.reached
    await deletePerson(gallery, id)
    await carryOnMerge(crashAt(gallery, { n: diesAt, when: 'after' }), otherId).catch(() => {})
    late.resume()
    expect(await merging).toBeInstanceOf(ProcessDied)

    await reconcileUntilSettled(gallery, true)
    await expectSettled(gallery)
  })
})
