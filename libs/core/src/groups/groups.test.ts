import { beforeEach, describe, expect, it } from 'vitest'
import { indexUnavailable } from '../errors.ts'
import type { GroupId, PersonId } from '../ids.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { listGroupPersons, listPersonGroups, readPerson } from '../persons/read-persons.ts'
import {
  enroll,
  makeGroup,
  makePerson,
  openTestGallery,
  reconcileUntilSettled,
  recordSteps,
  type TestGallery,
  withoutPort,
} from '../testing/index.ts'
import { changeMembers } from './change-members.ts'
import { ensureDefaultGroup } from './default-group.ts'
import { deleteGroup } from './delete-group.ts'

const FIRST_PAGE = { page: 1, size: 10 }

let gallery: TestGallery
beforeEach(() => {
  gallery = openTestGallery()
})

async function membersOf(groupId: GroupId): Promise<readonly PersonId[] | null> {
  const page = await listGroupPersons(gallery, { groupId, request: FIRST_PAGE })
  return page?.items.map(({ id }) => id) ?? null
}

describe('changeMembers', () => {
  it('adds and removes; who is in both lists is removed', async () => {
    const group = await makeGroup(gallery)
    const [stays, leaves, joins, both] = [
      await makePerson(gallery, { groups: [group] }),
      await makePerson(gallery, { groups: [group] }),
      await makePerson(gallery),
      await makePerson(gallery),
    ]
    const add = [joins.id, both.id, stays.id]
    const remove = [leaves.id, both.id]
    expect(await changeMembers(gallery, { groupId: group, add, remove })).toEqual({ outcome: 'changed' })
    expect((await membersOf(group))?.toSorted()).toEqual([stays.id, joins.id].toSorted())
  })

  it('changes nobody if one id is unknown, deleted or expired, and names those', async () => {
    const group = await makeGroup(gallery)
    const valid = await makePerson(gallery)
    const deleted = await makePerson(gallery)
    const expired = await makePerson(gallery, { expireAt: gallery.clock.now() + 1 })
    await deletePerson(gallery, deleted.id)
    gallery.clock.advance(1)
    const unknown = gallery.newId<PersonId>()
    const change = { groupId: group, add: [valid.id, deleted.id, unknown], remove: [expired.id] }
    expect(await changeMembers(gallery, change)).toEqual({
      outcome: 'persons-not-found',
      persons: [deleted.id, unknown, expired.id],
    })
    expect(await membersOf(group)).toEqual([])
  })

  it('does not find a group that is unknown or deleted', async () => {
    const dead = await makeGroup(gallery)
    await deleteGroup(gallery, dead)
    for (const groupId of [dead, gallery.newId<GroupId>()]) {
      expect(await changeMembers(gallery, { groupId, add: [], remove: [] })).toEqual({
        outcome: 'group-not-found',
      })
    }
  })

  it('writes nothing for who is a member already', async () => {
    const group = await makeGroup(gallery)
    const { id } = await makePerson(gallery, { groups: [group] })
    const recorded = recordSteps(gallery)
    await changeMembers(recorded.gallery, { groupId: group, add: [id], remove: [] })
    expect(recorded.steps.map(({ port, method }) => `${port}.${method}`)).toEqual([
      'groups.find',
      'persons.findMany',
      'persons.find',
    ])
  })

  it('takes more persons than it changes at once', async () => {
    const group = await makeGroup(gallery)
    const persons = await Promise.all(Array.from({ length: 40 }, () => makePerson(gallery)))
    await changeMembers(gallery, { groupId: group, add: persons.map(({ id }) => id), remove: [] })
    const page = await listGroupPersons(gallery, { groupId: group, request: { page: 1, size: 100 } })
    expect(page?.items).toHaveLength(40)
  })
})

describe('deleteGroup', () => {
  it('keeps its persons, who are then without it', async () => {
    const [doomed, kept] = [await makeGroup(gallery), await makeGroup(gallery)]
    const one = await makePerson(gallery, { groups: [doomed] })
    const other = await makePerson(gallery, { groups: [doomed, kept] })
    expect(await deleteGroup(gallery, doomed)).toEqual({ outcome: 'deleted' })
    expect((await readPerson(gallery, one.id))?.groups).toEqual([])
    expect((await readPerson(gallery, other.id))?.groups).toEqual([kept])
    expect(await membersOf(doomed)).toBeNull()
    expect(await deleteGroup(gallery, doomed)).toEqual({ outcome: 'group-not-found' })
  })

  it('is answered at once however many members it has; the reconciler releases the rest', async () => {
    const group = await makeGroup(gallery)
    for (let i = 0; i < 270; i++) await makePerson(gallery, { groups: [group] })
    await deleteGroup(gallery, group)
    const named = () => gallery.records.groups.listMembers({ groupId: group, after: null, limit: 1000 })
    expect(await named()).toHaveLength(220)
    expect(await gallery.records.groups.find(group)).toMatchObject({ state: 'deleting' })
    await reconcileUntilSettled(gallery, false)
    expect(await named()).toEqual([])
    expect(await gallery.records.groups.find(group)).toMatchObject({ state: 'gone', name: '' })
  })

  it('is answered although the index is away, and hides the group from everybody', async () => {
    const group = await makeGroup(gallery)
    const { id } = await makePerson(gallery, { groups: [group] })
    await enroll(gallery, id)
    const lame = withoutPort(gallery, 'index', indexUnavailable(new Error('away')))
    expect(await deleteGroup(lame, group)).toEqual({ outcome: 'deleted' })
    expect((await readPerson(gallery, id))?.groups).toEqual([])
    const listed = await listPersonGroups(gallery, { personId: id, request: FIRST_PAGE })
    expect(listed).toEqual({ items: [], page: 1, totalPages: 0, nextCursor: null })
    await reconcileUntilSettled(gallery, false)
    expect(gallery.index.entries()[0]?.payload.groups).toEqual([])
  })
})

describe('ensureDefaultGroup', () => {
  it('makes one for any number of callers at once', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => ensureDefaultGroup(gallery)))
    const { items } = await gallery.records.groups.list(FIRST_PAGE)
    expect(items.map(({ id }) => id)).toEqual([ids[0]])
    expect(new Set(ids).size).toBe(1)
  })

  it('does not take the id of a group that was deleted and forgotten', async () => {
    const former = await ensureDefaultGroup(gallery)
    await deleteGroup(gallery, former)
    gallery.clock.advance(48 * 3_600_000)
    await gallery.records.overdue.forget({ kind: 'group', id: former })
    expect(await ensureDefaultGroup(gallery)).not.toBe(former)
  })

  it('keeps a group that was renamed', async () => {
    const id = await ensureDefaultGroup(gallery)
    await gallery.records.groups.update(id, { name: 'Visitors' })
    expect(await ensureDefaultGroup(gallery)).toBe(id)
  })
})

describe('the groups of a person', () => {
  it('are listed by decreasing id, a page at a time, live ones only', async () => {
    const groups: GroupId[] = []
    for (let i = 0; i < 4; i++) groups.push(await makeGroup(gallery))
    const { id: personId } = await makePerson(gallery, { groups })
    await deleteGroup(gallery, groups[1]!)
    const left = groups
      .filter((group) => group !== groups[1])
      .toSorted()
      .toReversed()
    const page = await listPersonGroups(gallery, { personId, request: { page: 2, size: 2 } })
    expect(page?.items.map(({ id }) => id)).toEqual(left.slice(2))
    expect(page?.totalPages).toBe(2)
  })

  it('of nobody are null', async () => {
    const query = { personId: gallery.newId<PersonId>(), request: FIRST_PAGE }
    expect(await listPersonGroups(gallery, query)).toBeNull()
  })
})
