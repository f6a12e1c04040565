import { beforeEach, describe, expect, it } from 'vitest'
import { deleteGroup } from '../groups/delete-group.ts'
import type { GroupId } from '../ids.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { reconcile } from '../reconciliation/reconcile.ts'
import {
  aCandidacy,
  createNaiveExclusive,
  enroll,
  expectSettled,
  makeGroup,
  makePerson,
  openTestGallery,
  reconcileUntilSettled,
  shownPersons,
  type TestGallery,
} from '../testing/index.ts'
import { identifyOrCreate, NEWCOMER_LEASE, wasShown } from './identify-or-create.ts'

const MINUTE = 60_000

let gallery: TestGallery
beforeEach(() => {
  gallery = openTestGallery()
})

describe('identifyOrCreate', () => {
  it('makes one person of 8 identical searches at once; the other seven find that person', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => identifyOrCreate(gallery, aCandidacy(gallery, { identity: 'ada' }))),
    )
    const created = outcomes.flatMap((one) => (one.outcome === 'created' ? [one.created.person.id] : []))
    const found = outcomes.flatMap((one) => (one.outcome === 'found' ? one.persons : []))
    expect(created).toHaveLength(1)
    expect(found.map(({ person }) => person.id)).toEqual(Array(7).fill(created[0]))
    expect(await shownPersons(gallery)).toHaveLength(1)
    await expectSettled(gallery)
  })

  it('makes as many persons as there are strangers', async () => {
    const outcomes = await Promise.all(
      ['ada', 'bob', 'eve'].map((identity) => identifyOrCreate(gallery, aCandidacy(gallery, { identity }))),
    )
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created'])
  })

  it('answers a repeated run with the person that the first one made', async () => {
    const candidacy = aCandidacy(gallery, { identity: 'ada' })
    const first = await identifyOrCreate(gallery, candidacy)
    expect(await identifyOrCreate(gallery, candidacy)).toEqual(first)
  })

  it('answers so at any age, and when the group of the newcomer was deleted since', async () => {
    const group = await makeGroup(gallery)
    const candidacy = aCandidacy(gallery, { identity: 'ada', groupIds: [group] })
    await identifyOrCreate(gallery, candidacy)
    await deleteGroup(gallery, group)
    const personId = candidacy.newcomer.personId
    const created = { outcome: 'created', created: { person: { id: personId, groups: [] } } }
    expect(await identifyOrCreate(gallery, candidacy)).toMatchObject(created)
    gallery.clock.advance(61 * MINUTE)
    expect(await identifyOrCreate(gallery, candidacy)).toMatchObject(created)
    await deletePerson(gallery, personId)
    await expect(identifyOrCreate(gallery, candidacy)).rejects.toMatchObject({ code: 'E_STALE_ID' })
  })

  it('does not bring back a newcomer who was deleted since', async () => {
    const candidacy = aCandidacy(gallery, { identity: 'ada' })
    await identifyOrCreate(gallery, candidacy)
    await deletePerson(gallery, candidacy.newcomer.personId)
    expect(await identifyOrCreate(gallery, candidacy)).toEqual({ outcome: 'not-created' })
    expect(await shownPersons(gallery)).toEqual([])
    await expectSettled(gallery)
    expect(wasShown((await gallery.records.persons.find(candidacy.newcomer.personId))!)).toBe(true)
  })

  it('leaves of a newcomer that it took back a record by which that is told', async () => {
    const candidacy = aCandidacy(gallery, { identity: 'ada' })
    const exclusive: typeof gallery.exclusive = {
      run: (key, task, waiting) =>
        gallery.exclusive.run(
          key,
          (lease) =>
            task({ committed: null, lost: lease.lost, commit: async () => false, settle: async () => {} }),
          waiting,
        ),
    }
    expect(await identifyOrCreate({ ...gallery, exclusive }, candidacy)).toEqual({ outcome: 'not-created' })
    const person = (await gallery.records.persons.find(candidacy.newcomer.personId))!
    expect([person.state, wasShown(person)]).toEqual(['gone', false])
  })

  it('puts the newcomer into the groups that were searched, else into the Default group', async () => {
    const group = await makeGroup(gallery)
    const candidacies = [
      aCandidacy(gallery, { identity: 'ada', groupIds: [group] }),
      aCandidacy(gallery, { identity: 'bob' }),
    ]
    for (const candidacy of candidacies) await identifyOrCreate(gallery, candidacy)
    const standard = await gallery.records.settings.readDefaultGroup()
    const shown = await shownPersons(gallery)
    expect(shown.map(({ person }) => person.groups)).toContainEqual([group])
    expect(shown.map(({ person }) => person.groups)).toContainEqual([standard])
  })

  it('makes a newcomer of somebody known outside the groups only', async () => {
    const group = await makeGroup(gallery)
    const { id } = await makePerson(gallery)
    await enroll(gallery, id, { identity: 'ada' })
    const candidacy = aCandidacy(gallery, { identity: 'ada', groupIds: [group] })
    expect((await identifyOrCreate(gallery, candidacy)).outcome).toBe('created')
  })

  it('makes nobody in groups that are unknown or deleted, and names them', async () => {
    const [dead, unknown] = [await makeGroup(gallery), gallery.newId<GroupId>()]
    await deleteGroup(gallery, dead)
    const candidacy = aCandidacy(gallery, { identity: 'ada', groupIds: [dead, unknown] })
    expect(await identifyOrCreate(gallery, candidacy)).toEqual({
      outcome: 'unknown-groups',
      groups: [dead, unknown],
    })
  })

  it('lets the newcomer expire after the seconds given', async () => {
    await identifyOrCreate(gallery, aCandidacy(gallery, { identity: 'ada', ttlSeconds: 60 }))
    gallery.clock.advance(MINUTE - 1)
    expect(await shownPersons(gallery)).toHaveLength(1)
    gallery.clock.advance(1)
    expect(await shownPersons(gallery)).toEqual([])
  })

  it('is refused with E_STALE_ID an hour after its ids were made', async () => {
    const candidacy = aCandidacy(gallery, { identity: 'ada' })
    gallery.clock.advance(61 * MINUTE)
    await expect(identifyOrCreate(gallery, candidacy)).rejects.toMatchObject({ code: 'E_STALE_ID' })
  })

  it('stops when its caller leaves before it writes, and goes on when the caller leaves after', async () => {
    const reason = new Error('the caller left')
    const leaving = new AbortController()
    const first = aCandidacy(gallery, { identity: 'ada' })
    await expect(identifyOrCreate(gallery, first, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(await shownPersons(gallery)).toEqual([])
    const put: typeof gallery.pictures.put = (id, bytes, waiting) => {
      leaving.abort(reason)
      return gallery.pictures.put(id, bytes, waiting)
    }
    const pictures = { ...gallery.pictures, put }
    const second = await identifyOrCreate({ ...gallery, pictures }, first, leaving)
    expect(second.outcome).toBe('created')
    await expectSettled(gallery)
  })
})

describe('a newcomer whose holder died', () => {
  /** As far as a holder gets before the commit; with the age that person and image have then. */
  async function leavePending(personAgeMs: number, imageAgeMs: number) {
    const candidacy = aCandidacy(gallery, { identity: 'ada' })
    const { personId, imageId } = candidacy.newcomer
    await identifyOrCreate(gallery, candidacy)
    const person = (await gallery.records.persons.find(personId))!
    gallery.clock.advance(Math.max(0, personAgeMs - imageAgeMs))
    await gallery.records.images.move(imageId, { from: ['ready'], to: 'pending' })
    gallery.clock.advance(Math.max(0, imageAgeMs - personAgeMs))
    await gallery.records.persons.update({ id: personId, rev: person.rev }, { state: 'pending' })
    gallery.clock.advance(Math.min(personAgeMs, imageAgeMs))
    return { personId, imageId }
  }

  it('keeps the image as long as the person is not judged, which only a holder of the lease may do', async () => {
    const { imageId } = await leavePending(MINUTE, 3 * MINUTE)
    await reconcile(gallery, { waitsForOthers: true })
    expect(await gallery.records.images.find(imageId)).toMatchObject({ state: 'pending' })
    gallery.clock.advance(MINUTE)
    await reconcile(gallery, { waitsForOthers: true })
    expect(await gallery.records.images.find(imageId)).toMatchObject({ state: 'gone' })
  })

  it('is never shown without the image', async () => {
    gallery = openTestGallery({ exclusive: createNaiveExclusive() })
    const { personId, imageId } = await leavePending(0, 0)
    await gallery.records.images.move(imageId, { from: ['pending'], to: 'gone' })
    const commit = `${personId} ${imageId}`
    await gallery.exclusive.run(NEWCOMER_LEASE, async (lease) => void (await lease.commit(commit)))
    await reconcileUntilSettled(gallery, false)
    expect(await shownPersons(gallery)).toEqual([])
  })
})
