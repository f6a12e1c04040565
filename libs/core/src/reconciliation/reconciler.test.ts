import { openTestGallery } from '@semblance/testkit'
import { describe, expect, it } from 'vitest'
import type { Exclusive } from '../ports/exclusive.ts'
import { anEnrollment, makePerson } from '../testing/gallery-acts.ts'
import type { Reconciled } from './reconcile.ts'
import { startReconciler } from './reconciler.ts'
import { sweepOrphanPictures } from './sweep-pictures.ts'

const MINUTE = 60_000

async function galleryWithDebris() {
  const gallery = openTestGallery()
  const { id } = await makePerson(gallery)
  const { draft } = anEnrollment(gallery, id)
  await gallery.persons.insertImage({ ...draft, state: 'pending' })
  gallery.clock.advance(3 * MINUTE)
  return { gallery, imageId: draft.id }
}

describe('startReconciler', () => {
  it('passes again and again, until it is stopped', async () => {
    const { gallery, imageId } = await galleryWithDebris()
    const passes: Reconciled[] = []
    const twice = Promise.withResolvers<void>()
    const onPass = (found: Reconciled) => {
      passes.push(found)
      if (passes.length === 2) twice.resolve()
    }
    const reconciler = startReconciler(gallery, { everyMs: 1, onPass })
    await twice.promise
    await reconciler.stop()
    expect(passes.slice(0, 2).map((found) => found['pending-image'])).toEqual([1, 0])
    expect(await gallery.persons.findImage(imageId)).toMatchObject({ state: 'gone' })
  })

  it('reports a pass that fails, and comes again', async () => {
    const { gallery } = await galleryWithDebris()
    const fault = new Error('no store')
    const faults = [fault]
    const exclusive: Exclusive = {
      run: (...args) => {
        const next = faults.pop()
        return next === undefined ? gallery.exclusive.run(...args) : Promise.reject(next)
      },
    }
    const passed = Promise.withResolvers<void>()
    const reconciler = startReconciler(
      { ...gallery, exclusive },
      { everyMs: 1, onPass: () => passed.resolve() },
    )
    await passed.promise
    await reconciler.stop()
    expect(gallery.deferred).toEqual([{ step: 'reconcile', fault }])
  })

  it('ends the pass at work when it is stopped, without complaint', async () => {
    const { gallery } = await galleryWithDebris()
    const begun = Promise.withResolvers<void>()
    const index = {
      ...gallery.index,
      remove: async () => begun.resolve(),
    }
    const passes: Reconciled[] = []
    const reconciler = startReconciler(
      { ...gallery, index },
      { everyMs: 1, onPass: (found) => passes.push(found) },
    )
    await begun.promise
    await reconciler.stop()
    expect(passes).toEqual([])
    expect(gallery.deferred).toEqual([])
  })
})

describe('sweepOrphanPictures', () => {
  it('removes what no record speaks of, and nothing younger than it is told', async () => {
    const { gallery, imageId } = await galleryWithDebris()
    const orphan = gallery.newId<typeof imageId>()
    for (const id of [imageId, orphan]) await gallery.pictures.put(id, new Uint8Array([1]))
    expect(await sweepOrphanPictures(gallery, { untouchedMs: MINUTE })).toBe(0)
    gallery.clock.advance(MINUTE)
    expect(await sweepOrphanPictures(gallery, { untouchedMs: MINUTE })).toBe(1)
    expect(await gallery.pictures.list({ after: null, limit: 9, untouchedMs: 0 })).toEqual([imageId])
  })
})
