import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BackgroundWork, createBackgroundWork } from '../background-work.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import { deleteGroup } from '../groups/delete-group.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { deleteImage } from '../images/delete-image.ts'
import {
  crashAt,
  enroll,
  expectSettled,
  makeGroup,
  makePerson,
  openTestGallery,
  reconcileUntilSettled,
  type TestGallery,
} from '../testing/index.ts'
import { deletePerson } from './delete-person.ts'
import { readPerson } from './read-persons.ts'

const IMAGES = 60

let gallery: TestGallery
let background: BackgroundWork
let id: PersonId
let images: ImageId[]
beforeEach(async () => {
  gallery = openTestGallery()
  background = createBackgroundWork()
  id = (await makePerson(gallery)).id
  images = []
  for (let i = 0; i < IMAGES; i++) images.push((await enroll(gallery, id, { variation: i })).id)
})
afterEach(() => background.stop({ drainMs: 0 }))

/** The gallery with pictures that are erased only when told to; notes how many of them are asked for at once. */
function withHeldPictures() {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  let atOnce = 0
  const asked = { most: 0 }
  const pictures = new Proxy(gallery.pictures, {
    get: (target, name) =>
      name === 'delete'
        ? async (image: ImageId) => {
            asked.most = Math.max(asked.most, ++atOnce)
            await released
            await target.delete(image)
            atOnce--
          }
        : Reflect.get(target, name).bind(target),
  })
  return { held: { ...gallery, pictures, background }, release, asked }
}

describe('a delete', () => {
  it.each([
    ['of a person', (from: GalleryPorts) => deletePerson(from, id)],
    ['of a picture', (from: GalleryPorts) => deleteImage(from, { personId: id, imageId: images[0]! })],
  ])('%s answers at its mark, whatever the erasure waits for, and erases after', async (of, run) => {
    const { held, release } = withHeldPictures()
    expect(await run(held)).toEqual({ outcome: 'deleted' })
    expect(await gallery.records.images.find(images[0]!)).toMatchObject({
      state: of === 'of a person' ? 'ready' : 'deleting',
    })
    expect((await readPerson(gallery, id)) === null).toBe(of === 'of a person')
    release()
    await background.stop({ drainMs: 10_000 })
    await expectSettled(gallery)
    expect(await gallery.records.images.find(images[0]!)).toMatchObject({ state: 'gone' })
  })

  it('of a group answers at its mark, and takes its members out after', async () => {
    const group = await makeGroup(gallery)
    const member = await makePerson(gallery, { groups: [group] })
    expect(await deleteGroup({ ...gallery, background }, group)).toEqual({ outcome: 'deleted' })
    await background.stop({ drainMs: 10_000 })
    expect(await gallery.records.persons.find(member.id)).toMatchObject({ groups: [] })
    expect(await gallery.records.groups.find(group)).toMatchObject({ state: 'gone' })
  })

  it('of a person erases several pictures side by side, a few at most', async () => {
    const { held, release, asked } = withHeldPictures()
    await deletePerson(held, id)
    await expect.poll(() => asked.most).toBe(4)
    release()
    await background.stop({ drainMs: 10_000 })
    expect(asked.most).toBe(4)
    expect(await gallery.records.persons.find(id)).toMatchObject({ state: 'gone' })
  })

  it('that the end of the process cuts short is finished by the reconciler, and no fault', async () => {
    const { held } = withHeldPictures()
    await deletePerson({ ...held, pictures: { ...held.pictures, delete: untilAborted } }, id)
    await background.stop({ drainMs: 1 })
    expect(gallery.deferred).toEqual([])
    expect(await gallery.records.persons.find(id)).toMatchObject({ state: 'deleting' })
    await reconcileUntilSettled(gallery, true)
    await expectSettled(gallery)
    expect(await gallery.records.persons.find(id)).toMatchObject({ state: 'gone' })
  })

  it.each([0.1, 0.5, 0.9])('that dies %s of its way is finished by the reconciler', async (share) => {
    const mark = 2
    const n = Math.round(mark + share * IMAGES * 4)
    const dying = crashAt({ ...gallery, background }, { n, when: 'after' })
    expect(await deletePerson(dying, id)).toEqual({ outcome: 'deleted' })
    await background.stop({ drainMs: 10_000 })
    expect(await readPerson(gallery, id)).toBeNull()
    await reconcileUntilSettled(gallery, true)
    await expectSettled(gallery)
    expect(await gallery.records.persons.find(id)).toMatchObject({ state: 'gone' })
  })
})

async function untilAborted(_id: ImageId, waiting?: { readonly signal?: AbortSignal | undefined }) {
  await new Promise((_, reject) =>
    waiting?.signal?.addEventListener('abort', () => reject(waiting.signal?.reason)),
  )
}
