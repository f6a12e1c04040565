import { describe, expect, it } from 'vitest'
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
