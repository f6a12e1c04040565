import { beforeEach, expect, it } from 'vitest'
import type { GroupId } from '../ids.ts'
import {
  anIndexEntry,
  aPerson,
  createFakeFaceEngine,
  enroll,
  fakeDescriptor,
  makeGroup,
  makePerson,
  newTestId,
  openTestGallery,
  type TestGallery,
} from '../testing/index.ts'
import type { IdentifyQuery } from './identify.ts'
import { aimSearch } from './search-reach.ts'

const engine = createFakeFaceEngine()
const QUERY: IdentifyQuery = { groupIds: [], field: null, threshold: 1, limit: 10 }

let gallery: TestGallery
let group: GroupId
beforeEach(async () => {
  gallery = openTestGallery()
  group = await makeGroup(gallery)
  for (const name of ['Ada', 'Bob', 'Cy', 'Dee']) {
    const groups = name === 'Ada' ? [group] : []
    const { id } = await makePerson(gallery, { name, groups })
    await enroll(gallery, id, { identity: name })
  }
})

const aim = (query: Partial<IdentifyQuery>, probes = 1) =>
  aimSearch({ gallery, engine }, { query: { ...QUERY, ...query }, pairing: 'richCheap', probes })

it('leaves a search by distance as it is', async () => {
  expect(await aim({ threshold: 0.7 })).toEqual({ query: { ...QUERY, threshold: 0.7 }, reach: null })
})

it('goes as far as the number of images allows', async () => {
  // One in 100,000 pairs is nearer than 0.6 by the fake tail: the operating point.
  expect((await aim({ targetFpir: 4e-5 })).reach?.threshold).toBeCloseTo(1, 3)
  const { query, reach } = await aim({ targetFpir: 4e-7 })
  // 1e-7: a cosine of 0.8, half of the way from the operating point to the same face.
  expect(query.threshold).toBeCloseTo(0.5, 3)
  expect(reach).toEqual({ threshold: query.threshold, expectedFalseMatches: expect.closeTo(4e-7, 10) })
})

it('counts what the filter lets through', async () => {
  const [everybody, one, nobody] = await Promise.all(
    [{}, { groupIds: [group] }, { groupIds: [newTestId<GroupId>()] }].map((where) =>
      aim({ ...where, targetFpir: 1e-5 }),
    ),
  )
  expect(one?.reach?.threshold).toBeCloseTo(1, 3)
  expect(everybody?.reach?.threshold).toBeLessThan(1)
  // As if there were one: somebody may be enrolled before the search is made.
  expect(nobody?.reach).toEqual({ threshold: one?.reach?.threshold, expectedFalseMatches: 0 })
})

it('is stricter with several probes, of which the nearest counts', async () => {
  const [one, two] = [await aim({ targetFpir: 1e-4 }), await aim({ targetFpir: 2e-4 }, 2)]
  expect(two.reach?.threshold).toBeCloseTo(one.reach?.threshold ?? Number.NaN, 4)
})

it('refuses a target by a pack that nobody has measured', async () => {
  const { impostorTails: _, ...calibration } = engine.calibration
  const unmeasured = { packId: engine.packId, calibration }
  const query = { ...QUERY, targetFpir: 0.01 }
  const aiming = aimSearch({ gallery, engine: unmeasured }, { query, pairing: 'richCheap' })
  await expect(aiming).rejects.toMatchObject({ code: 'E_PACK_UNMEASURED', retryable: false })
})

/** So many persons of whom a search by these metadata has to look at more than an index is told by their ids. */
async function crowd(metadata: object): Promise<ReturnType<typeof aPerson>[]> {
  const persons = Array.from({ length: 10_001 }, () => aPerson({ metadata: JSON.stringify(metadata) }))
  for (const person of persons) await gallery.records.persons.insert(person)
  // The store in memory looks through all metadata for each thousand of ids.
  const ids = persons.map(({ id }) => id).toSorted()
  gallery.records.persons.listIds = async ({ after, limit }) =>
    ids.slice(after === null ? 0 : ids.indexOf(after) + 1).slice(0, limit)
  return persons
}

const descriptor = fakeDescriptor('crowd', 0, 'rich')
const imagesOf = (
  count: number,
  { id: personId, groups }: Pick<ReturnType<typeof aPerson>, 'id' | 'groups'>,
) => Array.from({ length: count }, () => anIndexEntry({ personId, groups, descriptor }))

it('counts those with metadata that very many have, not the whole gallery', async () => {
  const [site, elsewhere] = [newTestId<GroupId>(), aPerson()]
  await gallery.records.groups.insert({ id: site, name: '', metadata: '{}', createdAt: 0, state: 'live' })
  const persons = await crowd({ site: 'A' })
  await gallery.records.persons.insert(elsewhere)
  const there = persons.slice(0, 600).flatMap((person) => imagesOf(1, { ...person, groups: [site] }))
  await gallery.index.upsert([...there, ...imagesOf(5_400, elsewhere)])
  const metadata = [{ path: ['site'], value: 'A' }]
  const [byMetadata, byGroup, byBoth, byOther] = await Promise.all([
    aim({ metadata, targetFpir: 0.01 }),
    aim({ groupIds: [site], targetFpir: 0.01 }),
    aim({ groupIds: [site], metadata, targetFpir: 0.01 }),
    aim({ groupIds: [group], metadata, targetFpir: 0.01 }),
  ])
  // A sample of 1,000 of the 6,004 images tells it to the image or so.
  expect(byMetadata.query.threshold).toBeCloseTo(byGroup.query.threshold, 3)
  expect(byMetadata.reach?.expectedFalseMatches).toBeCloseTo(0.01, 3)
  expect(byBoth).toMatchObject({ query: { threshold: byGroup.query.threshold } })
  expect(byOther.reach?.expectedFalseMatches).toBe(0)
})

it('counts no fewer than it has met, however few of a sample they are', async () => {
  const [first, ...others] = await crowd({ site: 'A' })
  const elsewhere = aPerson()
  await gallery.records.persons.insert(elsewhere)
  await gallery.index.upsert([
    ...imagesOf(5_000, elsewhere),
    ...imagesOf(3, first!),
    ...imagesOf(2, others[0]!),
  ])
  const metadata = [{ path: ['site'], value: 'A' }]
  const sampleMatching = async () => [elsewhere.id]
  const unlucky = { ...gallery, index: { ...gallery.index, sampleMatching } }
  const query = { ...QUERY, metadata, targetFpir: 5e-5 }
  const { reach } = await aimSearch({ gallery: unlucky, engine }, { query, pairing: 'richCheap' })
  // Five images: each may be taken for somebody once in 100,000 times, which is the operating point.
  expect(reach?.threshold).toBeCloseTo(1, 3)
})
