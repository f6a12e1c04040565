import { beforeEach, describe, expect, it } from 'vitest'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { GroupId, ImageId } from '../ids.ts'
import {
  anEnrollment,
  aPerson,
  makeGroup,
  makePerson,
  openTestGallery,
  reconcileUntilSettled,
  type TestGallery,
} from '../testing/index.ts'
import { reconcile } from './reconcile.ts'
import { RecordBackoff } from './record-backoff.ts'

const SECOND = 1_000
const DAY = 86_400_000

let gallery: TestGallery
beforeEach(() => {
  gallery = openTestGallery()
})

/** Records of pictures whose deletion somebody left half done, oldest first. */
async function leaveDeleting(count: number): Promise<readonly ImageId[]> {
  const { id } = await makePerson(gallery)
  const drafts = Array.from({ length: count }, () => anEnrollment(gallery, id).draft)
  for (const draft of drafts) await gallery.records.images.insert({ ...draft, state: 'deleting' })
  return drafts.map((draft) => draft.id)
}

/** The same gallery, with pictures that cannot be deleted; each try is noted. */
function withBadSectors(bad: ReadonlySet<string>) {
  const tries: string[] = []
  const pictures: GalleryPorts['pictures'] = {
    ...gallery.pictures,
    delete: async (id, waiting) => {
      tries.push(id)
      if (bad.has(id)) throw new Error('a bad sector')
      await gallery.pictures.delete(id, waiting)
    },
  }
  return { sick: { ...gallery, pictures }, tries }
}

const stateOf = async (id: ImageId) => (await gallery.records.images.find(id))?.state

describe('records that always fail', () => {
  it('do not keep the ones behind them waiting, however many they are', async () => {
    const bad = await leaveDeleting(450)
    gallery.clock.advance(SECOND)
    const good = await leaveDeleting(3)
    gallery.clock.advance(30 * SECOND)
    const { sick } = withBadSectors(new Set(bad))
    const done = await reconcile(sick, { waitsForOthers: true })
    for (const id of good) expect(await stateOf(id)).toBe('gone')
    expect(done).toMatchObject({ failed: 450, hasMore: false })
    expect(done.found['deleting-image']).toBe(453)
  })

  it('are tried less and less often, and never given up', async () => {
    const bad = await leaveDeleting(1)
    gallery.clock.advance(30 * SECOND)
    const { sick, tries } = withBadSectors(new Set(bad))
    const backoff = new RecordBackoff(gallery.clock)
    const triedAt: number[] = []
    for (let second = 0; second < 1200; second += 10) {
      const before = tries.length
      await reconcile(sick, { waitsForOthers: true, backoff })
      if (tries.length > before) triedAt.push(second)
      gallery.clock.advance(10 * SECOND)
    }
    expect(triedAt).toEqual([0, 10, 30, 70, 150, 310, 610, 910])
    await reconcile(gallery, { waitsForOthers: true, backoff })
    expect(await stateOf(bad[0]!)).toBe('deleting')
    gallery.clock.advance(300 * SECOND)
    await reconcile(gallery, { waitsForOthers: true, backoff })
    expect(await stateOf(bad[0]!)).toBe('gone')
  })

  it('are not blamed for a store that is away: all are mended once it is back', async () => {
    const ids = await leaveDeleting(300)
    gallery.clock.advance(30 * SECOND)
    const away = () => Promise.reject(new Error('away'))
    const without = { ...gallery, index: { ...gallery.index, remove: away, check: away } }
    const backoff = new RecordBackoff(gallery.clock)
    const done = await reconcile(without, { waitsForOthers: true, backoff })
    // Far fewer than there are: each costs a line in the log, and time.
    expect(done.failed).toBeLessThan(50)
    expect(done.hasMore).toBe(false)
    await reconcile(gallery, { waitsForOthers: true, backoff })
    for (const id of ids) expect(await stateOf(id)).toBe('gone')
  })
})

describe('a pass with more than it can do', () => {
  it('says so when its time is up, and has looked at every kind', async () => {
    await leaveDeleting(500)
    await gallery.records.persons.insert(aPerson({ dirty: true }))
    gallery.clock.advance(30 * SECOND)
    const slow = { ...gallery.pictures, delete: async () => gallery.clock.advance(100) }
    const done = await reconcile({ ...gallery, pictures: slow }, { waitsForOthers: true })
    expect(done.hasMore).toBe(true)
    expect(done.found['deleting-image']).toBeLessThan(60)
    expect(done.found['dirty-person']).toBe(1)
  })

  it('says so when a person has more pictures than it takes at a time', async () => {
    const { id } = await makePerson(gallery)
    for (let i = 0; i < 300; i++) {
      await gallery.records.images.insert({ ...anEnrollment(gallery, id).draft, state: 'ready' })
    }
    const { rev } = (await gallery.records.persons.find(id))!
    await gallery.records.persons.update({ id, rev }, { state: 'deleting' })
    gallery.clock.advance(30 * SECOND)
    expect((await reconcile(gallery, { waitsForOthers: true })).hasMore).toBe(true)
    expect((await reconcile(gallery, { waitsForOthers: true })).hasMore).toBe(false)
    expect(await gallery.records.persons.find(id)).toMatchObject({ state: 'gone' })
  })

  it('ends between two records when told to, with none at work any more', async () => {
    const ids = await leaveDeleting(100)
    const stopping = new AbortController()
    let calls = 0
    const pictures: GalleryPorts['pictures'] = {
      ...gallery.pictures,
      delete: async (id, waiting) => {
        if (++calls === 10) stopping.abort(new Error('stop'))
        await gallery.pictures.delete(id, waiting)
      },
    }
    const stopped = reconcile({ ...gallery, pictures }, { waitsForOthers: false, signal: stopping.signal })
    await expect(stopped).rejects.toThrow('stop')
    const callsThen = calls
    await new Promise(setImmediate)
    expect(calls).toBe(callsThen)
    const states = await Promise.all(ids.map(stateOf))
    expect(states.filter((state) => state === 'deleting').length).toBeGreaterThan(80)
    expect(gallery.deferred).toEqual([])
    await reconcileUntilSettled(gallery, false)
  })
})

describe('a group that is gone', () => {
  it('leaves the record of a person whose writer died after naming it, before the tombstone goes', async () => {
    const kept = await makeGroup(gallery)
    const doomed = gallery.newId<GroupId>()
    await gallery.records.groups.insert({ id: doomed, name: '', metadata: '{}', createdAt: 0, state: 'gone' })
    const { id } = await makePerson(gallery, { groups: [kept] })
    const person = (await gallery.records.persons.find(id))!
    await gallery.records.persons.update(person, { groups: [doomed, kept] })
    gallery.clock.advance(DAY)
    await reconcile(gallery, { waitsForOthers: true })
    expect((await gallery.records.persons.find(id))?.groups).toEqual([kept])
    expect(await gallery.records.groups.find(doomed)).toBeNull()
  })
})
