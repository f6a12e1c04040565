import type { ImageId, ImportId, PersonId } from '@semblance/core'
import { anImport, aRow, newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import { aStaged, claimFrom, endRows, type ImportStoreHarness, someIds } from './import-store-harness.ts'

const RIVALS = 8
const HOUR_MS = 3_600_000

const WRONG = aRow({ key: 'wrong', outcome: { kind: 'invalid', field: 'name', why: 'is none' } })

/** Part of the ImportStore contract: whom rows are about, which pictures they have, and what a deletion leaves. */
export function describeImportedPersons(harness: () => ImportStoreHarness): void {
  const begin = async (): Promise<ImportId> => {
    const made = anImport()
    await harness().store.records.insert(made)
    return made.id
  }

  describe('a picture', () => {
    it('is told once a row of the same person has ended as enrolled with it', async () => {
      const { store } = harness()
      const id = await begin()
      const ada = { by: 'externalId', externalId: 'ada' } as const
      await store.rows.add(id, [
        aRow({ key: 'somebody else', pictureSha256: 'ab' }),
        aRow({ key: 'faceless', person: ada, pictureSha256: 'ab' }),
        aRow({ key: 'link', person: ada }),
        aRow({ key: 'waiting', person: ada, pictureSha256: 'ab' }),
      ])
      await store.rows.claim({ id, holder: 'h', leaseMs: 60_000, newImageIds: someIds(3) })
      const enrolled = { kind: 'enrolled', personId: null, imageId: null, face: null } as const
      const outcomes = { 'somebody else': enrolled, faceless: { kind: 'no-face' } as const }
      await endRows(store, { id, holder: 'h', outcomes })
      const query = { id, personKey: 'externalId:ada', sha256: 'ab' }
      await store.rows.setPictureSha256({ id, key: 'link', position: 3, sha256: 'ab' })
      expect(await store.rows.wouldHavePicture(query)).toBe(false)
      await endRows(store, { id, holder: 'h', outcomes: { link: enrolled } })
      expect(await store.rows.wouldHavePicture(query)).toBe(true)
      expect(await store.rows.wouldHavePicture({ ...query, sha256: 'cd' })).toBe(false)
      expect(await store.rows.wouldHavePicture({ ...query, id: await begin() })).toBe(false)
    })
  })

  describe('calls at once', () => {
    it('each find their own row, and bind and find their own person', async () => {
      const { store } = harness()
      const ids = [await begin(), await begin()]
      const keys = Array.from({ length: 15 }, (_, i) => `row ${i}`)
      for (const id of ids)
        await store.rows.add(
          id,
          keys.map((key) => aRow({ key })),
        )
      const wanted = ids.flatMap((id) => [...keys, 'no row', 'row 0'].map((key) => ({ id, key })))
      const rows = await Promise.all(wanted.map(({ id, key }) => store.rows.find(id, key)))
      expect(rows.map((row) => row?.key ?? 'no row')).toEqual(wanted.map(({ key }) => key))
      const binds = wanted.map(({ id, key }) => ({
        id,
        personKey: key,
        personId: newTestId<PersonId>(),
        isMade: true,
      }))
      const bound = await Promise.all(binds.map((bind) => store.persons.bind(bind)))
      const found = await Promise.all(wanted.map(({ id, key }) => store.persons.find(id, key)))
      expect(found).toEqual(bound)
      const own = bound.filter(({ personId }, i) => personId === binds[i]?.personId)
      expect(own).toHaveLength(2 * (keys.length + 1))
    })
  })

  describe('a person', () => {
    it('is bound to a key once', async () => {
      const { store } = harness()
      const id = await begin()
      const stores = [store, await harness().another()]
      const binds = Array.from({ length: RIVALS }, (_, i) =>
        stores[i % 2]?.persons.bind({
          id,
          personKey: 'key:ada',
          personId: newTestId<PersonId>(),
          isMade: true,
        }),
      )
      const told = await Promise.all(binds)
      const bound = await store.persons.find(id, 'key:ada')
      expect(new Set(told.map((one) => one?.personId))).toEqual(new Set([bound?.personId]))
      expect(await store.persons.find(await begin(), 'key:ada')).toBeNull()
    })

    it('is found together with others, without those whom nobody has bound', async () => {
      const { store } = harness()
      const [id, other] = [await begin(), await begin()]
      const keys = ['key:ada', 'externalId:a"b\u0000c', 'key:eve']
      for (const personKey of keys)
        await store.persons.bind({ id, personKey, personId: newTestId<PersonId>(), isMade: true })
      await store.persons.seal({
        personId: (await store.persons.find(id, keys[0]!))!.personId,
        personKey: null,
      })
      const found = await store.persons.findMany(id, [...keys.slice(0, 2), 'key:nobody'])
      const one = (key: string) => store.persons.find(id, key)
      const byKey = found.toSorted((a, b) => (a.personKey < b.personKey ? 1 : -1))
      expect(byKey).toEqual([await one(keys[0]!), await one(keys[1]!)])
      expect(await store.persons.findMany(other, keys)).toEqual([])
      expect(await store.persons.findMany(id, [])).toEqual([])
    })

    it('is listed if the import made it', async () => {
      const { store } = harness()
      const id = await begin()
      const ids = [newTestId<PersonId>(), newTestId<PersonId>(), newTestId<PersonId>()] as const
      for (const [i, personId] of ids.entries())
        await store.persons.bind({ id, personKey: `key:${i}`, personId, isMade: i !== 1 })
      expect(await store.persons.listMade({ id, after: null, limit: 1 })).toEqual([ids[0]])
      expect(await store.persons.listMade({ id, after: ids[0], limit: 10 })).toEqual([ids[2]])
    })

    it('is not listed if another import was to make it as well, not even once that one is gone', async () => {
      const { store } = harness()
      const [id, other] = [await begin(), await begin()]
      const ids = Array.from({ length: 5 }, () => newTestId<PersonId>()).toSorted()
      for (const personId of ids)
        await store.persons.bind({ id, personKey: personId, personId, isMade: true })
      for (const [i, personId] of ids.slice(0, 4).entries())
        await store.persons.bind({ id: other, personKey: personId, personId, isMade: i !== 1 })
      const listed = (limit: number) => store.persons.listMade({ id, after: null, limit })
      expect([await listed(1), await listed(2), await listed(9)]).toEqual([
        [ids[1]],
        [ids[1], ids[4]],
        [ids[1], ids[4]],
      ])
      // One is deleted, so that nobody means it any more, and another import that never shared anybody is forgotten.
      await store.persons.erase(ids[3]!)
      await store.records.forget(await begin())
      await store.records.forget(other)
      expect([await listed(1), await listed(9)]).toEqual([[ids[1]], [ids[1], ids[4]]])
      // Who comes back under the same id is its own.
      await store.persons.bind({ id, personKey: 'key:new', personId: ids[3]!, isMade: true })
      expect(await listed(9)).toEqual([ids[1], ids[3], ids[4]])
    })

    it('is told with the imports that mean it, the newest first, and whether they made it', async () => {
      const { store } = harness()
      const [older, newer] = [await begin(), await begin()].toSorted() as [ImportId, ImportId]
      const personId = newTestId<PersonId>()
      await store.persons.bind({ id: older, personKey: 'key:a', personId, isMade: true })
      await store.persons.bind({ id: older, personKey: 'key:b', personId, isMade: false })
      await store.persons.bind({ id: newer, personKey: 'key:a', personId, isMade: false })
      await store.persons.bind({
        id: newer,
        personKey: 'key:c',
        personId: newTestId<PersonId>(),
        isMade: true,
      })
      expect(await store.persons.importsOf(personId)).toEqual([
        { id: newer, isMade: false },
        { id: older, isMade: true },
      ])
      expect(await store.persons.importsOf(newTestId<PersonId>())).toEqual([])
    })

    it('who is deleted leaves no trace of whom their face was like', async () => {
      const { store } = harness()
      const [id, personId, other] = [await begin(), newTestId<PersonId>(), newTestId<PersonId>()]
      const person = { by: 'key', key: 'ada' } as const
      await store.rows.add(id, [aRow({ key: 'a', person }), aRow({ key: 'b', person })])
      await store.persons.bind({ id, personKey: 'key:ada', personId, isMade: true })
      await store.rows.claim({ id, holder: 'h', leaseMs: 10_000, newImageIds: [newTestId(), newTestId()] })
      const likePerson = { personId: other, distance: 0.25 }
      const enrolled = {
        kind: 'enrolled',
        personId,
        imageId: newTestId<ImageId>(),
        face: null,
        likePerson,
      } as const
      const refused = { kind: 'same-person', face: null, likePerson } as const
      await endRows(store, { id, holder: 'h', outcomes: { a: enrolled, b: refused } })
      await store.persons.erase(personId)
      const left = await store.rows.list({ id, after: 0, limit: 10 })
      expect(left.map(({ outcome }) => outcome?.kind)).toEqual(['enrolled', 'same-person'])
      expect(JSON.stringify(left)).not.toContain(other)
    })

    it('who is deleted is taken out of rows that name the id and were never begun, in every import', async () => {
      const { store } = harness()
      const personId = newTestId<PersonId>()
      const person = { by: 'id', id: personId } as const
      const picture = aStaged()
      const ids = [await begin(), await begin()]
      await store.rows.add(ids[0]!, [
        aRow({ key: 'a', person, name: 'Lovelace', picture }),
        aRow({ key: 'b' }),
      ])
      await store.rows.add(ids[1]!, [aRow({ key: 'a', person, name: 'Lovelace' })])
      expect(await store.persons.erase(personId)).toEqual({ staged: [picture.stagedId], ended: 2 })
      for (const id of ids) {
        const rows = await store.rows.list({ id, after: 0, limit: 100 })
        expect(rows[0]).toMatchObject({ key: 'erased:1', picture: null, outcome: { kind: 'failed' } })
        expect(JSON.stringify(rows)).not.toMatch(/lovelace/i)
        expect(JSON.stringify(rows)).not.toContain(personId)
      }
      expect((await store.rows.find(ids[0]!, 'b'))?.outcome).toBeNull()
    })

    it('who goes is bound by name in each import that has rows of it, and has bound it to nobody', async () => {
      const { store } = harness()
      const [waiting, bound, other] = [await begin(), await begin(), await begin()]
      const [personId, earlier] = [newTestId<PersonId>(), newTestId<PersonId>()]
      const personKey = 'externalId:ada'
      const person = { by: 'externalId', externalId: 'ada' } as const
      const picture = aStaged()
      await store.rows.add(waiting, [aRow({ key: 'a', person, picture }), aRow({ key: 'b', person })])
      await store.rows.add(bound, [aRow({ key: 'a', person })])
      await store.rows.add(other, [aRow({ key: 'a' })])
      await store.persons.bind({ id: bound, personKey, personId: earlier, isMade: true })
      for (const one of [store, await harness().another()]) await one.persons.seal({ personKey, personId })
      const told = await Promise.all([waiting, bound, other].map((id) => store.persons.find(id, personKey)))
      expect(told).toEqual([
        { personKey, personId, isMade: false, upTo: 2 },
        { personKey, personId: earlier, isMade: true },
        null,
      ])
      expect(await store.persons.erase(personId)).toEqual({ staged: [picture.stagedId], ended: 2 })
      const keys = async (id: ImportId) =>
        (await store.rows.list({ id, after: 0, limit: 9 })).map(({ key }) => key)
      expect([await keys(waiting), await keys(bound)]).toEqual([['erased:1', 'erased:2'], ['a']])
    })

    it('who goes has the rows that were there then, and none that came later, however they are meant', async () => {
      const { store } = harness()
      const id = await begin()
      const personId = newTestId<PersonId>()
      const late = aStaged()
      const [ada, own] = [{ by: 'externalId', externalId: 'ada' } as const, { by: 'key', key: 'k' } as const]
      await store.persons.bind({ id, personKey: 'externalId:ada', personId, isMade: true })
      await store.persons.bind({ id, personKey: 'key:k', personId, isMade: false })
      await store.rows.add(id, [aRow({ key: 'a', person: ada }), aRow({ key: 'b', person: own })])
      await (await harness().another()).persons.seal({ personKey: null, personId })
      await store.rows.add(id, [aRow({ key: 'c', person: ada, picture: late })])
      expect(await store.persons.find(id, 'key:k')).toEqual({
        ...{ personKey: 'key:k', personId, isMade: false, upTo: 2 },
      })
      expect(await store.persons.erase(personId)).toEqual({ staged: [], ended: 2 })
      const rows = await store.rows.list({ id, after: 0, limit: 9 })
      expect(rows.map(({ key }) => key)).toEqual(['erased:1', 'erased:2', 'c'])
      expect(rows[2]).toMatchObject({ picture: late, outcome: null })
      // The key may stand for somebody else now, whom nobody erases.
      const next = { personKey: 'externalId:ada', personId: newTestId<PersonId>(), isMade: true }
      await store.persons.bind({ id, ...next })
      expect(await store.persons.erase(personId)).toEqual({ staged: [], ended: 0 })
      expect(await store.persons.find(id, next.personKey)).toEqual(next)
    })

    it('who did not go after all, and goes now, has the rows since then, too', async () => {
      const { store } = harness()
      const id = await begin()
      const going = { personKey: 'externalId:ada', personId: newTestId<PersonId>() }
      const person = { by: 'externalId', externalId: 'ada' } as const
      await store.rows.add(id, [aRow({ key: 'a', person })])
      await store.persons.seal(going)
      await store.rows.add(id, [aRow({ key: 'b', person })])
      await store.persons.seal(going)
      await store.persons.seal({ ...going, beforeMs: 1 })
      expect(await store.persons.erase(going.personId)).toEqual({ staged: [], ended: 2 })
    })

    it('who goes as of a time has the rows that were added before it, by the clock of the store', async () => {
      const { store, age } = harness()
      const [mixed, recent] = [await begin(), await begin()]
      const going = { personKey: 'externalId:ada', personId: newTestId<PersonId>() }
      const person = { by: 'externalId', externalId: 'ada' } as const
      await store.rows.add(mixed, [aRow({ key: 'a', person }), aRow({ key: 'other' })])
      await age(HOUR_MS)
      await store.rows.add(mixed, [aRow({ key: 'b', person })])
      await store.rows.add(recent, [aRow({ key: 'c', person }), WRONG])
      // A row that is wrong ends as it is added.
      const nowMs = (await store.rows.find(recent, WRONG.key))?.endedAt ?? 0
      await store.persons.seal({ ...going, beforeMs: nowMs - HOUR_MS / 2 })
      expect(await store.persons.find(mixed, going.personKey)).toMatchObject({ upTo: 1 })
      expect(await store.persons.find(recent, going.personKey)).toBeNull()
      expect(await store.persons.erase(going.personId)).toEqual({ staged: [], ended: 1 })
    })

    it('is forgotten by a key that no row has, and only if it stands for this person', async () => {
      const { store } = harness()
      const id = await begin()
      const [personId, other] = [newTestId<PersonId>(), newTestId<PersonId>()]
      await store.rows.add(id, [aRow({ key: 'a', person: { by: 'key', key: 'a' } })])
      const bound = ['a', 'b', 'c'].map((key) => ({ id, personKey: `key:${key}`, isMade: true }))
      for (const one of bound)
        await store.persons.bind({ ...one, personId: one.personKey === 'key:c' ? other : personId })
      for (const one of bound) await store.persons.unbind({ ...one, personId })
      const left = await Promise.all(bound.map(({ personKey }) => store.persons.find(id, personKey)))
      expect(left.map((one) => one?.personId)).toEqual([personId, undefined, other])
      // Of somebody who is gone, rows that have the key came later.
      for (const one of bound) await store.persons.unbind({ ...one, personId, isGone: true })
      const still = await Promise.all(bound.map(({ personKey }) => store.persons.find(id, personKey)))
      expect(still.map((one) => one?.personId)).toEqual([undefined, undefined, other])
      expect(await store.rows.find(id, 'a')).toMatchObject({ outcome: null })
    })

    it('who is deleted leaves nothing but the place and the outcome of each row', async () => {
      const { store } = harness()
      const id = await begin()
      const personId = newTestId<PersonId>()
      const ada = { by: 'externalId', externalId: 'ada lovelace' } as const
      const picture = aStaged()
      await store.rows.add(id, [
        aRow({ key: 'lovelace/1.jpg', person: ada, name: 'Lovelace' }),
        aRow({ key: 'lovelace/2.jpg', person: ada, name: 'Lovelace', picture, pictureSha256: 'ab' }),
        aRow({ key: 'bob/1.jpg' }),
      ])
      await store.persons.bind({ id, personKey: 'externalId:ada lovelace', personId, isMade: true })
      await claimFrom(store, { id, holder: 'h', count: 1 })
      const face = { box: { x: 0, y: 0, width: 9, height: 9 }, quality: 1, faceCount: 1 }
      const outcome = { kind: 'enrolled', personId, imageId: newTestId<ImageId>(), face } as const
      await endRows(store, { id, holder: 'h', outcomes: { 'lovelace/1.jpg': outcome } })
      expect(await store.persons.erase(personId)).toEqual({ staged: [picture.stagedId], ended: 1 })
      const rows = await store.rows.list({ id, after: 0, limit: 100 })
      expect(rows.map(({ key, outcome }) => [key, outcome?.kind])).toEqual([
        ['erased:1', 'enrolled'],
        ['erased:2', 'failed'],
        ['bob/1.jpg', undefined],
      ])
      // An id may have "ada" in it.
      expect(JSON.stringify(rows)).not.toMatch(/lovelace/i)
      expect(JSON.stringify(rows)).not.toContain(personId)
      expect(await store.persons.find(id, 'externalId:ada lovelace')).toBeNull()
      expect(await store.persons.erase(personId)).toEqual({ staged: [], ended: 0 })
    })
  })
}
