import { describe, expect, it } from 'vitest'
import type { Exclusive, Lease } from '../ports/exclusive.ts'
import { anEnrollment, aPerson, makePerson, openTestGallery, withRecords } from '../testing/index.ts'
import type { Reconciled } from './reconcile.ts'
import { startReconciler } from './reconciler.ts'

const MINUTE = 60_000

async function galleryWithDebris() {
  const gallery = openTestGallery()
  const { id } = await makePerson(gallery)
  const { draft } = anEnrollment(gallery, id)
  await gallery.records.images.insert({ ...draft, state: 'pending' })
  gallery.clock.advance(3 * MINUTE)
  return { gallery, imageId: draft.id }
}

const NO_LEASE: Lease = {
  committed: null,
  lost: new AbortController().signal,
  commit: async () => true,
  settle: async () => {},
}

/** The same port with one of its methods replaced. */
function replacing<Port extends object, Name extends keyof Port>(
  port: Port,
  name: Name,
  method: Port[Name],
): Port {
  return new Proxy(port, {
    get: (target, key) => {
      const member: unknown = key === name ? method : Reflect.get(target, key)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
}

describe('startReconciler', () => {
  it('passes again and again, until it is stopped', async () => {
    const { gallery, imageId } = await galleryWithDebris()
    const passes: Reconciled[] = []
    const twice = Promise.withResolvers<void>()
    const onPass = (found: Reconciled) => {
      passes.push(found)
      if (passes.length === 2) twice.resolve()
    }
    const reconciler = startReconciler(gallery, { everyMs: 1, onPass })
    await twice.promise
    await reconciler.stop()
    expect(passes.slice(0, 2).map(({ found }) => found['pending-image'])).toEqual([1, 0])
    expect(await gallery.records.images.find(imageId)).toMatchObject({ state: 'gone' })
  })

  it('reports a lease that cannot be had, and tries again', async () => {
    const { gallery } = await galleryWithDebris()
    const fault = new Error('no store')
    const faults = [fault]
    const exclusive: Exclusive = {
      run: (...args) => {
        const next = faults.pop()
        return next === undefined ? gallery.exclusive.run(...args) : Promise.reject(next)
      },
    }
    const passed = Promise.withResolvers<void>()
    const reconciler = startReconciler(
      { ...gallery, exclusive },
      { everyMs: 1, retryMs: 1, onPass: () => passed.resolve() },
    )
    await passed.promise
    await reconciler.stop()
    expect(gallery.deferred).toEqual([{ step: 'lead the reconciler', fault }])
  })

  it('ends the pass at work when it is stopped, without complaint', async () => {
    const { gallery } = await galleryWithDebris()
    const begun = Promise.withResolvers<void>()
    const index = {
      ...gallery.index,
      remove: async () => begun.resolve(),
    }
    const passes: Reconciled[] = []
    const reconciler = startReconciler(
      { ...gallery, index },
      { everyMs: 1, onPass: (found) => passes.push(found) },
    )
    await begun.promise
    await reconciler.stop()
    expect(passes).toEqual([])
    expect(gallery.deferred).toEqual([])
  })

  it('reports a pass that fails, and comes again', async () => {
    const { gallery } = await galleryWithDebris()
    const fault = new Error('no store')
    const faults = [fault]
    const passed = Promise.withResolvers<void>()
    const faulty = withRecords(gallery, 'overdue', {
      list: (query, waiting) => {
        const next = faults.pop()
        return next === undefined ? gallery.records.overdue.list(query, waiting) : Promise.reject(next)
      },
    })
    const reconciler = startReconciler(faulty, { everyMs: 1, onPass: () => passed.resolve() })
    await passed.promise
    await reconciler.stop()
    expect(gallery.deferred).toEqual([{ step: 'reconcile', fault }])
  })

  it('begins at once, and goes on without a pause while there is more to do', async () => {
    const gallery = openTestGallery()
    const expireAt = gallery.clock.now() - 1
    for (let i = 0; i < 5_000; i++) await gallery.records.persons.insert(aPerson({ expireAt }))
    let purged = 0
    const all = Promise.withResolvers<void>()
    const onPass = ({ found }: Reconciled) => {
      purged += found['expired-person']
      if (purged === 5_000) all.resolve()
    }
    const reconciler = startReconciler(gallery, { everyMs: 3_600_000, onPass })
    await all.promise
    expect((await reconciler.backlog())['expired-person']).toEqual({ count: 0, oldestMs: 0 })
    await reconciler.stop()
    expect(gallery.deferred).toEqual([])
  })

  it('tells of what waits for longer than it should, and of nothing younger', async () => {
    const { gallery } = await galleryWithDebris()
    const young = await makePerson(gallery)
    await gallery.records.persons.update(young, { state: 'deleting' })
    const never: Exclusive = { run: (_key, _task, waiting) => untilAborted(waiting?.signal) }
    const reconciler = startReconciler({ ...gallery, exclusive: never }, { everyMs: 1, onPass: () => {} })
    const backlog = await reconciler.backlog()
    await reconciler.stop()
    expect(backlog['pending-image']).toEqual({ count: 1, oldestMs: 3 * MINUTE })
    expect(backlog['deleting-person']).toEqual({ count: 0, oldestMs: 0 })
    expect(gallery.deferred).toEqual([])
  })
})

describe('of many reconcilers', () => {
  it('one works, and the next one begins when it stops; the others ask for the lease once', async () => {
    const gallery = openTestGallery()
    let asked = 0
    const exclusive: Exclusive = {
      run: (...args) => {
        asked++
        return gallery.exclusive.run(...args)
      },
    }
    const passesOf: number[] = Array.from({ length: 100 }, () => 0)
    let led = Promise.withResolvers<number>()
    const reconcilers = passesOf.map((_, i) =>
      startReconciler(
        { ...gallery, exclusive },
        {
          everyMs: 1,
          onPass: () => {
            passesOf[i]! += 1
            if (passesOf[i] === 3) led.resolve(i)
          },
        },
      ),
    )
    const first = await led.promise
    expect(passesOf.filter((passes) => passes > 0)).toEqual([3])
    led = Promise.withResolvers<number>()
    await reconcilers[first]!.stop()
    const second = await led.promise
    expect(second).not.toBe(first)
    expect(passesOf.filter((passes) => passes > 0)).toHaveLength(2)
    expect(asked).toBe(100)
    await Promise.all(reconcilers.map((reconciler) => reconciler.stop()))
  })

  it('one that has lost its lease ends its pass at once, and works again only with the next lease', async () => {
    const { gallery, imageId } = await galleryWithDebris()
    const taken = new AbortController()
    const leases = [taken.signal, new AbortController().signal]
    const exclusive: Exclusive = {
      run: (key, task, waiting) =>
        key === 'reconciler'
          ? task({ ...NO_LEASE, lost: leases.shift() ?? new AbortController().signal })
          : gallery.exclusive.run(key, task, waiting),
    }
    const pictures = replacing(gallery.pictures, 'get', async (id, waiting) => {
      taken.abort(new Error('somebody else holds it'))
      waiting?.signal?.throwIfAborted()
      return gallery.pictures.get(id, waiting)
    })
    const stateAtPass: (string | undefined)[] = []
    const passed = Promise.withResolvers<void>()
    const onPass = async () => {
      stateAtPass.push((await gallery.records.images.find(imageId))?.state)
      passed.resolve()
    }
    const reconciler = startReconciler(
      { ...gallery, pictures, exclusive },
      { everyMs: 1, retryMs: 1, onPass },
    )
    await passed.promise
    await reconciler.stop()
    expect(stateAtPass[0]).toBe('gone')
    expect(leases).toEqual([])
    expect(gallery.deferred).toEqual([])
  })
})
