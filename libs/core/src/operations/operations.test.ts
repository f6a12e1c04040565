import { describe, expect, it } from 'vitest'
import { distanceOf } from '../calibration.ts'
import { cosineBetween } from '../descriptor.ts'
import { AppError, noWorker, storeUnavailable } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { OperationId } from '../ids.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { mergePersons } from '../persons/merge-persons.ts'
import { updatePerson } from '../persons/update-person.ts'
import { aDeletion, aDuplicateSearch, enroll, makeGroup, makePerson, newTestId } from '../testing/index.ts'
import {
  CALIBRATION,
  type OperationInstallation as Installation,
  openOperationInstallation as installation,
} from '../testing/operation-installation.ts'
import { beginDeletion, countPersons } from './delete-persons.ts'
import { changeOperation } from './manage-operations.ts'

async function makeMany(gallery: Installation['gallery'], count: number, given: object = {}) {
  const persons = []
  for (let i = 0; i < count; i++) persons.push(await makePerson(gallery, given))
  return persons
}

describe('the deletion of many persons', () => {
  it('deletes those to whom the filter applies, and no other', async () => {
    const { gallery, operations, start, begin, untilEnded, visible, find } = installation()
    const groupId = await makeGroup(gallery)
    const members = await makeMany(gallery, 250, { groups: [groupId] })
    const [other] = await makeMany(gallery, 3)
    await enroll(gallery, members[7]!.id)
    await enroll(gallery, other!.id)
    expect(await countPersons(gallery, { groupId })).toEqual({ persons: 250, images: 1 })
    expect(await countPersons(gallery, { groupId, hasImages: false })).toEqual({ persons: 249, images: 0 })
    const id = await begin({ groupId }, 250)
    expect(await find(id)).toMatchObject({ state: 'running', total: 250 })
    start()
    await untilEnded(id)
    expect(await find(id)).toMatchObject({
      state: 'done',
      done: 250,
      skipped: 0,
      parameters: { filter: null },
    })
    expect(await visible()).toBe(3)
    expect((await gallery.records.persons.find(members[7]!.id))?.state).toBe('gone')
    expect((await gallery.indexed()).length).toBe(1)
    expect(await operations.targets.next(id, 0)).toBeNull()
  })

  it('is refused if there is another number of them', async () => {
    const { gallery, operations, visible } = installation()
    await makeMany(gallery, 3)
    const id = newTestId<OperationId>()
    const begun = await beginDeletion({ gallery, operations }, { id, filter: {}, count: 2 })
    expect(begun).toEqual({ outcome: 'other-count', persons: 3 })
    expect(await operations.records.find(id)).toBeNull()
    expect(await visible()).toBe(3)
  })

  it('leaves alone who was made, came to match or ceased to match since it was asked', async () => {
    const { gallery, start, begin, untilEnded, find } = installation()
    const persons = await makeMany(gallery, 4, { name: 'Old' })
    const [late] = await makeMany(gallery, 1, { name: 'Other' })
    const id = await begin({ name: 'Old' }, 4)
    const [fresh] = await makeMany(gallery, 1, { name: 'Old' })
    await updatePerson(gallery, { id: late!.id, name: 'Old' })
    await updatePerson(gallery, { id: persons[0]!.id, name: 'New' })
    await deletePerson(gallery, persons[1]!.id)
    start()
    await untilEnded(id)
    expect(await find(id)).toMatchObject({ state: 'done', done: 4, skipped: 1 })
    const states = await gallery.records.persons.findMany([persons[0]!.id, late!.id, fresh!.id])
    expect(states.map(({ state }) => state)).toEqual(['live', 'live', 'live'])
    const gone = await gallery.records.persons.findMany([persons[2]!.id, persons[3]!.id])
    expect(gone.map(({ state }) => state)).toEqual(['gone', 'gone'])
  })

  it('goes on in another process, wherever one dies', async () => {
    const { gallery, operations, begin, start, untilEnded, visible, find } = installation()
    await makeMany(gallery, 350)
    const id = await begin({}, 350)
    // Each process dies after some more calls to the store of records.
    for (let calls = 5; calls < 900; calls += 180) {
      const dying = start({ gallery: dyingAfter(gallery, calls) })
      await new Promise((resolve) => setTimeout(resolve, 150))
      await dying.stop()
    }
    start()
    await untilEnded(id)
    expect(await find(id)).toMatchObject({ state: 'done', done: 350, skipped: 0 })
    expect(await visible()).toBe(0)
    expect(await operations.targets.next(id, 0)).toBeNull()
  })

  it('has failed if whoever wrote down whom it is about has died meanwhile', async () => {
    const { operations, start, untilEnded, find } = installation()
    const made = { state: 'preparing', parameters: { filter: { name: 'Ada' } } } as const
    const [old, fresh] = [aDeletion(made), aDeletion({ ...made, updatedAt: Date.now() })]
    for (const one of [old, fresh]) await operations.records.insert(one)
    await operations.targets.add(old.id, [{ position: 1, personIds: [newTestId()] }])
    start()
    await untilEnded(old.id)
    expect(await find(old.id)).toMatchObject({ state: 'failed', parameters: { filter: null } })
    expect((await find(old.id)).failure).toContain('nothing was done')
    expect(await operations.targets.next(old.id, 0)).toBeNull()
    expect((await find(fresh.id)).state).toBe('preparing')
  })

  it('stops at once when it is cancelled or paused, and goes on when it is resumed', async () => {
    const { gallery, operations, begin, start, untilEnded, visible, find } = installation()
    await makeMany(gallery, 100)
    const id = await begin({}, 100)
    let deleted = 0
    const pausing: typeof gallery = {
      ...gallery,
      eraseFromOperations: async () => {
        if (++deleted === 10) await changeOperation({ gallery, operations }, { id, action: 'pause' })
      },
    }
    start({ gallery: pausing })
    await expect.poll(async () => (await find(id)).state, { timeout: 5_000 }).toBe('paused')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await visible()).toBeGreaterThan(80)
    await changeOperation({ gallery, operations }, { id, action: 'resume' })
    await untilEnded(id)
    expect(await visible()).toBe(0)
    const over = await changeOperation({ gallery, operations }, { id, action: 'cancel' })
    expect(over).toEqual({ outcome: 'not-possible', state: 'done' })
  })
})

describe('the search for duplicates', () => {
  it('finds what a comparison of all with all finds, whatever dies', async () => {
    const { gallery, compare, start, search, untilEnded, pairsOf, find } = installation()
    const persons = await makeMany(gallery, 60)
    for (const [i, person] of persons.entries()) {
      // Every third is somebody who was enrolled before, under another name.
      const identity = persons[i % 3 === 2 ? i - 1 : i]!.id
      await enroll(gallery, person.id, { identity, variation: i })
      if (i % 5 === 0) await enroll(gallery, person.id, { identity, variation: 100 + i })
    }
    const id = await search()
    for (let i = 0; i < 3; i++) {
      let calls = 0
      const dying = start({
        compareImages: async (request, waiting) => {
          if (++calls > 1) throw storeUnavailable(new Error('it died'))
          return compare(request, waiting)
        },
      })
      await new Promise((resolve) => setTimeout(resolve, 50))
      await dying.stop()
    }
    start()
    await untilEnded(id)
    expect(await find(id)).toMatchObject({ state: 'done', done: 72, total: 72 })
    const found = await pairsOf(id)
    const expected = await compareAll(gallery)
    expect(found.map(({ pair }) => [pair.personId, pair.otherId, pair.distance])).toEqual(
      expected.map(({ ids, distance }) => [...ids, expect.closeTo(distance, 5)]),
    )
    expect(found.length).toBeGreaterThanOrEqual(20)
  })

  it('shows no pair of somebody who is deleted, and keeps none', async () => {
    const { gallery, operations, compare, start, search, untilEnded, pairsOf } = installation()
    const [ada, bob, eve] = await makeMany(gallery, 3)
    for (const person of [ada!, bob!, eve!]) await enroll(gallery, person.id, { identity: 'same' })
    const id = await search()
    start({
      // Bob goes while the pairs that name him are on their way.
      compareImages: async (request, waiting) => {
        const compared = await compare(request, waiting)
        if (compared.pairs.length > 0) await deletePerson(gallery, bob!.id)
        return compared
      },
    })
    await untilEnded(id)
    expect((await pairsOf(id)).map(({ pair }) => [pair.personId, pair.otherId])).toEqual([[ada!.id, eve!.id]])
    expect(await operations.pairs.count(id)).toBe(1)
    await deletePerson(gallery, eve!.id)
    expect(await operations.pairs.count(id)).toBe(0)
  })

  it.each([
    'after the search',
    'while a pair is on its way',
  ])('has the pairs of somebody who is merged under the one who stays, %s', async (when) => {
    const { gallery, operations, compare, start, search, untilEnded, pairsOf } = installation()
    const [ada, bob, eve] = await makeMany(gallery, 3)
    for (const person of [ada!, bob!, eve!]) await enroll(gallery, person.id, { identity: 'same' })
    const merge = () => mergePersons(gallery, { id: eve!.id, otherId: ada!.id })
    const id = await search()
    start({
      compareImages: async (request, waiting) => {
        const compared = await compare(request, waiting)
        if (compared.pairs.length > 0 && when !== 'after the search') await merge()
        return compared
      },
    })
    await untilEnded(id)
    if (when === 'after the search') await merge()
    const shown = (await pairsOf(id)).map(({ persons }) => persons.map((person) => person.id))
    expect(shown).toEqual([[bob!.id, eve!.id]])
    expect(await operations.pairs.count(id)).toBe(1)
    await mergePersons(gallery, { id: bob!.id, otherId: eve!.id })
    expect(await operations.pairs.count(id)).toBe(0)
  })

  it('waits while nobody can do the work, and fails when it cannot be done', async () => {
    const { gallery, compare, start, search, untilEnded, find } = installation()
    await enroll(gallery, (await makePerson(gallery)).id)
    let tries = 0
    const waiting = await search()
    const runner = start({
      compareImages: async (request, by) => {
        if (++tries <= 1) throw noWorker('bulk')
        return compare(request, by)
      },
    })
    await untilEnded(waiting)
    expect(await find(waiting)).toMatchObject({ state: 'done', failure: null })
    await runner.stop()
    const failing = await search()
    start({
      compareImages: async () => {
        throw new AppError('E_JOB_FAILED', 'job find-duplicates failed', { retryable: false })
      },
    })
    await untilEnded(failing)
    expect(await find(failing)).toMatchObject({ state: 'failed', failure: 'job find-duplicates failed' })
  }, 30_000)

  it('ends early once it may keep no more pairs', async () => {
    const { gallery, operations, start, search, untilEnded, find } = installation()
    for (const { id } of await makeMany(gallery, 40)) await enroll(gallery, id)
    const pairs = { ...operations.pairs, count: async () => 100_000 }
    const id = await search()
    start({ operations: { ...operations, pairs } })
    await untilEnded(id)
    expect(await find(id)).toMatchObject({ state: 'done', done: 32, total: 40, isLimitReached: true })
  })

  it('is not set back by a process that slept while another one went on', async () => {
    const { gallery, operations, compare, start, search, find } = installation()
    await enroll(gallery, (await makePerson(gallery)).id)
    const id = await search()
    const [asleep, awake] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const runner = start({
      compareImages: async (request, waiting) => {
        asleep.resolve()
        await awake.promise
        return compare(request, waiting)
      },
    })
    await asleep.promise
    const ahead = { cursor: 'further on', done: 900, updatedAt: Date.now(), state: 'paused' } as const
    await operations.records.update(await find(id), ahead)
    awake.resolve()
    await runner.stop()
    expect(await find(id)).toMatchObject({ ...ahead, endedAt: null })
  })

  it('is refused while too many others go on', async () => {
    const { operations, search } = installation()
    for (let i = 0; i < 8; i++) await operations.records.insert(aDuplicateSearch({ state: 'paused' }))
    await expect(search()).rejects.toMatchObject({ code: 'E_OVERLOADED' })
  })

  it('is forgotten once 20 others have ended after it', async () => {
    const { operations, start, search, untilEnded } = installation()
    const old = aDuplicateSearch({ state: 'done', endedAt: 1 })
    await operations.records.insert(old)
    for (let i = 0; i < 19; i++)
      await operations.records.insert(aDuplicateSearch({ state: 'done', endedAt: 1 }))
    const id = await search()
    start()
    await untilEnded(id)
    await expect.poll(() => operations.records.find(old.id)).toBeNull()
    const { items } = await operations.records.list({ request: { page: 1, size: 100 } })
    expect(items).toHaveLength(20)
  })
})

/** A process whose store of persons is out of reach after so many calls, as if it had died. */
function dyingAfter(gallery: Installation['gallery'], calls: number): GalleryPorts {
  let left = calls
  const persons = new Proxy(gallery.records.persons, {
    get: (port, name) => {
      const method = Reflect.get(port, name)
      if (typeof method !== 'function') return method
      return async (...given: unknown[]) => {
        if (left-- <= 0) throw storeUnavailable(new Error('the process died here'))
        return method.apply(port, given)
      }
    },
  })
  return { ...gallery, records: { ...gallery.records, persons }, onDeferred: () => {} }
}

/** The nearest pictures of each two persons, without any index: those within distance 1. */
async function compareAll(gallery: Installation['gallery']) {
  const rows = await gallery.records.images.scanEnrolled({ after: null, limit: 10_000 })
  const nearest = new Map<string, { ids: readonly string[]; distance: number }>()
  for (const one of rows) {
    for (const other of rows) {
      if (one.person.id >= other.person.id) continue
      const cosine = cosineBetween(one.image.descriptor, other.image.descriptor)
      const distance = distanceOf(cosine, CALIBRATION.richRich)
      const ids = [one.person.id, other.person.id]
      const known = nearest.get(ids.join(' '))
      if (distance <= 1 && distance < (known?.distance ?? 2)) nearest.set(ids.join(' '), { ids, distance })
    }
  }
  return [...nearest.values()].toSorted((a, b) => a.distance - b.distance || (a.ids < b.ids ? -1 : 1))
}
