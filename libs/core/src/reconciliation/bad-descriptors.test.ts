import { beforeEach, describe, expect, it } from 'vitest'
import type { Descriptor } from '../descriptor.ts'
import { ensureDefaultGroup } from '../groups/default-group.ts'
import { searchEnrolled } from '../identification/search-enrolled.ts'
import type { ImageId, PackId, PersonId } from '../ids.ts'
import type { Damage } from '../ports/observe-damage.ts'
import { anEnrollment, enroll, makePerson, openTestGallery, withRecords } from '../testing/index.ts'
import { openRebuildableGallery } from '../testing/rebuildable-gallery.ts'
import { loadIndex } from './load-index.ts'
import { rebuildIndex } from './rebuild-index.ts'
import { reconcile } from './reconcile.ts'
import { verifyIndex } from './verify-index.ts'

const DAMAGES: Readonly<Record<string, (good: Descriptor) => Descriptor>> = {
  short: ({ packId, values }) => ({ packId, values: values.slice(1) }),
  NaN: ({ packId, values }) => ({ packId, values: values.map(() => Number.NaN) }),
  'of another pack': ({ values }) => ({ packId: 'other@9' as PackId, values }),
}

describe.each(Object.entries(DAMAGES))('an image whose descriptor is %s', (_, damage) => {
  let { gallery } = {} as Awaited<ReturnType<typeof openRebuildableGallery>>
  let personId: PersonId
  let bad: ImageId
  const damaged: Damage[] = []
  beforeEach(async () => {
    damaged.length = 0
    gallery = (await openRebuildableGallery()).gallery
    Object.assign(gallery, { onDamage: (found: Damage) => damaged.push(found) })
    personId = (await makePerson(gallery)).id
    await enroll(gallery, personId, { variation: 1 })
    const { draft } = anEnrollment(gallery, personId)
    bad = draft.id
    await gallery.records.images.insert({
      ...draft,
      descriptor: damage(draft.descriptor),
      state: 'ready',
    })
    await enroll(gallery, personId, { variation: 2 })
  })

  it('keeps no other from being loaded, and is named', async () => {
    const ids = await gallery.index.listImageIds({ after: null, limit: 9 })
    await gallery.index.remove(ids)
    expect(await loadIndex(gallery)).toBe(2)
    expect(await gallery.index.listImageIds({ after: null, limit: 9 })).toEqual(ids)
    expect(damaged).toEqual([{ kind: 'image', id: bad, why: expect.any(String) }])
  })

  it('is told by a comparison, stops no repair, and no rebuild', async () => {
    const [first] = await gallery.index.listImageIds({ after: null, limit: 1 })
    await gallery.index.remove([first!])
    expect(await verifyIndex(gallery, { repair: true })).toMatchObject({ missing: 2, repaired: 1 })
    expect(await rebuildIndex(gallery)).toMatchObject({ vectors: 2 })
    expect(new Set(damaged.map(({ id }) => id))).toEqual(new Set([bad]))
  })

  it('stops no search by its person', async () => {
    const engine = { calibration: { cheapCheap: 0.5, richCheap: 0.5, richRich: 0.5 } } as never
    const query = { groupIds: [], field: null, threshold: 2, limit: 9, includeSelf: true }
    const request = { ...query, enrolled: { kind: 'person', personId } as const }
    const found = await searchEnrolled({ gallery, engine, observe: () => {} }, request)
    expect(found).toMatchObject({ outcome: 'searched', persons: [{ person: { id: personId } }] })
  })
})

it('withdraws a pending image whose descriptor cannot be read: nobody was told that it is enrolled', async () => {
  const gallery = openTestGallery()
  const { draft } = anEnrollment(gallery, (await makePerson(gallery)).id)
  await gallery.records.images.insert({ ...draft, state: 'pending' })
  const { find } = gallery.records.images
  const blind = withRecords(gallery, 'images', {
    find: async (id, waiting) => (id === draft.id ? null : find(id, waiting)),
  })
  await reconcile(blind, { waitsForOthers: false })
  expect((await gallery.records.images.findMany([draft.id]))[0]).toMatchObject({ state: 'gone' })
})

it('makes another Default group where the one that was chosen cannot be read', async () => {
  const gallery = openTestGallery()
  const chosen = await ensureDefaultGroup(gallery)
  const { find } = gallery.records.groups
  const blind = withRecords(gallery, 'groups', {
    find: async (id, waiting) => (id === chosen ? null : find(id, waiting)),
  })
  expect(await ensureDefaultGroup(blind)).not.toBe(chosen)
})
