import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import {
  deadlineMissed,
  engineFailed,
  engineUnavailable,
  staleId,
  storageFull,
  storeUnavailable,
} from '../errors.ts'
import type { ImageId, ImportId, PersonId } from '../ids.ts'
import { importerInstallation } from '../testing/importer-installation.ts'
import { anImport, aPicture, aRow } from '../testing/index.ts'
import type { RowOutcome } from './row-outcome.ts'

const enrolled: RowOutcome = { kind: 'no-face' }

describe('an importer', () => {
  it('has every row done once, and says so when all are in', async () => {
    const { start, begin, stateOf, outcomes } = importerInstallation()
    const id = await begin(100)
    const seen: string[] = []
    start(async ({ row }) => {
      seen.push(row.key)
      return enrolled
    })
    await expect.poll(() => stateOf(id), { timeout: 5_000 }).toBe('done')
    expect(await outcomes(id)).toEqual(Array(100).fill('no-face'))
    expect(new Set(seen).size).toBe(seen.length)
  })

  it('goes on with rows that come while it is open', async () => {
    const { start, begin, stateOf, outcomes, imports } = importerInstallation()
    const id = await begin(1, 'open')
    start(async () => enrolled)
    await expect.poll(() => outcomes(id)).toEqual(['no-face'])
    await imports.rows.add(id, [aRow()])
    await expect.poll(() => outcomes(id)).toEqual(['no-face', 'no-face'])
    expect(await stateOf(id)).toBe('open')
  })

  it('begins no row twice whose claim ran out since the clock of the store was set, or the process stood still', async () => {
    const { start, begin, outcomes, imports, setStoreClock } = importerInstallation()
    const id = await begin(3, 'open')
    const begun: string[] = []
    const gate = Promise.withResolvers<void>()
    start(async ({ row }) => {
      begun.push(row.key)
      await gate.promise
      return enrolled
    })
    await expect.poll(() => begun).toHaveLength(3)
    setStoreClock(3_600_000)
    await imports.rows.add(id, [aRow({ key: 'later' })])
    await expect.poll(() => begun).toContain('later')
    gate.resolve()
    await expect.poll(() => outcomes(id)).toEqual(Array(4).fill(enrolled.kind))
    expect(begun.toSorted()).toEqual(['later', 'row 0', 'row 1', 'row 2'])
  })

  it('runs no more rows at once than its window', async () => {
    const { start, begin, stateOf } = importerInstallation()
    const id = await begin(50)
    let running = 0
    let most = 0
    start(async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 1))
      running -= 1
      return enrolled
    }, 4)
    await expect.poll(() => stateOf(id), { timeout: 5_000 }).toBe('done')
    expect(most).toBe(4)
  })

  it('does not look for more rows each time that one ends', async () => {
    const { start, begin, stateOf, imports } = importerInstallation()
    const id = await begin(6)
    const looks = vi.spyOn(imports.records, 'listByState')
    let waitMs = 0
    const runRow = async () => {
      waitMs += 300
      await sleep(waitMs)
      return enrolled
    }
    start(runRow, 64, 60_000)
    await expect.poll(() => stateOf(id), { timeout: 5_000 }).toBe('done')
    // The one that takes them, the one that finds no more, and the one after the last has ended.
    expect(looks.mock.calls.length).toBeLessThanOrEqual(4)
  })

  it('looks no more often than ten times a second, however often it is woken, and misses no row', async () => {
    const { start, begin, outcomes, imports } = importerInstallation()
    const id = await begin(1, 'open')
    const looks = vi.spyOn(imports.records, 'listByState')
    const importer = start(async () => enrolled, 64, 60_000)
    await expect.poll(() => outcomes(id)).toEqual(['no-face'])
    const [before, since] = [looks.mock.calls.length, performance.now()]
    for (let i = 0; i < 100; i++) {
      importer.wake()
      await sleep(3)
    }
    await imports.rows.add(id, [aRow()])
    importer.wake()
    await expect.poll(() => outcomes(id), { timeout: 5_000 }).toEqual(['no-face', 'no-face'])
    const seconds = (performance.now() - since) / 1000
    // The last row takes two more: the one that takes it, and the one after it has ended.
    expect(looks.mock.calls.length - before).toBeLessThanOrEqual(seconds * 10 + 4)
  })

  it('gives each import its turn, also where there are more of them than rows under way', async () => {
    const { start, begin } = importerInstallation()
    const ids = await Promise.all(Array.from({ length: 8 }, () => begin(40)))
    const ran: ImportId[] = []
    start(async ({ importId }) => {
      ran.push(importId)
      await sleep(1)
      return enrolled
    }, 4)
    await expect.poll(() => ran.length, { timeout: 10_000 }).toBeGreaterThan(80)
    expect(new Set(ran.slice(0, 80)).size).toBe(ids.length)
  })

  it('lets two imports share fairly', async () => {
    const { start, begin, stateOf } = importerInstallation()
    const [large, small] = [await begin(400), await begin(20)]
    const begun: ImportId[] = []
    start(async ({ importId }) => {
      begun.push(importId)
      await new Promise((resolve) => setTimeout(resolve, 2))
      return enrolled
    })
    await expect.poll(() => stateOf(small)).toBe('done')
    const untilLastOfSmall = begun.slice(0, begun.lastIndexOf(small) + 1)
    expect(untilLastOfSmall.filter((id) => id === large).length).toBeLessThan(40)
  })

  it('does the rows of one person in one import after the other', async () => {
    const { start, begin, outcomes, imports } = importerInstallation()
    const ids = [await begin(0, 'open'), await begin(0, 'open'), await begin(0, 'open')]
    const person = { by: 'externalId', externalId: 'ada' } as const
    for (const id of ids) await imports.rows.add(id, [aRow({ person }), aRow({ person }), aRow({ person })])
    const running: ImportId[] = []
    let [most, mostImports] = [0, 0]
    start(async ({ importId }) => {
      running.push(importId)
      most = Math.max(most, running.length)
      mostImports = Math.max(mostImports, new Set(running).size)
      await sleep(5)
      running.splice(running.indexOf(importId), 1)
      return enrolled
    }, 16)
    for (const id of ids)
      await expect.poll(() => outcomes(id), { timeout: 5_000 }).toEqual(Array(3).fill('no-face'))
    expect({ most, mostImports }).toEqual({ most: 3, mostImports: 1 })
  })

  it('does nothing for an import that is paused', async () => {
    const { start, begin, outcomes, imports } = importerInstallation()
    const id = await begin(2)
    await imports.records.update({ id, rev: 1 }, { state: 'paused', updatedAt: 1 })
    const other = await begin(1)
    start(async () => enrolled)
    await expect.poll(() => outcomes(other)).toEqual(['no-face'])
    expect(await outcomes(id)).toEqual(['none', 'none'])
  })

  it('ends what is under way when it is paused, begins nothing more, and goes on when it is resumed', async () => {
    const { start, begin, stateOf, outcomes, imports } = importerInstallation()
    const id = await begin(30)
    const waiting: (() => void)[] = []
    let isSlow = true
    start(async () => {
      if (isSlow) await new Promise<void>((resolve) => waiting.push(resolve))
      return enrolled
    })
    await expect.poll(() => waiting.length).toBe(8)
    const made = (await imports.records.find(id))!
    const paused = (await imports.records.update(made, { state: 'paused', updatedAt: 1 }))!
    isSlow = false
    for (const resume of waiting) resume()
    const other = await begin(1)
    await expect.poll(() => outcomes(other)).toEqual(['no-face'])
    await expect
      .poll(async () => (await outcomes(id)).toSorted())
      .toEqual([...Array(8).fill('no-face'), ...Array(22).fill('none')])
    expect(await stateOf(id)).toBe('paused')
    await imports.records.update(paused, { state: 'running', updatedAt: 2 })
    await expect.poll(() => stateOf(id), { timeout: 5_000 }).toBe('done')
    expect(await outcomes(id)).toEqual(Array(30).fill('no-face'))
  })

  it('waits while the disk is full, blames no row, and goes on once there is room', async () => {
    const { start, begin, stateOf, imports } = importerInstallation()
    const id = await begin(20)
    let done = 0
    let isFull = false
    start(async () => {
      if (isFull) throw storageFull()
      isFull = ++done === 10
      return enrolled
    }, 1)
    await expect.poll(async () => (await imports.records.find(id))?.heldUp?.by).toBe('disk')
    done += 1
    isFull = false
    await expect.poll(() => stateOf(id), { timeout: 8_000 }).toBe('done')
    const rows = await imports.rows.list({ id, after: 0, limit: 100 })
    expect(rows.map(({ outcome }) => outcome?.kind)).toEqual(Array(20).fill('no-face'))
  })

  it('waits while the networks answer to no picture, blames no row, and goes on once they do', async () => {
    const { start, begin, stateOf, imports } = importerInstallation()
    const id = await begin(20)
    let isDead = true
    start(async () => {
      if (isDead) throw engineUnavailable(engineFailed(new Error('the device is lost')))
      return enrolled
    })
    await expect.poll(async () => (await imports.records.find(id))?.heldUp?.by).toBe('workers')
    isDead = false
    await expect.poll(() => stateOf(id), { timeout: 8_000 }).toBe('done')
    const rows = await imports.rows.list({ id, after: 0, limit: 100 })
    expect(rows.map(({ outcome }) => outcome?.kind)).toEqual(Array(20).fill('no-face'))
  })

  it('waits for rows that nobody begins in time, and blames none of them', async () => {
    const { start, begin, stateOf, outcomes } = importerInstallation()
    const id = await begin(1)
    let asked = 0
    start(async () => {
      asked += 1
      if (asked <= 3) throw deadlineMissed('import-row', 1, false)
      return enrolled
    })
    await expect.poll(() => stateOf(id), { timeout: 20_000 }).toBe('done')
    expect(await outcomes(id)).toEqual([enrolled.kind])
  })

  it('tries a row again, and tells the reason when it gives up', async () => {
    const { start, begin, stateOf, imports } = importerInstallation()
    const id = await begin(1)
    start(async () => {
      throw new Error('a path: /etc/passwd')
    })
    await expect.poll(() => stateOf(id), { timeout: 5_000 }).toBe('done')
    const row = await imports.rows.find(id, 'row 0')
    expect(row?.outcome).toMatchObject({ kind: 'failed', isPassing: true })
    expect(JSON.stringify(row)).not.toContain('passwd')
  })

  it('tries a row again whose link was away for a moment', async () => {
    const { start, begin, stateOf, outcomes } = importerInstallation()
    const id = await begin(1)
    let tries = 0
    start(async () => {
      tries += 1
      return tries < 2 ? { kind: 'failed', why: 'the link gave no picture', isPassing: true } : enrolled
    })
    await expect.poll(() => stateOf(id), { timeout: 5_000 }).toBe('done')
    expect([tries, await outcomes(id)]).toEqual([2, ['no-face']])
  })

  it('gives a row whose image id is too old another one', async () => {
    const { start, begin, stateOf } = importerInstallation()
    const id = await begin(1)
    const ids: (ImageId | null)[] = []
    start(async ({ row }) => {
      ids.push(row.imageId)
      if (ids.length === 1) throw staleId('x')
      return enrolled
    })
    await expect.poll(() => stateOf(id), { timeout: 5_000 }).toBe('done')
    expect(new Set(ids).size).toBe(2)
  })

  it('gives back what it has when it stops, and the next one goes on', async () => {
    const { start, begin, stateOf, outcomes } = importerInstallation()
    const id = await begin(10)
    const first = start(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    start(async () => enrolled)
    await first.stop()
    await expect.poll(() => stateOf(id), { timeout: 5_000 }).toBe('done')
    expect(await outcomes(id)).toEqual(Array(10).fill('no-face'))
  })

  it('goes on at once with the rows of a process that died', async () => {
    const { start, begin, stateOf, outcomes, imports } = importerInstallation()
    const id = await begin(4)
    const newImageIds = Array.from({ length: 4 }, () => crypto.randomUUID() as ImageId)
    await imports.rows.claim({ id, holder: 'died', leaseMs: 3_600_000, newImageIds })
    start(async () => enrolled)
    await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('done')
    expect(await outcomes(id)).toEqual(Array(4).fill('no-face'))
  })

  it('does no row again because the store could not take what came of it', async () => {
    const { start, begin, stateOf, imports } = importerInstallation()
    const id = await begin(4)
    const { end } = imports.rows
    let faults = 2
    vi.spyOn(imports.rows, 'end').mockImplementation(async (...given) => {
      if (faults-- > 0) throw storeUnavailable(new Error('away for a moment'))
      return end(...given)
    })
    const begun: string[] = []
    start(async ({ row }) => {
      begun.push(row.key)
      return enrolled
    })
    await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('done')
    expect(begun).toHaveLength(4)
  }, 20_000)

  it('drops the staged picture of a row that has ended, and keeps that of a failed one', async () => {
    const { start, imports, staged, stateOf } = importerInstallation()
    const made = anImport({ state: 'running' })
    await imports.records.insert(made)
    const ids = ['good', 'bad'].map((key) => [key, crypto.randomUUID() as ImageId] as const)
    for (const [key, stagedId] of ids) {
      await staged.put(stagedId, aPicture())
      await imports.rows.add(made.id, [aRow({ key, picture: { from: 'staged', stagedId, bytes: 1 } })])
    }
    start(async ({ row }) =>
      row.key === 'good' ? enrolled : { kind: 'failed', why: 'no', isPassing: false },
    )
    await expect.poll(() => stateOf(made.id)).toBe('done')
    expect(await Promise.all(ids.map(async ([, id]) => (await staged.get(id)) !== null))).toEqual([
      false,
      true,
    ])
  })

  it('removes an import that is deleted, with its rows and pictures', async () => {
    const { start, begin, imports, staged } = importerInstallation()
    const id = await begin(3)
    const stagedId = crypto.randomUUID() as ImageId
    await staged.put(stagedId, aPicture())
    await imports.rows.add(id, [aRow({ picture: { from: 'staged', stagedId, bytes: 1 } })])
    await imports.persons.bind({
      id,
      personKey: 'key:x',
      personId: crypto.randomUUID() as PersonId,
      isMade: true,
    })
    await imports.records.update({ id, rev: 1 }, { state: 'deleting', updatedAt: 1 })
    start(async () => enrolled)
    await expect.poll(() => imports.records.find(id)).toBeNull()
    expect(await staged.get(stagedId)).toBeNull()
  })

  it('goes on with other imports while it removes a large one', async () => {
    const { start, begin, imports, stateOf } = importerInstallation()
    const [large, other] = [await begin(9_000), await begin(1)]
    await imports.records.update({ id: large, rev: 1 }, { state: 'deleting', updatedAt: 1 })
    const removed = vi.spyOn(imports.rows, 'remove')
    let removedBefore = 0
    start(async () => {
      removedBefore = removed.mock.calls.length
      return enrolled
    })
    await expect.poll(() => stateOf(other)).toBe('done')
    await expect.poll(() => imports.records.find(large), { timeout: 5_000 }).toBeNull()
    expect(removedBefore).toBeLessThan(removed.mock.calls.length)
  })

  it('begins no row twice that was given another image id before its claim ran out', async () => {
    const { start, begin, outcomes, imports, setStoreClock } = importerInstallation()
    const id = await begin(1, 'open')
    const begun: string[] = []
    const gate = Promise.withResolvers<void>()
    start(async ({ row }) => {
      begun.push(row.key)
      if (begun.length === 1) throw staleId('x')
      await gate.promise
      return enrolled
    })
    await expect.poll(() => begun).toHaveLength(2)
    setStoreClock(3_600_000)
    await imports.rows.add(id, [aRow({ key: 'later' })])
    await expect.poll(() => begun).toContain('later')
    gate.resolve()
    await expect.poll(() => outcomes(id)).toEqual([enrolled.kind, enrolled.kind])
    expect(begun).toEqual(['row 0', 'row 0', 'later'])
  })
})
