import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { ThreadPool } from './thread-pool.ts'

/** A thread that speaks the protocol of `serveTasks` without networks. */
const THREAD = `
const { parentPort } = require('node:worker_threads')
parentPort.on('message', (task) => {
  if (task.kind === 'echo') parentPort.postMessage({ kind: 'done', value: task.value, seconds: 0.5 })
  if (task.kind === 'fail') parentPort.postMessage({ kind: 'failed', error: new Error('network broken') })
  if (task.kind === 'die') process.exit(3)
  if (task.kind === 'throw') throw new Error('thread broken')
  if (task.kind === 'wait') {
    Atomics.store(task.flags, 0, 1)
    Atomics.notify(task.flags, 0)
    Atomics.wait(task.flags, 1, 0)
    Atomics.store(task.flags, 2, 1)
    parentPort.postMessage({ kind: 'done', value: 'waited', seconds: 0 })
  }
})
parentPort.postMessage({ kind: 'ready' })
`

type Task =
  | { readonly kind: 'echo'; readonly value: unknown }
  | { readonly kind: 'fail' | 'die' | 'throw' }
  | { readonly kind: 'wait'; readonly flags: Int32Array }

const pools: ThreadPool<Task>[] = []

async function aPool(
  size = 1,
  startThread = () => new Worker(THREAD, { eval: true }),
): Promise<ThreadPool<Task>> {
  const pool = new ThreadPool<Task>({ size, startThread })
  pools.push(pool)
  await pool.start()
  return pool
}

/** Keeps the only thread busy from the moment this resolves until `release`. */
async function occupy(pool: ThreadPool<Task>): Promise<{
  readonly done: Promise<unknown>
  readonly release: () => void
  readonly hasEnded: () => boolean
}> {
  const flags = new Int32Array(new SharedArrayBuffer(12))
  const done = pool.run({ kind: 'wait', flags }, { lane: 'search', ticket: 0 })
  await Atomics.waitAsync(flags, 0, 0).value
  const release = (): void => {
    Atomics.store(flags, 1, 1)
    Atomics.notify(flags, 1)
  }
  return { done, release, hasEnded: () => Atomics.load(flags, 2) === 1 }
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

describe('thread pool', () => {
  it('answers with the value and the time on the thread', async () => {
    const pool = await aPool(2)
    const done = await pool.run({ kind: 'echo', value: [1, 2] }, { lane: 'search', ticket: 0 })
    expect(done).toMatchObject({ value: [1, 2], seconds: 0.5 })
  })

  it('runs a search before bulk work that came first', async () => {
    const pool = await aPool()
    const { done, release } = await occupy(pool)
    const order: string[] = []
    const bulk = pool
      .run({ kind: 'echo', value: 0 }, { lane: 'bulk', ticket: 1 })
      .then(() => order.push('bulk'))
    const search = pool
      .run({ kind: 'echo', value: 0 }, { lane: 'search', ticket: 2 })
      .then(() => order.push('search'))
    release()
    await Promise.all([done, bulk, search])
    expect(order).toEqual(['search', 'bulk'])
  })

  it('keeps a thread for a search between two of its tasks', async () => {
    const pool = await aPool()
    const end = pool.beginPicture({ lane: 'search', isLarge: false })
    const order: string[] = []
    const run = (lane: 'search' | 'bulk', ticket: number) =>
      pool.run({ kind: 'echo', value: 0 }, { lane, ticket }).then(() => order.push(lane))
    const bulk = run('bulk', 1)
    await run('search', 2)
    await run('search', 2)
    end()
    await bulk
    expect(order).toEqual(['search', 'search', 'bulk'])
  })

  it('runs all other tasks of searches before the dear looks at a picture that came first', async () => {
    const pool = await aPool()
    const { done, release } = await occupy(pool)
    const order: string[] = []
    const run = (name: string, ticket: number) => {
      const work = { lane: 'search', ticket, isDear: name === 'dear look' } as const
      return pool.run({ kind: 'echo', value: 0 }, work).then(() => order.push(name))
    }
    const all = [run('dear look', 1), run('dear look', 1), run('first look', 2), run('first look', 3)]
    release()
    await Promise.all([done, ...all])
    expect(order).toEqual(['first look', 'first look', 'dear look', 'dear look'])
  })

  it('forgets waiting dear looks whose caller left, and ends them when it closes', async () => {
    const pool = await aPool()
    const { done } = await occupy(pool)
    const leaving = new AbortController()
    const dear = { lane: 'search', ticket: 1, isDear: true } as const
    const left = pool.run({ kind: 'die' }, { ...dear, signal: leaving.signal })
    const waiting = pool.run({ kind: 'die' }, dear)
    leaving.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    const ended = Promise.allSettled([done, waiting])
    await pool.close()
    expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it('drops waiting work whose signal is aborted, with its reason', async () => {
    const pool = await aPool()
    const { done, release } = await occupy(pool)
    const aborting = new AbortController()
    const waiting = pool.run({ kind: 'die' }, { lane: 'search', ticket: 1, signal: aborting.signal })
    aborting.abort(new Error('deadline'))
    await expect(waiting).rejects.toThrow('deadline')
    release()
    await done
    // The dropped task would have killed the thread.
    const { value } = await pool.run({ kind: 'echo', value: 'alive' }, { lane: 'search', ticket: 2 })
    expect(value).toBe('alive')
  })

  it('lets go of a running task whose signal is aborted, and keeps the thread', async () => {
    const pool = await aPool()
    const flags = new Int32Array(new SharedArrayBuffer(8))
    const aborting = new AbortController()
    const running = pool.run({ kind: 'wait', flags }, { lane: 'search', ticket: 0, signal: aborting.signal })
    await Atomics.waitAsync(flags, 0, 0).value
    aborting.abort(new Error('caller left'))
    await expect(running).rejects.toThrow('caller left')
    const next = pool.run({ kind: 'echo', value: 'next' }, { lane: 'search', ticket: 1 })
    Atomics.store(flags, 1, 1)
    Atomics.notify(flags, 1)
    expect((await next).value).toBe('next')
  })

  it('never begins work that was aborted before', async () => {
    const pool = await aPool()
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(pool.run({ kind: 'die' }, { lane: 'search', ticket: 0, signal })).rejects.toThrow('too late')
  })

  it('reports a task that throws as a fault of the engine and goes on', async () => {
    const pool = await aPool()
    await expect(pool.run({ kind: 'fail' }, { lane: 'search', ticket: 0 })).rejects.toMatchObject({
      code: 'E_ENGINE_FAILED',
      cause: { message: 'network broken' },
    })
    expect((await pool.run({ kind: 'echo', value: 1 }, { lane: 'search', ticket: 1 })).value).toBe(1)
  })

  it.each([
    'die',
    'throw',
  ] as const)('replaces a thread that comes to an end by %s, and fails only its task', async (kind) => {
    const pool = await aPool()
    const dying = pool.run({ kind }, { lane: 'search', ticket: 0 })
    const next = pool.run({ kind: 'echo', value: 'by the new one' }, { lane: 'search', ticket: 1 })
    await expect(dying).rejects.toMatchObject({ code: 'E_ENGINE_FAILED' })
    expect((await next).value).toBe('by the new one')
  })

  it('fails what waits when no thread can be started any more, and recovers when one can', async () => {
    const scripts = [THREAD, 'throw new Error("no networks")', THREAD]
    const pool = await aPool(1, () => new Worker(scripts.shift() ?? THREAD, { eval: true }))
    const dying = pool.run({ kind: 'die' }, { lane: 'search', ticket: 0 })
    const waiting = pool.run({ kind: 'echo', value: 0 }, { lane: 'search', ticket: 1 })
    await expect(dying).rejects.toMatchObject({ code: 'E_ENGINE_FAILED' })
    await expect(waiting).rejects.toMatchObject({
      code: 'E_ENGINE_FAILED',
      cause: { message: 'no networks' },
    })
    expect((await pool.run({ kind: 'echo', value: 'back' }, { lane: 'search', ticket: 2 })).value).toBe(
      'back',
    )
  })

  it('does not open when a thread cannot load', async () => {
    const start = (): Worker => new Worker('throw new Error("no networks")', { eval: true })
    await expect(aPool(2, start)).rejects.toThrow('no networks')
  })

  it('closing ends waiting and running work as shutting down, and takes no more', async () => {
    const pool = await aPool()
    const { done } = await occupy(pool)
    const waiting = pool.run({ kind: 'echo', value: 0 }, { lane: 'search', ticket: 1 })
    const closing = pool.close()
    await expect(waiting).rejects.toMatchObject({ code: 'E_SHUTTING_DOWN' })
    await expect(done).rejects.toMatchObject({ code: 'E_SHUTTING_DOWN' })
    await closing
    await expect(pool.run({ kind: 'fail' }, { lane: 'search', ticket: 2 })).rejects.toMatchObject({
      code: 'E_SHUTTING_DOWN',
    })
  })

  it('closes once, whoever asks for it while a task still runs', async () => {
    const pool = await aPool()
    const { done, release } = await occupy(pool)
    const closings = [pool.close(), pool.close()]
    await expect(done).rejects.toMatchObject({ code: 'E_SHUTTING_DOWN' })
    release()
    await Promise.all(closings)
  })

  it('ends no thread while it loads, either, also if another one could not', async () => {
    const hasLoaded = new Int32Array(new SharedArrayBuffer(4))
    // Busy as in native code, which a signal to end does not stop.
    const slow = `
      const { parentPort, workerData } = require('node:worker_threads')
      const until = performance.now() + 300
      while (performance.now() < until);
      Atomics.store(workerData, 0, 1)
      parentPort.postMessage({ kind: 'ready' })`
    const threads = [
      () => new Worker('throw new Error("no network")', { eval: true }),
      () => new Worker(slow, { eval: true, workerData: hasLoaded }),
    ]
    const pool = new ThreadPool<Task>({ size: 2, startThread: () => threads.shift()!() })
    await expect(pool.start()).rejects.toThrow('no network')
    await pool.close()
    expect(Atomics.load(hasLoaded, 0)).toBe(1)
  })

  it('ends no thread amidst a run, which may take the whole process with it', async () => {
    const pool = await aPool()
    const { done, release, hasEnded } = await occupy(pool)
    const closing = pool.close()
    await expect(done).rejects.toMatchObject({ code: 'E_SHUTTING_DOWN' })
    release()
    await closing
    expect(hasEnded()).toBe(true)
  })
})
