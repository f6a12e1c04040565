import { describe, expect, it } from 'vitest'
import { storageFull } from '../errors.ts'
import type { OperationId } from '../ids.ts'
import { enroll } from '../testing/gallery-acts.ts'
import { makePerson, newTestId } from '../testing/index.ts'
import { type OperationInstallation, openOperationInstallation } from '../testing/operation-installation.ts'
import { beginDeletion } from './delete-persons.ts'
import { changeOperation } from './manage-operations.ts'

/** Stands for more kills than any operation here has calls. */
const MANY = 500

async function withPersons(count: number): Promise<OperationInstallation> {
  const installation = openOperationInstallation()
  for (let i = 0; i < count; i++) {
    const { id } = await makePerson(installation.gallery, { name: 'Ada' })
    await enroll(installation.gallery, id, { identity: 'one and the same', variation: i })
  }
  return installation
}

describe('a deletion of many persons', () => {
  it('is refused, and nothing is deleted, if somebody came or went since the dry run', async () => {
    const { gallery, operations, visible } = await withPersons(3)
    await makePerson(gallery, { name: 'Ada' })
    const asked = { id: newTestId<OperationId>(), filter: { name: 'Ada' }, count: 3 }
    expect(await beginDeletion({ gallery, operations }, asked)).toEqual({
      outcome: 'other-count',
      persons: 4,
    })
    expect(await visible()).toBe(4)
    expect((await operations.records.list({ request: { page: 1, size: 10 } })).items).toEqual([])
  })

  it('sent again under its id is the same one, also once persons are gone', async () => {
    const { gallery, operations, start, untilEnded, visible } = await withPersons(3)
    const asked = { id: newTestId<OperationId>(), filter: { name: 'Ada' }, count: 3 }
    const begin = () => beginDeletion({ gallery, operations }, asked)
    const [one, other] = await Promise.all([begin(), begin()])
    expect([one.outcome, other.outcome]).toEqual(['begun', 'begun'])
    start()
    await untilEnded(asked.id)
    expect(await begin()).toMatchObject({ outcome: 'begun', operation: { id: asked.id, state: 'done' } })
    expect(await visible()).toBe(0)
  })

  it('sent twice at once deletes each person once', async () => {
    const { gallery, operations, start, untilEnded, find, visible } = await withPersons(5)
    const ids = [newTestId<OperationId>(), newTestId<OperationId>()]
    const filter = { name: 'Ada' }
    await Promise.all(ids.map((id) => beginDeletion({ gallery, operations }, { id, filter, count: 5 })))
    start()
    for (const id of ids) {
      await untilEnded(id)
      expect(await find(id)).toMatchObject({ state: 'done', done: 5, failure: null })
    }
    expect(await visible()).toBe(0)
  })

  it('is complete and counts right, at whichever call its process is killed', async () => {
    await killedAtEachCall({
      open: () => withPersons(2),
      begin: ({ begin }) => begin({ name: 'Ada' }, 2),
      check: async ({ operations, visible, find }, id) => {
        expect(await find(id)).toMatchObject({ state: 'done', done: 2, skipped: 0 })
        expect(await visible()).toBe(0)
        expect(await operations.targets.next(id, 0)).toBeNull()
      },
    })
  }, 60_000)

  it('that is cancelled meanwhile deletes no more than those that are under way', async () => {
    const { gallery, operations, begin, start, find, visible } = await withPersons(40)
    const id = await begin({ name: 'Ada' }, 40)
    let deleted = 0
    const runner = start({
      gallery: {
        ...gallery,
        eraseFromOperations: async () => {
          if (++deleted === 5) await changeOperation({ gallery, operations }, { id, action: 'cancel' })
        },
      },
    })
    await expect.poll(async () => (await find(id)).state, { timeout: 5_000 }).toBe('cancelled')
    await runner.stop()
    // Eight are deleted side by side.
    expect(await visible()).toBeGreaterThanOrEqual(40 - 5 - 8)
    expect(await find(id)).toMatchObject({ state: 'cancelled', parameters: { filter: null } })
  })

  it('is not begun on a full disk, and leaves nothing behind', async () => {
    const { gallery, operations, visible } = await withPersons(2)
    const targets = { ...operations.targets, add: () => Promise.reject(storageFull()) }
    const asked = { id: newTestId<OperationId>(), filter: { name: 'Ada' }, count: 2 }
    const begin = beginDeletion({ gallery, operations: { ...operations, targets } }, asked)
    await expect(begin).rejects.toMatchObject({ code: 'E_STORAGE_FULL' })
    expect(await operations.records.find(asked.id)).toBeNull()
    expect(await visible()).toBe(2)
  })
})

describe('a search for duplicates', () => {
  it('has every pair once, at whichever call its process is killed', async () => {
    await killedAtEachCall({
      open: () => withPersons(4),
      begin: ({ search }) => search(),
      check: async ({ operations, find }, id) => {
        expect(await find(id)).toMatchObject({ state: 'done', done: 4, total: 4 })
        expect(await operations.pairs.count(id)).toBe(6)
      },
    })
  }, 60_000)

  it('waits on a full disk, however long, and goes on once there is room', async () => {
    const { operations, start, search, untilEnded, find } = await withPersons(3)
    const id = await search()
    let tries = 0
    const add: typeof operations.pairs.add = async (...given) => {
      if (++tries < 8) throw storageFull()
      await operations.pairs.add(...given)
    }
    start({ operations: { ...operations, pairs: { ...operations.pairs, add } } })
    await untilEnded(id)
    expect(await find(id)).toMatchObject({ state: 'done', failure: null })
    expect(await operations.pairs.count(id)).toBe(3)
  })

  it('that is cancelled while images are compared stays cancelled', async () => {
    const { gallery, operations, compare, start, search, find } = await withPersons(3)
    const id = await search()
    const runner = start({
      compareImages: async (request, waiting) => {
        await changeOperation({ gallery, operations }, { id, action: 'cancel' })
        return compare(request, waiting)
      },
    })
    await expect.poll(async () => (await find(id)).state, { timeout: 5_000 }).toBe('cancelled')
    await runner.stop()
    expect(await find(id)).toMatchObject({ state: 'cancelled', done: 0 })
  })
})

interface Kills {
  readonly open: () => Promise<OperationInstallation>
  readonly begin: (installation: OperationInstallation) => Promise<OperationId>
  readonly check: (installation: OperationInstallation, id: OperationId) => Promise<void>
}

/** One kill before each call that the work makes of a store, each in an installation of its own. */
async function killedAtEachCall({ open, begin, check }: Kills): Promise<void> {
  let isComplete = false
  let kills = 0
  for (; !isComplete && kills < MANY; kills++) {
    const installation = await open()
    const id = await begin(installation)
    const dying = installation.dyingAfter(kills)
    const runner = installation.start(dying.deps)
    await expect
      .poll(async () => dying.isDead() || (await installation.find(id)).endedAt !== null, { interval: 2 })
      .toBe(true)
    isComplete = !dying.isDead()
    await runner.stop()
    const next = installation.start()
    await installation.untilEnded(id)
    await check(installation, id)
    await next.stop()
  }
  expect(isComplete).toBe(true)
  expect(kills).toBeGreaterThan(10)
}
