import type { DescriptorIndex, FieldFilter, GroupId, PersonId } from '@semblance/core'
import { anIndexEntry, aSignDescriptorAt, newTestId } from '@semblance/core/testing'
import { expect, it } from 'vitest'
import { isIn, personsFound } from './find-persons.ts'

export function claimsOfFiltering(index: () => DescriptorIndex): void {
  it('filters inside the search: a group far from the probe is found behind everybody nearer', async () => {
    const group = newTestId<GroupId>()
    const crowd = Array.from({ length: 2500 }, () => anIndexEntry({ descriptor: aSignDescriptorAt(1) }))
    const members = [0, -0.5].map((cosine) =>
      anIndexEntry({ groups: [group], descriptor: aSignDescriptorAt(cosine) }),
    )
    await index().upsert([...crowd, ...members])
    const found = await personsFound(index(), { filter: { groups: [group], field: null }, limit: 5 })
    expect(found).toEqual(members.map(({ payload }) => payload.personId))
  })

  it('lets through members of at least one of the groups, and nobody for no groups', async () => {
    const [a, b, c, unknown] = Array.from({ length: 4 }, () => newTestId<GroupId>())
    const inA = anIndexEntry({ groups: [a!, c!] })
    const inB = anIndexEntry({ groups: [b!] })
    const inNone = anIndexEntry()
    await index().upsert([inA, inB, inNone])
    const found = (groups: readonly GroupId[] | null) =>
      personsFound(index(), { filter: { groups, field: null } })
    const [idA, idB, idNone] = [inA, inB, inNone].map(({ payload }) => payload.personId)
    expect(await found([a!])).toEqual([idA])
    expect(await found([b!, c!, unknown!])).toEqual([idA, idB])
    expect(await found([unknown!])).toEqual([])
    expect(await found([])).toEqual([])
    expect(await found(null)).toEqual([idA, idB, idNone])
  })

  it.each(['name', 'externalId'] as const)('compares %s exactly and by case', async (field) => {
    const [ada, lower, other] = ['Ada', 'ada', 'Åda 1'].map((text) => anIndexEntry({ [field]: text }))
    await index().upsert([ada!, lower!, other!])
    const found = (op: 'in' | 'nin', ...values: string[]) =>
      personsFound(index(), { filter: { groups: null, field: { field, op, values } } })
    const [idAda, idLower, idOther] = [ada!, lower!, other!].map(({ payload }) => payload.personId)
    expect(await found('in', 'Ada')).toEqual([idAda])
    expect(await found('in', 'ada', 'Åda 1', 'Ad')).toEqual([idLower, idOther])
    expect(await found('nin', 'Ada', 'Ad')).toEqual([idLower, idOther])
    expect(await found('in')).toEqual([])
    expect(await found('nin')).toEqual([idAda, idLower, idOther])
  })

  it('counts a person without an external id as not in any list of them', async () => {
    const [without, withOne] = [anIndexEntry(), anIndexEntry({ externalId: 'a-1' })]
    await index().upsert([without, withOne])
    const found = (op: 'in' | 'nin', ...values: string[]) =>
      personsFound(index(), { filter: { groups: null, field: { field: 'externalId', op, values } } })
    expect(await found('nin', 'a-1')).toEqual([without.payload.personId])
    expect(await found('in', 'a-1', '')).toEqual([withOne.payload.personId])
  })

  it('counts the images that a filter lets through, several of one person as well', async () => {
    const group = newTestId<GroupId>()
    const personId = newTestId<PersonId>()
    const member = { groups: [group], personId, name: 'Ada' }
    await index().upsert([anIndexEntry(member), anIndexEntry(member), anIndexEntry({ name: 'Bob' })])
    const count = (groups: readonly GroupId[] | null, field: FieldFilter | null = null) =>
      index().countMatching({ groups, field })
    expect(await count(null)).toBe(3)
    expect(await count([group])).toBe(2)
    expect(await count([])).toBe(0)
    expect(await count([newTestId<GroupId>()])).toBe(0)
    expect(await count(null, isIn('name', 'Bob'))).toBe(1)
    expect(await count(null, { field: 'name', op: 'nin', values: ['Bob'] })).toBe(2)
    expect(await count([group], isIn('name', 'Bob'))).toBe(0)
  })

  it('tells whose some of the images are that a filter lets through, spread over all of them', async () => {
    const group = newTestId<GroupId>()
    const [ada, bob] = [newTestId<PersonId>(), newTestId<PersonId>()]
    const entries = [ada, bob].flatMap((personId) =>
      Array.from({ length: 1_500 }, () =>
        anIndexEntry({ personId, groups: personId === ada ? [group] : [] }),
      ),
    )
    await index().upsert(entries)
    const sample = (limit: number, groups: readonly GroupId[] | null = null, persons?: readonly PersonId[]) =>
      index().sampleMatching({ filter: { groups, field: null, ...(persons && { persons }) }, limit })
    const some = await sample(1_000)
    expect(some).toHaveLength(1_000)
    // 500 of each; drawn at random, once in 10^9 times it is out of these bounds.
    const share = some.filter((id) => id === ada).length / 1_000
    expect(share).toBeGreaterThan(0.4)
    expect(share).toBeLessThan(0.6)
    expect(new Set(await sample(100, [group]))).toEqual(new Set([ada]))
    expect(await sample(7, null, [bob])).toEqual(Array(7).fill(bob))
    expect([await sample(9, []), await sample(9, [newTestId<GroupId>()])]).toEqual([[], []])
    await index().remove(entries.slice(2).map(({ imageId }) => imageId))
    expect(await sample(1_000)).toEqual([ada, ada])
  })

  it('asks all parts of a filter to hold', async () => {
    const group = newTestId<GroupId>()
    const both = anIndexEntry({ groups: [group], name: 'Eve' })
    await index().upsert([both, anIndexEntry({ groups: [group] }), anIndexEntry({ name: 'Eve' })])
    const filter = { groups: [group], field: isIn('name', 'Eve') }
    expect(await personsFound(index(), { filter })).toEqual([both.payload.personId])
  })

  it('looks among named persons alone, whoever else is nearer, and beside all other parts', async () => {
    const group = newTestId<GroupId>()
    const crowd = Array.from({ length: 50 }, () => anIndexEntry({ descriptor: aSignDescriptorAt(1) }))
    const [near, far, other] = [0.5, 0, 0.25].map((cosine) =>
      anIndexEntry({ groups: [group], descriptor: aSignDescriptorAt(cosine) }),
    )
    await index().upsert([...crowd, near!, far!, other!])
    const [nearId, farId] = [near!.payload.personId, far!.payload.personId]
    const found = (persons: readonly PersonId[] | null, more: object = {}) =>
      personsFound(index(), { filter: { groups: [group], field: null, persons }, limit: 5, ...more })
    expect(await found([farId, newTestId<PersonId>(), nearId])).toEqual([nearId, farId])
    expect(await found([farId, nearId], { exclude: [nearId] })).toEqual([farId])
    expect(await found([newTestId<PersonId>()])).toEqual([])
    expect(await found([])).toEqual([])
    expect(await found(null)).toHaveLength(3)
    const count = (persons: readonly PersonId[]) =>
      index().countMatching({ groups: null, field: null, persons })
    expect([await count([nearId, farId]), await count([])]).toEqual([2, 0])
  })

  it('leaves out excluded persons and fills up with the next ones', async () => {
    const entries = [1, 0.75, 0.5, 0.25].map((cosine) =>
      anIndexEntry({ descriptor: aSignDescriptorAt(cosine) }),
    )
    await index().upsert(entries)
    const ids = entries.map(({ payload }) => payload.personId)
    const exclude = [ids[0]!, ids[2]!, newTestId<PersonId>()]
    expect(await personsFound(index(), { limit: 2, exclude })).toEqual([ids[1], ids[3]])
    expect(await personsFound(index(), { limit: 2, exclude: ids })).toEqual([])
  })
}
