import type { GroupId, Person, PersonQuery } from '@semblance/core'
import { aPerson, newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { useStore } from './store-under-test.ts'

const NOW = 1_800_000_000_000

export function describePersonFilters(open: OpenRecordStore): void {
  describe('lists of filtered persons', () => {
    const use = useStore(open)

    const insert = async (...given: readonly Partial<Person>[]) => {
      const persons = given.map(aPerson)
      for (const person of persons) await use.store.persons.insert(person)
      return persons
    }
    const list = async (query: Omit<PersonQuery, 'nowMs'>, request = { page: 1, size: 1000 }) => {
      const { items, totalPages } = await use.store.persons.list({ ...query, nowMs: NOW }, request)
      return { ids: items.map(({ id }) => id), totalPages }
    }
    /** As pages and as ids alone: both lists must have the same persons. */
    const idsBy = async (query: Omit<PersonQuery, 'nowMs'>) => {
      const { ids } = await list(query)
      const asked = { ...query, nowMs: NOW, limit: 1000 }
      const [oldest, ...others] = ids.toReversed()
      expect(await use.store.persons.listIds({ ...asked, after: null })).toEqual(ids.toReversed())
      if (oldest !== undefined)
        expect(await use.store.persons.listIds({ ...asked, after: oldest, limit: 2 })).toEqual(
          others.slice(0, 2),
        )
      return ids
    }
    const has = (value: string, ...path: string[]) => ({ path, value })

    it('hold who has exactly that name', async () => {
      const [ada] = await insert({ name: 'Ada' }, { name: 'ada' }, { name: 'Ada ' }, { name: 'A%' })
      expect(await idsBy({ name: 'Ada' })).toEqual([ada?.id])
      expect(await idsBy({ name: 'A%a' })).toEqual([])
      expect(await idsBy({ name: '' })).toEqual([])
    })

    it('hold who has that name in any normal form, and give each as it was sent', async () => {
      const forms = ['\u00c5ngstr\u00f6m', 'A\u030angstro\u0308m', '\u212bngstr\u00f6m']
      const people = await insert(...forms.map((name) => ({ name })))
      const newestFirst = people.map(({ id }) => id).toReversed()
      for (const name of forms) expect(await idsBy({ name })).toEqual(newestFirst)
      for (const { id, name } of people) expect((await use.store.persons.find(id))?.name).toBe(name)
      expect(await idsBy({ name: 'Angstrom' })).toEqual([])
      expect(await idsBy({ externalId: forms[0]! })).toEqual([])
      // From one form to another, to none that is composed, and away.
      const [person] = people
      const asSent = async (name: string) => {
        const { rev } = (await use.store.persons.find(person!.id))!
        return (await use.store.persons.update({ id: person!.id, rev }, { name }))?.name
      }
      for (const name of [forms[1]!, forms[2]!, 'Ada', forms[1]!]) expect(await asSent(name)).toBe(name)
      expect((await idsBy({ name: forms[0]! })).includes(person!.id)).toBe(true)
      const { rev } = (await use.store.persons.find(person!.id))!
      const gone = await use.store.persons.update({ id: person!.id, rev }, { state: 'gone' })
      expect(gone?.name).toBe('')
    })

    it('hold who has exactly that external id; nobody has none', async () => {
      const [one, empty] = await insert({ externalId: '007' }, { externalId: '' }, { externalId: null })
      expect(await idsBy({ externalId: '007' })).toEqual([one?.id])
      expect(await idsBy({ externalId: '' })).toEqual([empty?.id])
      expect(await idsBy({ externalId: '7' })).toEqual([])
    })

    it('hold who has that value at that place of the metadata', async () => {
      const [text, number, list] = await insert(
        { metadata: '{"floor":"3","desk":{"row":"b"}}' },
        { metadata: '{"floor":3,"desk.row":"b"}' },
        { metadata: '{"floor":[1,3],"$set":{"__proto__":true}}' },
        { metadata: '{"floor":{"3":"3"}}' },
        {},
      )
      expect(await idsBy({ metadata: [has('3', 'floor')] })).toEqual([list?.id, number?.id, text?.id])
      expect(await idsBy({ metadata: [has('b', 'desk', 'row')] })).toEqual([text?.id])
      expect(await idsBy({ metadata: [has('b', 'desk.row')] })).toEqual([number?.id])
      expect(await idsBy({ metadata: [has('true', '$set', '__proto__')] })).toEqual([list?.id])
      expect(await idsBy({ metadata: [has('4', 'floor')] })).toEqual([])
    })

    it('hold whom all that is asked applies to', async () => {
      const group = newTestId<GroupId>()
      const all = { name: 'Ada', externalId: '1', groups: [group], metadata: '{"a":1,"b":2}' }
      const [wanted] = await insert(
        all,
        { ...all, name: 'Bob' },
        { ...all, externalId: '2' },
        { ...all, groups: [] },
        { ...all, metadata: '{"a":1,"b":1}' },
      )
      const metadata = [has('1', 'a'), has('2', 'b')]
      expect(await idsBy({ name: 'Ada', externalId: '1', groupId: group, metadata })).toEqual([wanted?.id])
      expect(await idsBy({ metadata: [has('1', 'b'), has('2', 'b')] })).toEqual([])
    })

    it('hold whose name begins so, in either normal form', async () => {
      const names = ['Ada', 'Adam', 'ada', 'Ad', 'A', 'A\u030ada', 'B']
      const [ada, adam, , ad, , ring] = await insert(...names.map((name) => ({ name })))
      expect(await idsBy({ namePrefix: 'Ad' })).toEqual([ad?.id, adam?.id, ada?.id])
      expect(await idsBy({ namePrefix: 'A\u030a' })).toEqual([ring?.id])
      expect(await idsBy({ namePrefix: '\u00c5d' })).toEqual([ring?.id])
      expect(await idsBy({ namePrefix: 'Ada', name: 'Adam' })).toEqual([adam?.id])
      expect(await idsBy({ namePrefix: 'B', name: 'Adam' })).toEqual([])
      expect(await idsBy({ namePrefix: '.' })).toEqual([])
    })

    it('hold who was made or changed in a range of time, without its end', async () => {
      const times = [100, 200, 300]
      const made = await insert(...times.map((at) => ({ createdAt: at, updatedAt: 1_000 - at })))
      const [first, second, third] = made.map(({ id }) => id)
      expect(await idsBy({ created: { fromMs: 100, toMs: 300 } })).toEqual([second, first])
      expect(await idsBy({ updated: { fromMs: 701, toMs: 900 } })).toEqual([second])
      expect(await idsBy({ created: { fromMs: 0, toMs: 300 }, updated: { fromMs: 0, toMs: 801 } })).toEqual([
        second,
      ])
      expect(await idsBy({ created: { fromMs: 300, toMs: Number.MAX_SAFE_INTEGER } })).toEqual([third])
      await use.store.persons.update(made[0]!, { updatedAt: 5_000 })
      expect(await idsBy({ updated: { fromMs: 1_000, toMs: 9_000 } })).toEqual([first])
      const page = { page: 2, size: 1 }
      expect(await list({ created: { fromMs: 0, toMs: 1_000 } }, page)).toEqual({
        ids: [second],
        totalPages: 3,
      })
    })

    it('go by pages and leave out whom nobody sees', async () => {
      const named = { name: 'Grace', metadata: '{"a":1}' }
      const [first, second, third] = await insert(named, named, named, { ...named, state: 'pending' })
      await insert({ ...named, expireAt: NOW }, { ...named, state: 'deleting' })
      for (const query of [{ name: 'Grace' }, { metadata: [has('1', 'a')] }]) {
        const page = (number: number) => list(query, { page: number, size: 2 })
        expect(await page(1)).toEqual({ ids: [third?.id, second?.id], totalPages: 2 })
        expect(await page(2)).toEqual({ ids: [first?.id], totalPages: 2 })
      }
    })

    it('follow each change of the record', async () => {
      const [person] = await insert({ name: 'Old', externalId: 'old', metadata: '{"v":"old"}' })
      const matches = async (text: string) =>
        Promise.all([
          list({ name: text }),
          list({ externalId: text.toLowerCase() }),
          list({ metadata: [has(text.toLowerCase(), 'v')] }),
        ]).then((lists) => lists.map(({ ids }) => ids.length))
      expect(await matches('Old')).toEqual([1, 1, 1])
      const renamed = await use.store.persons.update(person!, { name: 'New' })
      expect([await matches('Old'), await matches('New')]).toEqual([
        [0, 1, 1],
        [1, 0, 0],
      ])
      const next = await use.store.persons.update(renamed!, { externalId: 'new', metadata: '{"v":"new"}' })
      expect([await matches('Old'), await matches('New')]).toEqual([
        [0, 0, 0],
        [1, 1, 1],
      ])
      const gone = await use.store.persons.update(next!, { state: 'gone' })
      await use.store.overdue.forget({ kind: 'person', id: gone!.id })
      expect(await matches('New')).toEqual([0, 0, 0])
    })
  })
}
