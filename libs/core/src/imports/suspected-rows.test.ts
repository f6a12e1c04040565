import { describe, expect, it, vi } from 'vitest'
import { engineFailed, engineUnavailable, noWorker, workerDied } from '../errors.ts'
import type { ImageId } from '../ids.ts'
import { pause } from '../lead.ts'
import { importerInstallation } from '../testing/importer-installation.ts'
import type { RowOutcome } from './row-outcome.ts'

const DONE: RowOutcome = { kind: 'no-face' }
const KILLER = 'row 2'
/** A row is tried again once within one claim by then, and finds the engine dead. */
const DEAD_MS = 700

describe('a row that ends the engine each time it is tried', () => {
  it.each([
    ['its networks answer to nothing for a while', () => engineUnavailable(null)],
    ['no worker is left for a while', () => noWorker('bulk')],
  ])(
    'is given up, and those that were under way with it are not (%s)',
    async (_how, away) => {
      const { start, begin, stateOf, outcomes, imports } = importerInstallation()
      const id = await begin(6)
      let deadUntil = 0
      let deaths = 0
      const isDead = () => performance.now() < deadUntil
      start(async ({ row }) => {
        if (isDead()) throw away()
        await pause(20, AbortSignal.timeout(5_000))
        if (row.key === KILLER && !isDead()) {
          deaths += 1
          deadUntil = performance.now() + DEAD_MS
        }
        await pause(20, AbortSignal.timeout(5_000))
        if (isDead()) throw engineFailed(new Error('the engine died'))
        return DONE
      })
      await expect.poll(() => stateOf(id), { timeout: 25_000 }).toBe('done')
      const ends = ['no-face', 'no-face', 'failed', 'no-face', 'no-face', 'no-face']
      expect(await outcomes(id)).toEqual(ends)
      expect((await imports.rows.find(id, KILLER))?.outcome).toMatchObject({ isPassing: true })
      expect(deaths).toBe(3)
    },
    30_000,
  )

  it('is given up where it ends the worker, and those that the worker had as well are not', async () => {
    const { start, begin, stateOf, outcomes } = importerInstallation()
    const id = await begin(6)
    const underWay = new Set<string>()
    let deaths = 0
    start(async ({ row }) => {
      underWay.add(row.key)
      await pause(20, AbortSignal.timeout(5_000))
      const isDying = underWay.has(KILLER)
      if (row.key === KILLER) deaths += 1
      await pause(20, AbortSignal.timeout(5_000))
      underWay.delete(row.key)
      if (isDying) throw workerDied('import-row')
      return DONE
    })
    await expect.poll(() => stateOf(id), { timeout: 8_000 }).toBe('done')
    expect(await outcomes(id)).toEqual(['no-face', 'no-face', 'failed', 'no-face', 'no-face', 'no-face'])
    expect(deaths).toBe(3)
  }, 10_000)

  it('is given up alone where it ends the worker, and no row of another import is', async () => {
    const { start, begin, stateOf, outcomes } = importerInstallation()
    const [id, other] = [await begin(6), await begin(6)]
    const underWay = new Set<string>()
    start(async ({ importId, row }) => {
      const name = `${importId} ${row.key}`
      underWay.add(name)
      await pause(20, AbortSignal.timeout(5_000))
      const isDying = underWay.has(`${id} ${KILLER}`)
      await pause(20, AbortSignal.timeout(5_000))
      underWay.delete(name)
      if (isDying) throw workerDied('import-row')
      return DONE
    }, 12)
    await expect.poll(() => stateOf(id), { timeout: 8_000 }).toBe('done')
    await expect.poll(() => stateOf(other), { timeout: 8_000 }).toBe('done')
    expect(await outcomes(other)).toEqual(Array(6).fill('no-face'))
    expect(await outcomes(id)).toEqual(['no-face', 'no-face', 'failed', 'no-face', 'no-face', 'no-face'])
  }, 20_000)

  it('is tried alone where its claims came to no end, and no other row counts as begun with it', async () => {
    const { start, begin, stateOf, outcomes, imports } = importerInstallation()
    const id = await begin(5)
    const newImageIds = Array.from({ length: 5 }, () => crypto.randomUUID() as ImageId)
    for (let claims = 0; claims < 2; claims++)
      await imports.rows.claim({ id, holder: 'killed', leaseMs: -1, newImageIds })
    const beside: number[] = []
    let running = 0
    start(async () => {
      running += 1
      await pause(20, AbortSignal.timeout(5_000))
      const rows = await imports.rows.list({ id, after: 0, limit: 9 })
      beside.push(running, rows.filter(({ tries, outcome }) => outcome === null && tries > 2).length)
      running -= 1
      return DONE
    })
    await expect.poll(() => stateOf(id), { timeout: 8_000 }).toBe('done')
    expect(beside).toEqual(Array(10).fill(1))
    expect(await outcomes(id)).toEqual(Array(5).fill('no-face'))
  })
})

describe('rows of several imports whose claims came to no end', () => {
  async function beginSuspected(installation: ReturnType<typeof importerInstallation>, count: number) {
    const id = await installation.begin(count)
    const newImageIds = Array.from({ length: count }, () => crypto.randomUUID() as ImageId)
    for (let claims = 0; claims < 2; claims++)
      await installation.imports.rows.claim({ id, holder: 'killed', leaseMs: -1, newImageIds })
    return id
  }

  it('are tried one at a time, and other imports go on between them', async () => {
    const installation = importerInstallation()
    const { start, begin, stateOf, outcomes } = installation
    const suspected = [await beginSuspected(installation, 3), await beginSuspected(installation, 3)]
    const plain = await begin(40)
    const besides: number[] = []
    const order: string[] = []
    let running = 0
    start(async ({ importId }) => {
      running += 1
      const most = running
      order.push(importId)
      await pause(10, AbortSignal.timeout(5_000))
      if (suspected.includes(importId)) besides.push(Math.max(most, running))
      running -= 1
      return DONE
    })
    for (const id of [...suspected, plain])
      await expect.poll(() => stateOf(id), { timeout: 8_000 }).toBe('done')
    expect(besides).toEqual(Array(6).fill(1))
    for (const id of suspected) expect(await outcomes(id)).toEqual(Array(3).fill('no-face'))
    const places = order.flatMap((id, i) => (id === plain ? [] : [i]))
    // No more than two in a row: those with which it began, one of each import.
    const inARow = places.filter((place, i) => place - (places[i - 2] ?? -9) === 2)
    expect(inARow).toEqual([])
  }, 20_000)

  it('keep nobody waiting once their import is paused', async () => {
    const installation = importerInstallation()
    const { start, begin, imports } = installation
    const plain = await begin(20)
    const ends: (() => void)[] = []
    start(() => new Promise((resolve) => ends.push(() => resolve(DONE))), 4)
    const { records, rows } = imports
    await expect.poll(() => ends.length).toBe(4)
    const claim = vi.spyOn(rows, 'claim')
    const id = await beginSuspected(installation, 3)
    claim.mockClear()
    ends[1]!()
    const claimsOf = () => claim.mock.calls.filter(([asked]) => asked.id === id).length
    await expect.poll(claimsOf).toBe(1)
    ends[2]!()
    await pause(50, AbortSignal.timeout(5_000))
    expect(ends).toHaveLength(4)
    const made = (await records.find(id))!
    await records.update(made, { state: 'paused', updatedAt: made.updatedAt })
    await expect.poll(() => ends.length).toBe(6)
    expect((await rows.list({ id, after: 0, limit: 9 })).map(({ tries }) => tries)).toEqual([2, 2, 2])
    const endAll = setInterval(() => ends.forEach((end) => void end()), 5)
    await expect.poll(() => installation.stateOf(plain), { timeout: 8_000 }).toBe('done')
    clearInterval(endAll)
  }, 20_000)
})
