import { beforeEach, describe, expect, it } from 'vitest'
import { cosineAt } from '../calibration.ts'
import { deleteGroup } from '../groups/delete-group.ts'
import type { GroupId, PersonId } from '../ids.ts'
import { updatePerson } from '../persons/update-person.ts'
import type { IndexPayload } from '../ports/descriptor-index.ts'
import {
  enrollAt,
  makeGroup,
  makePerson,
  makePersonAt,
  openTestGallery,
  PROBE,
  type TestGallery,
} from '../testing/index.ts'
import { type IdentifiedPerson, type IdentifyQuery, identify } from './identify.ts'

let gallery: TestGallery
beforeEach(() => {
  gallery = openTestGallery()
})

function search(given: Partial<IdentifyQuery> = {}): Promise<readonly IdentifiedPerson[]> {
  const query = { groupIds: [], field: null, threshold: 1, limit: 100, ...given }
  return identify(gallery, { probe: PROBE, query })
}

async function searchIds(given: Partial<IdentifyQuery> = {}): Promise<readonly PersonId[]> {
  return (await search(given)).map(({ person }) => person.id)
}

/** What the index says of a person, wrong from now on. */
async function misinform(personId: PersonId, wrong: Partial<IndexPayload>): Promise<void> {
  for (const entry of gallery.index.entries()) {
    if (entry.payload.personId !== personId) continue
    const payload = { ...entry.payload, rev: entry.payload.rev + 1, ...wrong }
    await gallery.index.upsert([{ ...entry, payload }])
  }
}

describe('a candidate of the index', () => {
  it('is not returned if it left the group that the index still has it in; the next ones fill the limit', async () => {
    const group = await makeGroup(gallery)
    const other = await makeGroup(gallery)
    const stale = [
      await makePersonAt(gallery, 0.99, { groups: [other] }),
      await makePersonAt(gallery, 0.98, { groups: [other] }),
      await makePersonAt(gallery, 0.97, { groups: [other] }),
    ]
    for (const id of stale) await misinform(id, { groups: [group] })
    const members = [
      await makePersonAt(gallery, 0.9, { groups: [group] }),
      await makePersonAt(gallery, 0.8, { groups: [group] }),
    ]
    expect(await searchIds({ groupIds: [group], limit: 2 })).toEqual(members)
  })

  it.each([
    { name: 'Eve' },
    { externalId: 'e-1' },
  ])('is not returned if the store says another %o than the index', async (claimed) => {
    const id = await makePersonAt(gallery, 0.9, { name: 'Ada', externalId: 'a-1' })
    await misinform(id, claimed)
    const [field, value] = Object.entries(claimed)[0] as ['name' | 'externalId', string]
    expect(await searchIds({ field: { field, op: 'in', values: [value] } })).toEqual([])
    expect(await searchIds()).toEqual([id])
  })

  it('is not returned once expired, from that very millisecond on', async () => {
    const expireAt = gallery.clock.now() + 1000
    const mortal = await makePersonAt(gallery, 0.9, { expireAt })
    const other = await makePersonAt(gallery, 0.8)
    gallery.clock.advance(999)
    expect(await searchIds({ limit: 1 })).toEqual([mortal])
    gallery.clock.advance(1)
    expect(await searchIds({ limit: 1 })).toEqual([other])
  })

  it.each([
    'pending',
    'deleting',
    'gone',
  ] as const)('is not returned while its person is %s', async (state) => {
    const id = await makePersonAt(gallery, 0.9)
    const { rev } = (await gallery.records.persons.find(id))!
    await gallery.records.persons.update({ id, rev }, { state })
    expect(await searchIds()).toEqual([])
  })

  it.each(['pending', 'deleting', 'gone'] as const)('does not show an image that is %s', async (state) => {
    const { id } = await makePerson(gallery)
    const hidden = await enrollAt(gallery, id, 0.95)
    const shown = await enrollAt(gallery, id, 0.9)
    await gallery.records.images.move(hidden, { from: ['ready'], to: state })
    const [found] = await search()
    expect(found?.images.map(({ image }) => image.id)).toEqual([shown])
  })

  it('does not lend its person the image of another', async () => {
    const [owner, other] = [await makePersonAt(gallery, 0.9), await makePersonAt(gallery, 0.7)]
    const [entry] = gallery.index.entries().filter(({ payload }) => payload.personId === owner)
    await gallery.index.upsert([{ ...entry!, payload: { ...entry!.payload, personId: other } }])
    expect((await search()).map(({ images }) => images.map(({ cosine }) => cosine))).toEqual([[0.7]])
  })

  it('shows only the live groups of its person', async () => {
    const [live, dead] = [await makeGroup(gallery), await makeGroup(gallery)]
    await makePersonAt(gallery, 0.9, { groups: [live, dead] })
    await gallery.records.groups.move(dead, { from: ['live'], to: 'deleting' })
    expect((await search())[0]?.person.groups).toEqual([live])
  })
})

describe('a person with dead images that the index still has', () => {
  async function makeWithDead(dead: number, alive: readonly number[]) {
    const { id } = await makePerson(gallery)
    for (let i = 0; i < dead; i++) {
      const image = await enrollAt(gallery, id, 0.99 - i / 1000)
      await gallery.records.images.move(image, { from: ['ready'], to: 'deleting' })
    }
    for (const cosine of alive) await enrollAt(gallery, id, cosine)
    return id
  }

  it.each([15, 16, 17, 70])('is found by the one behind %i of them', async (dead) => {
    const id = await makeWithDead(dead, [0.7])
    const [found] = await search({ limit: 1 })
    expect(found?.person.id).toBe(id)
    expect(found?.images.map(({ cosine }) => cosine)).toEqual([0.7])
  })

  it('is not found if all are dead, and takes nobody his place', async () => {
    await makeWithDead(40, [])
    const other = await makePersonAt(gallery, 0.7)
    expect(await searchIds({ limit: 1 })).toEqual([other])
  })

  it('comes after somebody whose living image is nearer', async () => {
    const behind = await makeWithDead(1, [0.7])
    const nearer = await makePersonAt(gallery, 0.8)
    expect(await searchIds({ limit: 1 })).toEqual([nearer])
    expect(await searchIds({ limit: 2 })).toEqual([nearer, behind])
  })

  it('shows as many living images as anybody else', async () => {
    await makeWithDead(
      14,
      Array.from({ length: 12 }, (_, i) => 0.9 - i / 100),
    )
    const [found] = await search()
    expect(found?.images).toHaveLength(10)
    expect(found?.images.at(-1)?.cosine).toBe(0.81)
  })
})

describe('the threshold', () => {
  it('is inclusive: the operating point itself has distance 1, similarity 0.75, and is found at 1.0', async () => {
    const id = await makePersonAt(gallery, 0.6)
    await makePersonAt(gallery, 0.599999)
    const found = await search({ threshold: 1 })
    expect(found.map(({ person }) => person.id)).toEqual([id])
    expect(found[0]?.images[0]).toMatchObject({ cosine: 0.6, distance: 1, similarity: 0.75 })
  })

  it('compares on the grid of 1e-6: what rounds up to it is found, what rounds down is not', async () => {
    const above = await makePersonAt(gallery, 0.5999997)
    await makePersonAt(gallery, 0.5999993)
    expect(await searchIds({ threshold: 1 })).toEqual([above])
  })

  it.each([0, 0.3, 0.999, 1.4, 2])('of %d lets through the cosine it stands for', async (threshold) => {
    const cosine = Math.max(-1, Math.ceil(cosineAt(threshold, PROBE.operatingPoint) * 1e6) / 1e6)
    const id = await makePersonAt(gallery, cosine)
    expect(await searchIds({ threshold })).toEqual([id])
  })

  it('applies to each image of a person', async () => {
    const { id } = await makePerson(gallery)
    for (const cosine of [0.61, 0.59, 0.9]) await enrollAt(gallery, id, cosine)
    const [found] = await search()
    expect(found?.images.map(({ cosine }) => cosine)).toEqual([0.9, 0.61])
  })
})

describe('a search', () => {
  it('finds nobody in an empty gallery, and nobody in groups that nobody knows', async () => {
    expect(await search()).toEqual([])
    await makePersonAt(gallery, 0.9)
    expect(await search({ groupIds: [gallery.newId<GroupId>()] })).toEqual([])
  })

  it('takes an unknown or deleted group for an empty one, beside one that is live', async () => {
    const [live, dead] = [await makeGroup(gallery), await makeGroup(gallery)]
    const member = await makePersonAt(gallery, 0.9, { groups: [live] })
    await makePersonAt(gallery, 0.95, { groups: [dead] })
    await deleteGroup(gallery, dead)
    const groupIds = [dead, live, gallery.newId<GroupId>()]
    expect(await searchIds({ groupIds })).toEqual([member])
  })

  it('counts a person in several of the groups once', async () => {
    const groups = [await makeGroup(gallery), await makeGroup(gallery)]
    const id = await makePersonAt(gallery, 0.9, { groups })
    expect(await searchIds({ groupIds: groups })).toEqual([id])
  })

  it.each([
    ['in', '\u00c5ngstr\u00f6m', [true, true, false]],
    ['in', 'A\u030angstro\u0308m', [true, true, false]],
    ['nin', '\u212bngstr\u00f6m', [false, false, true]],
  ] as const)('compares names in any normal form: %s %s', async (op, value, isFound) => {
    const people = [
      await makePersonAt(gallery, 0.99, { name: '\u00c5ngstr\u00f6m' }),
      await makePersonAt(gallery, 0.98, { name: 'A\u030angstro\u0308m' }),
      await makePersonAt(gallery, 0.97, { name: 'Angstrom' }),
    ]
    const expected = people.filter((_, i) => isFound[i])
    expect(await searchIds({ field: { field: 'name', op, values: [value] } })).toEqual(expected)
    const shown = await search({ field: { field: 'name', op: 'in', values: ['\u00c5ngstr\u00f6m'] } })
    expect(shown.map(({ person }) => person.name)).toEqual(['\u00c5ngstr\u00f6m', 'A\u030angstro\u0308m'])
  })

  it('compares a changed name in any normal form', async () => {
    const id = await makePersonAt(gallery, 0.99, { name: 'Ada' })
    await updatePerson(gallery, { id, name: 'A\u030angstro\u0308m' })
    const field = { field: 'name', op: 'in', values: ['\u00c5ngstr\u00f6m'] } as const
    expect(await searchIds({ field })).toEqual([id])
  })

  it('asks for groups and field together', async () => {
    const group = await makeGroup(gallery)
    const both = await makePersonAt(gallery, 0.8, { groups: [group], name: 'Eve' })
    await makePersonAt(gallery, 0.9, { groups: [group] })
    await makePersonAt(gallery, 0.9, { name: 'Eve' })
    const field = { field: 'name', op: 'in', values: ['Eve'] } as const
    expect(await searchIds({ groupIds: [group], field })).toEqual([both])
  })

  it('puts the smaller person id first where cosines are equal, whatever the limit', async () => {
    const ids: PersonId[] = []
    for (let i = 0; i < 6; i++) ids.push(await makePersonAt(gallery, 0.8))
    const inOrder = ids.toSorted()
    expect(await searchIds()).toEqual(inOrder)
    expect(await searchIds({ limit: 3 })).toEqual(inOrder.slice(0, 3))
  })

  it('keeps that order behind somebody with a dead image', async () => {
    const ids: PersonId[] = []
    for (let i = 0; i < 4; i++) ids.push(await makePersonAt(gallery, 0.8))
    const last = ids.toSorted().at(-1)!
    const dead = await enrollAt(gallery, last, 0.99)
    await gallery.records.images.move(dead, { from: ['ready'], to: 'gone' })
    expect(await searchIds({ limit: 2 })).toEqual(ids.toSorted().slice(0, 2))
  })

  it('finds a person under its new name and groups as soon as the change is answered', async () => {
    const [before, after] = [await makeGroup(gallery), await makeGroup(gallery)]
    const id = await makePersonAt(gallery, 0.9, { groups: [before] })
    await updatePerson(gallery, { id, name: 'Grace', groups: [after] })
    const field = { field: 'name', op: 'in', values: ['Grace'] } as const
    expect(await searchIds({ groupIds: [after], field })).toEqual([id])
    expect(await searchIds({ groupIds: [before] })).toEqual([])
  })

  it('never asks the index again for a person it has judged', async () => {
    const stale = await makeGroup(gallery)
    for (let i = 0; i < 7; i++) {
      const id = await makePersonAt(gallery, 0.9 - i / 100)
      if (i % 2 === 0) await misinform(id, { groups: [stale] })
    }
    const asked: PersonId[] = []
    const index = {
      ...gallery.index,
      search: async (...args: Parameters<typeof gallery.index.search>) => {
        const nominated = await gallery.index.search(...args)
        asked.push(...nominated.map(({ personId }) => personId))
        return nominated
      },
    }
    const query = { groupIds: [stale], field: null, threshold: 1, limit: 1 }
    expect(await identify({ ...gallery, index }, { probe: PROBE, query })).toEqual([])
    expect(asked).toHaveLength(4)
    expect(new Set(asked).size).toBe(4)
  })

  it('stops with the reason when its caller leaves', async () => {
    await makePersonAt(gallery, 0.9)
    const reason = new Error('the caller left')
    const query = { groupIds: [], field: null, threshold: 1, limit: 1 }
    const left = identify(gallery, { probe: PROBE, query }, { signal: AbortSignal.abort(reason) })
    await expect(left).rejects.toBe(reason)
  })
})
