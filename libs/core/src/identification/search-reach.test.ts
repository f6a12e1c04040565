import { beforeEach, expect, it } from 'vitest'
import type { GroupId } from '../ids.ts'
import {
  createFakeFaceEngine,
  enroll,
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
