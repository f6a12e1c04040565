import { Worker } from 'node:worker_threads'
import { engineFailed, overloaded } from '@semblance/core'
import { afterEach, describe, expect, it } from 'vitest'
import { EngineHealth, type EngineHealthDeps } from './engine-health.ts'
import { ThreadPool } from './pool/thread-pool.ts'

/** For threads that start on a machine that may be busy with other tests. */
const PATIENCE = { timeout: 10_000 }

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

/** An engine whose networks answer to a picture of our own or not, as the test says. */
function anEngine(more: Partial<EngineHealthDeps> = {}) {
  const told: number[] = []
  const state = { isSound: true, trials: 0 }
  const tryOut = async () => {
    state.trials += 1
    if (!state.isSound) throw engineFailed(new Error('the device is lost'))
  }
  const onDead = (_fault: unknown, trials: number) => void told.push(trials)
  const health = new EngineHealth({ tryOut, onDead, everyMs: 1, ...more })
  closers.push(() => health.close())
  const fail = (kind = 'describe', fault: unknown = engineFailed(new Error('no'))) =>
    health.watch(kind, Promise.reject(fault)).catch(() => {})
  const failFiveTimes = async (kind?: string) => {
    for (let n = 0; n < 5; n++) await fail(kind)
  }
  const isDead = () => {
    try {
      health.check()
      return false
    } catch (fault) {
      return (fault as { code: string }).code === 'E_ENGINE_FAILED'
    }
  }
  return { health, state, told, fail, failFiveTimes, isDead }
}

describe('an engine', () => {
  it('is dead once tasks fail in a row and no network answers to a picture of our own, until one does', async () => {
    const { state, told, failFiveTimes, isDead } = anEngine()
    state.isSound = false
    expect(isDead()).toBe(false)
    await failFiveTimes()
    await expect.poll(isDead, PATIENCE).toBe(true)
    await expect.poll(() => told.length, PATIENCE).toBeGreaterThan(2)
    expect(told.slice(0, 3)).toEqual([1, 2, 3])
    state.isSound = true
    await expect.poll(isDead, PATIENCE).toBe(false)
  })

  it('is not dead for what callers send, however often it fails', async () => {
    const { state, told, failFiveTimes, isDead } = anEngine()
    for (let n = 1; n <= 3; n++) {
      await failFiveTimes()
      await expect.poll(() => state.trials, PATIENCE).toBe(n)
      expect(isDead()).toBe(false)
    }
    expect(told).toEqual([])
  })

  it('is not suspected for failures that lie apart, or for what is no fault of it', async () => {
    const { health, state, fail } = anEngine()
    for (let n = 0; n < 20; n++) {
      await fail('describe')
      if (n % 4 === 3) await health.watch('describe', Promise.resolve())
    }
    for (let n = 0; n < 20; n++) await fail('landmarks', overloaded('the engine', 1))
    expect(state.trials).toBe(0)
  })

  it('is suspected for one kind of task, though those of others go well', async () => {
    const { health, state, fail } = anEngine()
    for (let n = 0; n < 5; n++) {
      await health.watch('detect', Promise.resolve())
      await fail('describe')
    }
    expect(state.trials).toBe(1)
  })

  it('that does not answer in time is dead', async () => {
    const never = (signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    const { health, isDead } = anEngine({ tryOut: never, trialMs: 5 })
    health.suspect()
    await expect.poll(isDead, PATIENCE).toBe(true)
  })
})

const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads')
  if (workerData.isBroken) process.exit(1)
  parentPort.on('message', (task) => {
    if (task === 'die') process.exit(3)
    parentPort.postMessage({ kind: 'done', value: null, seconds: 0 })
  })
  parentPort.postMessage({ kind: 'ready' })`

/** A pool of threads that may be unable to load, and the health of an engine over it. */
async function aPool(size: number, everyMs: number) {
  const state = { isBroken: false, started: 0, died: 0, now: 0 }
  const health: EngineHealth = new EngineHealth({
    tryOut: async (signal) => void (await pool.run('look', { lane: 'search', ticket: 0, signal })),
    everyMs,
  })
  const pool = new ThreadPool<string>({
    size,
    startThread: () => {
      state.started += 1
      return new Worker(THREAD, { eval: true, workerData: { isBroken: state.isBroken } })
    },
    onDeath: (_cause, { hasLoaded }) => {
      state.died += 1
      if (hasLoaded) health.suspect()
    },
    now: () => state.now,
  })
  closers.push(async () => void (await Promise.all([health.close(), pool.close()])))
  await pool.start()
  return { health, pool, state }
}

it('whose last thread died and cannot load is dead, and comes back once one can', async () => {
  const { health, pool, state: threads } = await aPool(1, 1)
  threads.isBroken = true
  const failing = health.watch('describe', pool.run('die', { lane: 'search', ticket: 0 }))
  await expect(failing).rejects.toMatchObject({ code: 'E_ENGINE_FAILED' })
  const check = async () => health.check()
  const state = () =>
    check().then(
      () => 'sound',
      (fault) => fault.code,
    )
  await expect.poll(state, PATIENCE).toBe('E_ENGINE_FAILED')
  threads.isBroken = false
  await expect.poll(state, PATIENCE).toBe('sound')
})

it('that has lost one thread of two is not dead, and tries seconds later to load another, when there is work', async () => {
  const { health, pool, state } = await aPool(2, 60_000)
  const look = () => pool.run('look', { lane: 'search', ticket: 0 })
  state.isBroken = true
  await expect(pool.run('die', { lane: 'search', ticket: 0 })).rejects.toMatchObject({
    code: 'E_ENGINE_FAILED',
  })
  await expect.poll(() => state.died, PATIENCE).toBe(2)
  // Long enough for some dozens of them.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  for (let n = 0; n < 20; n++) await look()
  health.check()
  expect([state.started, state.died]).toEqual([3, 2])
  state.now += 5_000
  await look()
  await expect.poll(() => [state.started, state.died], PATIENCE).toEqual([4, 3])
  state.isBroken = false
  await look()
  expect(state.started).toBe(4)
  state.now += 5_000
  await look()
  expect([state.started, state.died]).toEqual([5, 3])
})
