import { describe, expect, it } from 'vitest'
import type { GalleryPorts } from '../gallery-ports.ts'
import { changeMembers } from '../groups/change-members.ts'
import { identify } from '../identification/identify.ts'
import type { PersonId } from '../ids.ts'
import { addImage } from '../images/add-image.ts'
import { deleteImage } from '../images/delete-image.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { updatePerson } from '../persons/update-person.ts'
import {
  anEnrollment,
  describeRace,
  enroll,
  type FamilyGallery,
  leaveDebris,
  makeGroup,
  makePerson,
  makePersonAt,
  openTestGallery,
  PROBE,
  reconcileUntilSettled,
  shownPerson,
  shownPersons,
  withClockApart,
} from '../testing/index.ts'
import { reconcile } from './reconcile.ts'

const MINUTE = 60_000

/** Has expired by the store's clock, half a minute ago; by one that is a minute slow it is still there. */
async function anExpiredPerson(gallery: FamilyGallery) {
  const { id } = await makePerson(gallery, { expireAt: gallery.clock.now() + MINUTE })
  const image = await enroll(gallery, id)
  await gallery.age(1.5 * MINUTE)
  return { id, image }
}

const slow = (gallery: FamilyGallery, from: GalleryPorts) => ({
  ...from,
  clock: withClockApart(gallery, -MINUTE).clock,
})
const purge = (from: GalleryPorts) => reconcile(from, { waitsForOthers: true })

type Act = (
  from: GalleryPorts,
  on: Awaited<ReturnType<typeof anExpiredPerson>> & { readonly group: Awaited<ReturnType<typeof makeGroup>> },
) => Promise<unknown>

const ACTS: Readonly<Record<string, Act>> = {
  'adding a picture': (from, { id }) => addImage(from, anEnrollment(from, id, { variation: 2 })),
  'deleting a picture': (from, { id, image }) => deleteImage(from, { personId: id, imageId: image.id }),
  'changing the person': (from, { id, group }) => updatePerson(from, { id, name: 'Grace', groups: [group] }),
  'changing the members': (from, { id, group }) =>
    changeMembers(from, { groupId: group, add: [id], remove: [] }),
  'deleting the person': (from, { id }) => deletePerson(from, id),
}

for (const [name, act] of Object.entries(ACTS)) {
  await describeRace(`${name} by a slow clock, and the purge of the expired`, async (gallery) => {
    const on = { ...(await anExpiredPerson(gallery)), group: await makeGroup(gallery) }
    return {
      first: (from) => act(slow(gallery, from), on),
      second: purge,
      check: async (to) => expect((await to.records.persons.find(on.id))?.state ?? 'gone').toBe('gone'),
    }
  })

  await describeRace(`the purge of the expired, and ${name} by a slow clock`, async (gallery) => {
    const on = { ...(await anExpiredPerson(gallery)), group: await makeGroup(gallery) }
    return {
      first: purge,
      second: (from) => act(slow(gallery, from), on),
      check: async (to) => expect((await to.records.persons.find(on.id))?.state ?? 'gone').toBe('gone'),
    }
  })
}

type Outcome = Awaited<ReturnType<typeof updatePerson>>

/** Whoever was told that the person stays finds the person; whoever was told 404 finds nobody. */
async function expectKeptIf(answer: Outcome | null, id: PersonId, to: FamilyGallery): Promise<void> {
  const state = (await to.records.persons.find(id))?.state ?? 'gone'
  if (answer === null) expect(['live', 'gone']).toContain(state)
  else expect(state).toBe(answer.outcome === 'updated' ? 'live' : 'gone')
}

for (const [name, change] of [
  ['putting the expiry off', { expireAt: Number.MAX_SAFE_INTEGER / 2 }],
  ['taking the expiry away', { expireAt: null }],
] as const) {
  const putOff = (gallery: FamilyGallery, from: GalleryPorts, id: PersonId) =>
    updatePerson(slow(gallery, from), { id, ...change })

  await describeRace(`${name} by a slow clock, and the purge of the expired`, async (gallery) => {
    const { id } = await anExpiredPerson(gallery)
    return {
      first: (from) => putOff(gallery, from, id),
      second: purge,
      check: (to, { first }) => expectKeptIf(first, id, to),
    }
  })

  await describeRace(`the purge of the expired, and ${name} by a slow clock`, async (gallery) => {
    const { id } = await anExpiredPerson(gallery)
    return {
      first: purge,
      second: (from) => putOff(gallery, from, id),
      check: (to, { second }) => expectKeptIf(second, id, to),
    }
  })
}

await describeRace(
  'two reconcilers, with one of everything to mend',
  async (gallery) => {
    const { hidden } = await leaveDebris(gallery)
    return {
      first: purge,
      second: purge,
      check: async (to) => {
        const shown = (await shownPersons(to)).flatMap(({ images }) => images.map(({ id }) => id))
        for (const id of hidden) expect(shown).not.toContain(id)
      },
    }
  },
  { maxPoints: 12 },
)

describe('expiry', () => {
  it('is judged by the store where it deletes, so that a clock a minute fast deletes nobody early', async () => {
    const gallery = openTestGallery()
    const { id } = await makePerson(gallery, { expireAt: gallery.clock.now() + MINUTE / 2 })
    await enroll(gallery, id)
    await reconcile(withClockApart(gallery, MINUTE), { waitsForOthers: true })
    expect(await shownPerson(gallery, id)).not.toBeNull()
    await gallery.age(MINUTE / 2)
    await reconcileUntilSettled(gallery, true)
    expect(await gallery.records.persons.find(id)).toMatchObject({ state: 'gone' })
  })

  it('ends for good with the purge, also for a reader whose clock is a minute slow', async () => {
    const gallery = openTestGallery()
    await makePersonAt(gallery, 0.9, { expireAt: gallery.clock.now() + MINUTE / 2 })
    await gallery.age(MINUTE / 2)
    const query = { groupIds: [], field: null, threshold: 2, limit: 10 }
    expect(await identify(gallery, { probe: PROBE, query })).toEqual([])
    await purge(gallery)
    expect(await identify(withClockApart(gallery, -MINUTE), { probe: PROBE, query })).toEqual([])
  })
})
