import { afterEach, describe, expect, it } from 'vitest'
import type { ImageId, ImportId } from '../ids.ts'
import {
  anImport,
  aPicture,
  aRow,
  createNaiveImageStore,
  createNaiveImportStore,
  openTestGallery,
} from '../testing/index.ts'
import { type Importer, type ImporterDeps, startImporter } from './importer.ts'
import { changeImport, makeImport } from './manage-imports.ts'
import type { OutcomeKind, RowOutcome } from './row-outcome.ts'

const NO_FACE: RowOutcome = { kind: 'no-face' }

const started: Importer[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((importer) => importer.stop()))
})

/** An installation; each `start` is a process of it. */
function installation() {
  const gallery = { ...openTestGallery(), clock: { now: Date.now, monotonic: () => performance.now() } }
  const imports = createNaiveImportStore(gallery.clock)
  const staged = createNaiveImageStore(gallery.clock)
  const told: OutcomeKind[] = []
  const start = (runRow: ImporterDeps['runRow'] = async () => NO_FACE) => {
    const options = { window: 4, everyMs: 5, retryMs: 5, onRow: (kind: OutcomeKind) => told.push(kind) }
    const importer = startImporter({ gallery, imports, staged, runRow }, options)
    started.push(importer)
    return importer
  }
  const begin = async (rows: number, dryRun = false) => {
    const { policies } = anImport()
    const id = gallery.newId<ImportId>()
    await makeImport({ gallery, imports }, { id, name: 'x', policies: { ...policies, dryRun }, groups: [] })
    await add(id, rows)
    return id
  }
  const add = async (id: ImportId, rows: number) => {
    const drafts = Array.from({ length: rows }, () => {
      const stagedId = gallery.newId<ImageId>()
      return aRow({ picture: { from: 'staged', stagedId, bytes: 1 } })
    })
    for (const { picture } of drafts)
      if (picture?.from === 'staged') await staged.put(picture.stagedId, aPicture())
    await imports.rows.add(id, drafts)
  }
  const cancel = (id: ImportId) => changeImport({ gallery, imports }, { id, action: 'cancel' })
  const pictures = async () => (await staged.list({ after: null, limit: 99_999, untouchedMs: -1 })).length
  const hasEnded = async (id: ImportId) => {
    const made = await imports.records.find(id)
    return made?.state === 'cancelled' && made.endedAt !== null
  }
  const countOf = async (id: ImportId) => (await imports.rows.count(id)).ended
  return { gallery, imports, staged, told, start, begin, add, cancel, pictures, hasEnded, countOf }
}

describe('an import that is cancelled', () => {
  it('ends the rows that wait and removes their pictures; those under way end as they end', async () => {
    const { start, begin, cancel, pictures, hasEnded, countOf, told } = installation()
    const id = await begin(30)
    const running: (() => void)[] = []
    start(async () => {
      const isFirst = running.length === 0
      await new Promise<void>((resolve) => running.push(resolve))
      return isFirst ? NO_FACE : { kind: 'failed', why: 'no', isPassing: false }
    })
    await expect.poll(() => running.length).toBe(4)
    await cancel(id)
    await expect.poll(() => countOf(id)).toEqual({ cancelled: 26 })
    running[0]?.()
    await expect.poll(() => countOf(id)).toEqual({ 'no-face': 1, cancelled: 26 })
    await expect.poll(pictures).toBe(3)
    expect(await hasEnded(id)).toBe(false)
    for (const resume of running) resume()
    await expect.poll(() => hasEnded(id)).toBe(true)
    // Nobody can retry those that failed, so that nothing needs their pictures.
    expect(await pictures()).toBe(0)
    expect(await countOf(id)).toEqual({ 'no-face': 1, failed: 3, cancelled: 26 })
    expect(told.filter((kind) => kind === 'cancelled')).toHaveLength(26)
  })

  it('is carried on with after a process that died in the middle', async () => {
    const { start, begin, cancel, pictures, hasEnded, countOf, imports, staged } = installation()
    const id = await begin(900)
    await cancel(id)
    const whole = { cancel: imports.rows.cancel, delete: staged.delete }
    let parts = 0
    Object.assign(imports.rows, {
      cancel: async (...given: Parameters<typeof whole.cancel>) => {
        if (++parts > 2) throw new Error('the process ended')
        return whole.cancel(...given)
      },
    })
    const first = start()
    await expect.poll(() => parts).toBeGreaterThan(2)
    await first.stop()
    expect(await countOf(id)).toEqual({ cancelled: 400 })
    expect(await hasEnded(id)).toBe(false)
    Object.assign(imports.rows, { cancel: whole.cancel })
    start()
    await expect.poll(() => hasEnded(id)).toBe(true)
    expect([await countOf(id), await pictures()]).toEqual([{ cancelled: 900 }, 0])
  })

  it('ends rows that somebody added who died before telling of them', async () => {
    const { start, begin, add, cancel, pictures, hasEnded, imports, countOf } = installation()
    const id = await begin(0)
    await cancel(id)
    const first = start()
    await expect.poll(() => hasEnded(id)).toBe(true)
    await first.stop()
    await add(id, 3)
    start()
    await expect.poll(() => countOf(id)).toEqual({ cancelled: 3 })
    await expect.poll(pictures).toBe(0)
    await expect.poll(() => hasEnded(id)).toBe(true)
    expect((await imports.rows.count(id)).waiting).toBe(0)
  })

  it('leaves other imports their turn, however large it is', async () => {
    const { start, begin, cancel, hasEnded, countOf, imports } = installation()
    const large = await begin(9_000)
    await cancel(large)
    const other = await begin(1)
    let cancelledBefore = 0
    start(async () => {
      cancelledBefore = (await imports.rows.count(large)).ended.cancelled ?? 0
      return NO_FACE
    })
    await expect.poll(() => countOf(other)).toEqual({ 'no-face': 1 })
    expect(cancelledBefore).toBeLessThan(9_000)
    await expect.poll(() => hasEnded(large), { timeout: 10_000 }).toBe(true)
  })
})

it('a dry run leaves no picture behind', async () => {
  const { start, begin, pictures, countOf } = installation()
  const id = await begin(5, true)
  start()
  await expect.poll(() => countOf(id)).toEqual({ 'no-face': 5 })
  await expect.poll(pictures).toBe(0)
})
