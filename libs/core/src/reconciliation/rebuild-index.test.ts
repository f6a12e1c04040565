import { describe, expect, it } from 'vitest'
import type { GalleryPorts } from '../gallery-ports.ts'
import { identify } from '../identification/identify.ts'
import type { ImageId } from '../ids.ts'
import { addImage } from '../images/add-image.ts'
import { deleteImage } from '../images/delete-image.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { updatePerson } from '../persons/update-person.ts'
import type { IndexCopy, RebuildableIndex } from '../ports/rebuildable-index.ts'
import {
  anEnrollment,
  enroll,
  expectSettled,
  expectStoresAgree,
  fakeDescriptor,
  makeGroup,
  makePerson,
  pauseAt,
  recordSteps,
} from '../testing/index.ts'
import { indexDyingAt, openRebuildableGallery } from '../testing/rebuildable-gallery.ts'
import { rebuildIndex } from './rebuild-index.ts'

/** Images found by the descriptor of that identity. */
async function imagesFound(gallery: GalleryPorts, identity: string): Promise<readonly ImageId[]> {
  const found = await identify(gallery, {
    probe: { descriptor: fakeDescriptor(identity, 0, 'rich'), operatingPoint: 0.6 },
    query: { groupIds: [], field: null, threshold: 1, limit: 10 },
  })
  return found.flatMap(({ images }) => images.map(({ image }) => image.id))
}

describe('rebuildIndex', () => {
  it('serves a new copy with all that the store says, and leaves no other', async () => {
    const { gallery, copies } = await openRebuildableGallery()
    const persons = [await makePerson(gallery), await makePerson(gallery)]
    const lost = await enroll(gallery, persons[0]!.id)
    await enroll(gallery, persons[1]!.id)
    await gallery.index.remove([lost.id])
    const before = copies()
    const { generation, images, vectors } = await rebuildIndex(gallery)
    expect({ images, vectors }).toEqual({ images: 2, vectors: 2 })
    expect(before).not.toContain(generation)
    expect(copies()).toEqual([generation])
    expect(await gallery.index.otherGenerations()).toEqual([])
    await expectStoresAgree(gallery)
  })

  it('answers every search meanwhile', async () => {
    const { gallery, another } = await openRebuildableGallery()
    const { id } = await makePerson(gallery)
    const image = await enroll(gallery, id, { identity: 'ada' })
    const searcher = await another()
    let isRebuilding = true
    const rebuild = rebuildIndex(gallery).finally(() => {
      isRebuilding = false
    })
    let searches = 0
    while (isRebuilding) {
      expect(await imagesFound(searcher, 'ada')).toEqual([image.id])
      searches++
      await new Promise(setImmediate)
    }
    await rebuild
    expect(searches).toBeGreaterThan(3)
  })

  it('loses nothing that others add, change or delete meanwhile, and brings nothing back', async () => {
    const { gallery, another } = await openRebuildableGallery()
    const group = await makeGroup(gallery)
    for (let n = 0; n < 600; n++) await enroll(gallery, (await makePerson(gallery)).id)
    let isRebuilding = true
    let turns = 0
    const writer = await another()
    const write = async () => {
      for (; isRebuilding; turns++) {
        const { id } = await makePerson(writer)
        const image = await enroll(writer, id)
        const [first] = await writer.records.images.scanEnrolled({ after: null, limit: 1 })
        await deletePerson(writer, first!.person.id)
        const [changed] = await writer.records.images.scanEnrolled({ after: null, limit: 1 })
        await updatePerson(writer, { id: changed!.person.id, groups: [group] })
        if (turns % 3 === 0) await deleteImage(writer, { personId: id, imageId: image.id })
        await new Promise(setImmediate)
      }
    }
    // How many turns a rebuild leaves time for depends on the machine.
    const rebuild = async () => {
      do await rebuildIndex(gallery)
      while (turns <= 3)
    }
    await Promise.all([
      write(),
      rebuild().finally(() => {
        isRebuilding = false
      }),
    ])
    await expectSettled(gallery)
  })

  it('has the image of a writer who slept between its vector and the end all the while', async () => {
    const { gallery, another } = await openRebuildableGallery()
    const { id } = await makePerson(gallery)
    const steps = recordSteps(gallery)
    await addImage(steps.gallery, anEnrollment(gallery, id))
    const point = steps.steps.find(({ method }) => method === 'upsert')!
    const sleeper = pauseAt(await another(), { n: point.n, when: 'after' })
    const adding = addImage(sleeper.gallery, anEnrollment(gallery, id, { identity: 'eve' }))
    await sleeper.reached
    await rebuildIndex(gallery)
    sleeper.resume()
    const added = await adding
    expect(added.outcome).toBe('added')
    expect(await imagesFound(gallery, 'eve')).toHaveLength(1)
    await expectStoresAgree(gallery)
  })

  it('does not keep what was erased after it was read and before it was written', async () => {
    const { gallery } = await openRebuildableGallery()
    const { id } = await makePerson(gallery)
    const [doomed, kept] = [await enroll(gallery, id), await enroll(gallery, id)]
    const index = withUpsert(gallery.index, async (proceed) => {
      await deleteImage(gallery, { personId: id, imageId: doomed.id })
      await proceed()
    })
    await rebuildIndex({ ...gallery, index })
    expect(await gallery.index.listImageIds({ after: null, limit: 9 })).toEqual([kept.id])
  })

  it('has the payload of a person who changed after it was read and before it was written', async () => {
    const { gallery } = await openRebuildableGallery()
    const group = await makeGroup(gallery)
    const { id } = await makePerson(gallery)
    await enroll(gallery, id)
    const index = withUpsert(gallery.index, async (proceed) => {
      await updatePerson(gallery, { id, groups: [group] })
      await proceed()
    })
    await rebuildIndex({ ...gallery, index })
    await expectStoresAgree(gallery)
  })

  it('runs one at a time', async () => {
    const { gallery, another, copies } = await openRebuildableGallery()
    await enroll(gallery, (await makePerson(gallery)).id)
    const second = await another()
    const made = await Promise.all([rebuildIndex(gallery), rebuildIndex(second)])
    expect(copies()).toEqual([made[1].generation])
    await expectStoresAgree(gallery)
  })

  it('ends with the reason when its caller leaves, and the former copy serves on', async () => {
    const { gallery } = await openRebuildableGallery(60_000)
    const image = await enroll(gallery, (await makePerson(gallery)).id, { identity: 'ada' })
    const leaving = new AbortController()
    const rebuild = rebuildIndex(gallery, { signal: leaving.signal })
    while ((await gallery.index.otherGenerations()).length === 0) await new Promise(setImmediate)
    leaving.abort(new Error('the caller left'))
    await expect(rebuild).rejects.toThrow('the caller left')
    expect(await imagesFound(gallery, 'ada')).toEqual([image.id])
  })
})

describe('a rebuild that dies', async () => {
  const whole = await openRebuildableGallery(1)
  await enroll(whole.gallery, (await makePerson(whole.gallery)).id)
  const counted = indexDyingAt(whole.gallery.index, { n: Number.POSITIVE_INFINITY, when: 'before' })
  await rebuildIndex({ ...whole.gallery, index: counted.index })
  const points = counted
    .calls()
    .flatMap((method, n) => (['before', 'after'] as const).map((when) => ({ method, n, when })))

  it.each(
    points,
  )('$when step $n, $method, leaves a serving index, and the next one cleans up', async (point) => {
    const { gallery, another, copies } = await openRebuildableGallery(1)
    const image = await enroll(gallery, (await makePerson(gallery)).id, { identity: 'ada' })
    const dying = indexDyingAt((await another()).index, point)
    await expect(rebuildIndex({ ...gallery, index: dying.index })).rejects.toThrow()
    expect(await imagesFound(gallery, 'ada')).toEqual([image.id])
    const later = await enroll(gallery, (await makePerson(gallery)).id, { identity: 'eve' })
    expect(await imagesFound(gallery, 'eve')).toEqual([later.id])
    const { generation } = await rebuildIndex(gallery)
    expect(copies()).toEqual([generation])
    expect(await imagesFound(gallery, 'eve')).toEqual([later.id])
    await expectStoresAgree(gallery)
  })
})

/** Stands in the way of what the rebuild writes into the new copy. */
function withUpsert(
  index: RebuildableIndex,
  around: (proceed: () => Promise<void>) => Promise<void>,
): RebuildableIndex {
  const generation = (name: string): IndexCopy => {
    const copy = index.generation(name)
    return {
      ...copy,
      upsert: (entries, waiting) => around(() => copy.upsert(entries, waiting)),
    }
  }
  return { ...index, generation }
}
