import { describe, expect, it, vi } from 'vitest'
import { storeUnavailable } from '../errors.ts'
import type { ImageId, ImportId, PersonId } from '../ids.ts'
import type { EnrolledImage } from '../images/image.ts'
import { importerInstallation } from '../testing/importer-installation.ts'
import { anImage, aRow } from '../testing/index.ts'
import type { ImporterDeps } from './importer.ts'
import { changeImport, type ImportAction } from './manage-imports.ts'
import type { RowOutcome } from './row-outcome.ts'

const NO_FACE: RowOutcome = { kind: 'no-face' }
/** For what does not wait until a claim runs out. */
const AT_ONCE = { timeout: 1_000 }

/** Has `places` rows done at once, as a queue has; the others wait until one ends. */
function aQueue(places: number) {
  const running: (() => void)[] = []
  const waiting = new Set<() => void>()
  let isOpen = false
  const beginNext = () => {
    if (running.length >= places) return
    const [first] = waiting
    first?.()
  }
  const runRow: ImporterDeps['runRow'] = (_, { signal, unlessBegun }) =>
    new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(begin)
        reject(AbortSignal.any([signal, unlessBegun!]).reason)
      }
      const begin = () => {
        waiting.delete(begin)
        unlessBegun?.removeEventListener('abort', leave)
        signal.removeEventListener('abort', leave)
        const end = () => {
          const at = running.indexOf(end)
          if (at >= 0) running.splice(at, 1)
          resolve(NO_FACE)
          beginNext()
        }
        running.push(end)
        if (isOpen) setTimeout(end, 1)
      }
      waiting.add(begin)
      signal.addEventListener('abort', leave)
      unlessBegun?.addEventListener('abort', leave)
      beginNext()
    })
  return {
    runRow,
    get running() {
      return running.length
    },
    get waiting() {
      return waiting.size
    },
    end: () => running[0]?.(),
    /** From now on all of them end by themselves. */
    open: () => {
      isOpen = true
      for (const end of [...running]) end()
    },
  }
}

function installation() {
  const given = importerInstallation()
  const { gallery, imports, outcomes } = given
  const change = (id: ImportId, action: ImportAction) => changeImport({ gallery, imports }, { id, action })
  const countOf = async (id: ImportId, kind: string) => (await outcomes(id)).filter((one) => one === kind)
  return { ...given, change, countOf }
}

describe('rows on which no work has begun', () => {
  it.each(['pause', 'cancel', 'delete'] as const)('are given back on %s; those begun end', async (action) => {
    const { start, begin, change, countOf, imports, outcomes } = installation()
    const queue = aQueue(2)
    const id = await begin(20)
    start(queue.runRow, 16)
    await expect.poll(() => [queue.running, queue.waiting]).toEqual([2, 14])
    await change(id, action)
    await expect.poll(() => queue.waiting, AT_ONCE).toBe(0)
    expect(queue.running).toBe(2)
    queue.open()
    if (action === 'delete') {
      await expect.poll(() => imports.records.find(id)).toBeNull()
      return
    }
    await expect.poll(() => countOf(id, 'no-face')).toHaveLength(2)
    const rest = action === 'pause' ? 'none' : 'cancelled'
    await expect.poll(() => countOf(id, rest)).toHaveLength(18)
    if (action === 'cancel') {
      await expect.poll(async () => (await imports.records.find(id))?.endedAt).not.toBeNull()
      return
    }
    await change(id, 'resume')
    await expect.poll(() => outcomes(id)).toEqual(Array(20).fill('no-face'))
  })

  it('leave those of other imports alone', async () => {
    const { start, begin, change, outcomes } = installation()
    const queue = aQueue(1)
    const [paused, other] = [await begin(6), await begin(6)]
    start(queue.runRow, 12)
    await expect.poll(() => queue.running + queue.waiting).toBe(12)
    await change(paused, 'pause')
    await expect.poll(() => queue.waiting, AT_ONCE).toBeLessThanOrEqual(6)
    queue.open()
    await expect.poll(() => outcomes(other)).toEqual(Array(6).fill('no-face'))
  })

  it('are given back, too, while they wait for rows of the same person in another import', async () => {
    const { start, begin, change, imports } = installation()
    const queue = aQueue(8)
    const person = { by: 'externalId', externalId: 'ada' } as const
    const [first, second] = [await begin(0, 'open'), await begin(0, 'open')]
    await imports.rows.add(first, [aRow({ person })])
    start(queue.runRow)
    await expect.poll(() => queue.running).toBe(1)
    await imports.rows.add(second, [aRow({ person })])
    const { rows } = imports
    await expect.poll(async () => (await rows.count(second)).claimed).toBe(1)
    await change(second, 'pause')
    await expect.poll(async () => (await rows.count(second)).waiting, AT_ONCE).toBe(1)
    expect(queue.running).toBe(1)
    queue.open()
  })

  it('have one outcome each, and count as begun once, when it is paused and resumed again and again', async () => {
    const { start, begin, change, stateOf, outcomes, imports } = installation()
    const queue = aQueue(2)
    queue.open()
    const id = await begin(200)
    start(queue.runRow, 32, 1)
    while ((await stateOf(id)) !== 'done') {
      await change(id, 'pause')
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 6))
      await change(id, 'resume')
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 6))
    }
    expect(await outcomes(id)).toEqual(Array(200).fill('no-face'))
    const rows = await imports.rows.list({ id, after: 0, limit: 200 })
    // What was given back counts as never begun, or rows would be given up.
    expect(Math.max(...rows.map(({ tries }) => tries))).toBe(1)
  }, 20_000)

  it('are begun anew at once, also before the store has told that it took them back', async () => {
    const { start, begin, change, imports, outcomes } = installation()
    const queue = aQueue(1)
    const id = await begin(3)
    const { release } = imports.rows
    const told = Promise.withResolvers<void>()
    vi.spyOn(imports.rows, 'release').mockImplementation(async (...given) => {
      await release(...given)
      await told.promise
    })
    start(queue.runRow)
    await expect.poll(() => queue.waiting).toBe(2)
    await change(id, 'pause')
    await expect.poll(async () => (await imports.rows.count(id)).waiting, AT_ONCE).toBe(2)
    await change(id, 'resume')
    await expect.poll(() => queue.waiting, AT_ONCE).toBe(2)
    told.resolve()
    await new Promise((resolve) => setTimeout(resolve, 20))
    // Else its claims would run out while they are under way.
    expect((await imports.rows.count(id)).claimed).toBe(3)
    await change(id, 'pause')
    await expect.poll(() => queue.waiting, AT_ONCE).toBe(0)
    await change(id, 'resume')
    queue.open()
    await expect.poll(() => outcomes(id)).toEqual(Array(3).fill('no-face'))
  })

  it('keep the claims under which they were begun anew, though the answer that they were taken back was lost', async () => {
    const { start, begin, change, imports, outcomes } = installation()
    const queue = aQueue(1)
    const id = await begin(3)
    const { release } = imports.rows
    const lost = Promise.withResolvers<void>()
    const releases = vi.spyOn(imports.rows, 'release').mockImplementation(async (...given) => {
      await release(...given)
      if (releases.mock.calls.length <= 2) await lost.promise
    })
    start(queue.runRow)
    await expect.poll(() => queue.waiting).toBe(2)
    await change(id, 'pause')
    await expect.poll(async () => (await imports.rows.count(id)).waiting, AT_ONCE).toBe(2)
    await change(id, 'resume')
    await expect.poll(() => queue.waiting, AT_ONCE).toBe(2)
    lost.reject(storeUnavailable(new Error('its answer was lost')))
    // It would be asked once more after a second.
    await new Promise((resolve) => setTimeout(resolve, 1_300))
    expect((await imports.rows.count(id)).claimed).toBe(3)
    queue.open()
    await expect.poll(() => outcomes(id), { timeout: 5_000 }).toEqual(Array(3).fill('no-face'))
  })

  it('are given back once more, and begun anew then, if the store was away', async () => {
    const { start, begin, change, imports, outcomes } = installation()
    const queue = aQueue(1)
    const id = await begin(3)
    const { release } = imports.rows
    const releases = vi.spyOn(imports.rows, 'release').mockImplementation(async (...given) => {
      if (releases.mock.calls.length <= 2) throw storeUnavailable(new Error('away'))
      return release(...given)
    })
    start(queue.runRow)
    await expect.poll(() => queue.waiting).toBe(2)
    await change(id, 'pause')
    await expect.poll(() => queue.waiting, AT_ONCE).toBe(0)
    await change(id, 'resume')
    queue.open()
    await expect.poll(() => outcomes(id), { timeout: 10_000 }).toEqual(Array(3).fill('no-face'))
    const rows = await imports.rows.list({ id, after: 0, limit: 9 })
    expect(rows.map(({ tries }) => tries)).toEqual([1, 1, 1])
  }, 15_000)
})

describe('a row of a cancelled import that an earlier process has begun', () => {
  it('is enrolled if its picture is, and cancelled if nothing came of it', async () => {
    const { start, begin, change, imports, gallery, outcomes } = installation()
    const id = await begin(0, 'open')
    const link = { from: 'link', url: 'https://photos.example/1.jpg' } as const
    await imports.rows.add(
      id,
      ['enrolled', 'pending', 'nothing', 'new'].map((key) => aRow({ key, picture: link })),
    )
    const newImageIds = Array.from({ length: 3 }, () => gallery.newId() as ImageId)
    const claimed = await imports.rows.claim({ id, holder: 'died', leaseMs: 0, newImageIds })
    const personId = gallery.newId() as PersonId
    const images = claimed
      .slice(0, 2)
      .map(({ imageId }, i) => anImage({ id: imageId!, personId, state: i === 0 ? 'ready' : 'pending' }))
    let isSettled = false
    const stateOf = (image: EnrolledImage) => (isSettled ? { ...image, state: 'ready' as const } : image)
    vi.spyOn(gallery.records.images, 'findMany').mockImplementation(async (ids) =>
      images.filter((image) => ids.includes(image.id)).map(stateOf),
    )
    await change(id, 'cancel')
    start(async () => expect.fail('it was begun'))
    await expect.poll(() => outcomes(id)).toEqual(['enrolled', 'none', 'cancelled', 'cancelled'])
    expect((await imports.records.find(id))?.endedAt).toBeNull()
    isSettled = true
    await expect.poll(() => outcomes(id)).toEqual(['enrolled', 'enrolled', 'cancelled', 'cancelled'])
    await expect.poll(async () => (await imports.records.find(id))?.endedAt).not.toBeNull()
    expect((await imports.rows.find(id, 'enrolled'))?.outcome).toEqual({
      kind: 'enrolled',
      personId,
      imageId: claimed[0]?.imageId,
      face: null,
    })
  })
})
