import { beforeEach, describe, expect, it } from 'vitest'
import { indexUnavailable, picturesUnavailable } from '../errors.ts'
import { ensureDefaultGroup } from '../groups/default-group.ts'
import { deleteGroup } from '../groups/delete-group.ts'
import type { GroupId, PersonId } from '../ids.ts'
import { reconcile } from '../reconciliation/reconcile.ts'
import {
  aDraft,
  enroll,
  makeGroup,
  makePerson,
  openTestGallery,
  type TestGallery,
  withoutPort,
  withRecords,
} from '../testing/index.ts'
import { createPerson } from './create-person.ts'
import { deletePerson } from './delete-person.ts'
import { readPerson } from './read-persons.ts'
import { updatePerson } from './update-person.ts'

let gallery: TestGallery
beforeEach(() => {
  gallery = openTestGallery()
})

const withoutIndex = () => withoutPort(gallery, 'index', indexUnavailable(new Error('away')))

describe('createPerson', () => {
  it('puts a person without groups into the Default group, the same one each time', async () => {
    const [one, other] = [await makePerson(gallery), await makePerson(gallery)]
    expect(one.groups).toEqual([await ensureDefaultGroup(gallery)])
    expect(other.groups).toEqual(one.groups)
  })

  it('makes a Default group anew once it was deleted', async () => {
    const former = await ensureDefaultGroup(gallery)
    await deleteGroup(gallery, former)
    const { groups } = await makePerson(gallery)
    expect(groups).not.toEqual([former])
    expect(await gallery.records.groups.find(groups[0]!)).toMatchObject({ name: 'Default', state: 'live' })
  })

  it('makes nobody if a group is unknown or deleted, and names those', async () => {
    const [live, dead, unknown] = [
      await makeGroup(gallery),
      await makeGroup(gallery),
      gallery.newId<GroupId>(),
    ]
    await deleteGroup(gallery, dead)
    const draft = aDraft(gallery, { groups: [live, dead, unknown, dead] })
    expect(await createPerson(gallery, draft)).toEqual({ outcome: 'unknown-groups', groups: [dead, unknown] })
    expect(await gallery.records.persons.find(draft.id)).toBeNull()
  })

  it('answers a repeated call with the person as it is now', async () => {
    const draft = aDraft(gallery)
    await createPerson(gallery, draft)
    await updatePerson(gallery, { id: draft.id, name: 'Grace' })
    const again = await createPerson(gallery, draft)
    expect(again).toMatchObject({ outcome: 'created', person: { name: 'Grace', rev: 2 } })
  })

  it('answers a repeated call also when the group of the person was deleted since', async () => {
    const group = await makeGroup(gallery)
    const draft = aDraft(gallery, { groups: [group] })
    await createPerson(gallery, draft)
    await deleteGroup(gallery, group)
    const again = await createPerson(gallery, draft)
    expect(again).toMatchObject({ outcome: 'created', person: { id: draft.id, groups: [] } })
  })

  it('does not say that it made a person who was deleted since', async () => {
    const draft = aDraft(gallery)
    await createPerson(gallery, draft)
    await deletePerson(gallery, draft.id)
    await expect(createPerson(gallery, draft)).rejects.toMatchObject({ code: 'E_STALE_ID' })
    expect(await readPerson(gallery, draft.id)).toBeNull()
  })
})

describe('updatePerson', () => {
  it('keeps what is left out, and names a group once', async () => {
    const group = await makeGroup(gallery)
    const { id } = await makePerson(gallery, { externalId: 'e-1', metadata: '{"a":1}' })
    gallery.clock.advance(5)
    await updatePerson(gallery, { id, name: 'Grace', groups: [group, group] })
    expect(await readPerson(gallery, id)).toMatchObject({
      name: 'Grace',
      externalId: 'e-1',
      metadata: '{"a":1}',
      groups: [group],
      updatedAt: gallery.clock.now(),
    })
  })

  it('changes nothing if a group is unknown', async () => {
    const { id } = await makePerson(gallery)
    const groups = [gallery.newId<GroupId>()]
    const outcome = await updatePerson(gallery, { id, name: 'Grace', groups })
    expect(outcome).toEqual({ outcome: 'unknown-groups', groups })
    expect((await readPerson(gallery, id))?.name).toBe('Ada')
  })

  it.each(['absent', 'expired', 'deleted'])('does not find a person who is %s', async (why) => {
    const { id } = await makePerson(gallery, { expireAt: gallery.clock.now() + 1000 })
    if (why === 'expired') gallery.clock.advance(1000)
    if (why === 'deleted') await deletePerson(gallery, id)
    const target = why === 'absent' ? gallery.newId<PersonId>() : id
    expect(await updatePerson(gallery, { id: target, name: 'X' })).toEqual({ outcome: 'person-not-found' })
  })

  it('stands although the index is away, says so, and is finished by the reconciler', async () => {
    const { id } = await makePerson(gallery)
    await enroll(gallery, id)
    const change = updatePerson(withoutIndex(), { id, name: 'Grace' })
    await expect(change).rejects.toMatchObject({ code: 'E_INDEX_UNAVAILABLE' })
    expect(await readPerson(gallery, id)).toMatchObject({ name: 'Grace', dirty: true })
    await reconcile(gallery, { waitsForOthers: false })
    expect(gallery.index.entries()[0]?.payload.name).toBe('Grace')
    expect(await readPerson(gallery, id)).toMatchObject({ dirty: false })
  })

  it('leaves the index alone when only metadata changes', async () => {
    const { id } = await makePerson(gallery)
    await enroll(gallery, id)
    const outcome = await updatePerson(withoutIndex(), { id, metadata: '{"b":2}' })
    expect(outcome).toEqual({ outcome: 'updated' })
  })

  it('gives up with E_CONFLICT when others change the record again and again', async () => {
    const { id } = await makePerson(gallery)
    const busy = withRecords(gallery, 'persons', { update: async () => null })
    await expect(updatePerson(busy, { id, name: 'X' })).rejects.toMatchObject({
      code: 'E_CONFLICT',
      retryable: true,
    })
  })
})

describe('deletePerson', () => {
  it('answers once the mark is durable, with index and pictures away', async () => {
    const { id } = await makePerson(gallery)
    const image = await enroll(gallery, id)
    for (const port of ['index', 'pictures'] as const) {
      const { id: other } = await makePerson(gallery)
      await enroll(gallery, other)
      const lame = withoutPort(gallery, port, picturesUnavailable(new Error('away')))
      expect(await deletePerson(lame, other)).toEqual({ outcome: 'deleted' })
      expect(await readPerson(gallery, other)).toBeNull()
    }
    expect(gallery.deferred.map(({ step }) => step)).toEqual(['erase-person', 'erase-person'])
    await reconcile(gallery, { waitsForOthers: false })
    expect(gallery.index.entries().map(({ imageId }) => imageId)).toEqual([image.id])
  })

  it('answers as well while the index still lags behind an earlier change', async () => {
    const { id } = await makePerson(gallery)
    await updatePerson(withoutIndex(), { id, name: 'Grace' }).catch(() => null)
    expect(await deletePerson(withoutIndex(), id)).toEqual({ outcome: 'deleted' })
  })

  it('does not find a person twice', async () => {
    const { id } = await makePerson(gallery)
    await deletePerson(gallery, id)
    expect(await deletePerson(gallery, id)).toEqual({ outcome: 'person-not-found' })
  })

  it('leaves nothing of the person in the record', async () => {
    const { id } = await makePerson(gallery, { name: 'Ada', externalId: 'e', metadata: '{"a":1}' })
    await deletePerson(gallery, id)
    const left = { name: '', externalId: null, metadata: '{}', groups: [], state: 'gone' }
    expect(await gallery.records.persons.find(id)).toMatchObject(left)
  })
})
