import { describe, expect, it, vi } from 'vitest'
import { overloaded, staleId, storeUnavailable } from '../errors.ts'
import type { ImageId } from '../ids.ts'
import { importerInstallation } from '../testing/importer-installation.ts'
import { anImage, anImport, aRow, PLAIN_POLICIES } from '../testing/index.ts'
import type { RowOutcome } from './row-outcome.ts'

const enrolled: RowOutcome = { kind: 'no-face' }

describe('a row whose claims come to no end', () => {
  it('gives a row up that comes to no end, unless its picture is enrolled, so that the report is what the gallery holds', async () => {
    const { start, stateOf, imports, gallery } = importerInstallation()
    const made = anImport({ state: 'running', takesRows: false, policies: PLAIN_POLICIES })
    await imports.records.insert(made)
    const picture = { from: 'link', url: 'https://pictures.example/a.jpg' } as const
    await imports.rows.add(made.id, [aRow({ key: 'a', picture }), aRow({ key: 'b', picture })])
    const imageIds = [gallery.newId() as ImageId, gallery.newId() as ImageId]
    for (let claims = 0; claims < 6; claims++)
      await imports.rows.claim({ id: made.id, holder: 'dead', leaseMs: -1, newImageIds: imageIds })
    const image = anImage({ id: imageIds[0]! })
    await gallery.records.images.insert(image)
    const runRow = vi.fn(async () => enrolled)
    start(runRow)
    await expect.poll(() => stateOf(made.id), { timeout: 5_000 }).toBe('done')
    const rows = await imports.rows.list({ id: made.id, after: 0, limit: 10 })
    const { id: imageId, personId } = image
    expect(rows[0]?.outcome).toEqual({ kind: 'enrolled', personId, imageId, face: null })
    expect(rows[1]?.outcome).toMatchObject({ kind: 'failed', isPassing: true })
    expect(runRow).not.toHaveBeenCalled()
  })

  it('does not blame a row for what everybody needs and is away', async () => {
    const { start, begin, stateOf, imports } = importerInstallation()
    const id = await begin(20)
    let isFull = true
    start(async () => {
      if (isFull) throw overloaded('lane bulk', 1)
      return enrolled
    })
    await expect.poll(async () => (await imports.records.find(id))?.heldUp?.by).toBe('queue')
    isFull = false
    await expect.poll(() => stateOf(id), { timeout: 8_000 }).toBe('done')
    const rows = await imports.rows.list({ id, after: 0, limit: 100 })
    expect(rows.map(({ tries, outcome }) => [tries, outcome?.kind])).toEqual(Array(20).fill([1, 'no-face']))
  })

  it('gives no row up for how often it was claimed while the store was away', async () => {
    const { start, begin, stateOf, imports, outcomes } = importerInstallation()
    const id = await begin(3)
    const newImageIds = Array.from({ length: 3 }, () => crypto.randomUUID() as ImageId)
    for (let claims = 0; claims < 9; claims++)
      await imports.rows.claim({ id, holder: 'answered too late', leaseMs: -1, newImageIds })
    const made = (await imports.records.find(id))!
    await imports.records.update(made, {
      heldUp: { by: 'store', at: Date.now() - 60_000 },
      updatedAt: made.updatedAt,
    })
    start(async () => enrolled)
    await expect.poll(() => stateOf(id), { timeout: 5_000 }).toBe('done')
    expect(await outcomes(id)).toEqual(Array(3).fill('no-face'))
  })

  it('holds rows until the store takes them back, so that they do not count as begun', async () => {
    const { start, begin, stateOf, imports } = importerInstallation()
    const id = await begin(2)
    const { release } = imports.rows
    let refused = 0
    Object.assign(imports.rows, {
      release: async (...given: Parameters<typeof release>) => {
        if (refused++ < 2) throw storeUnavailable(new Error('away'))
        return release(...given)
      },
    })
    let runs = 0
    start(async () => {
      if (runs++ < 2) throw storeUnavailable(new Error('away'))
      return enrolled
    })
    await expect.poll(() => stateOf(id), { timeout: 10_000 }).toBe('done')
    const rows = await imports.rows.list({ id, after: 0, limit: 10 })
    expect(rows.map(({ tries, outcome }) => [tries, outcome?.kind])).toEqual(Array(2).fill([1, 'no-face']))
  }, 15_000)

  it('gives a row back where the store that would renew its image id is away', async () => {
    const { start, begin, stateOf, imports, gallery } = importerInstallation()
    const id = await begin(1)
    const { renewImageId } = imports.rows
    let isAway = true
    Object.assign(imports.rows, {
      renewImageId: async (...given: Parameters<typeof renewImageId>) => {
        if (isAway) throw new Error('away')
        return renewImageId(...given)
      },
    })
    let runs = 0
    start(async () => {
      runs += 1
      if (runs < 3) throw staleId('x')
      return enrolled
    })
    await expect.poll(() => gallery.deferred.length).toBeGreaterThan(0)
    isAway = false
    await expect.poll(() => stateOf(id), { timeout: 8_000 }).toBe('done')
  })
})
