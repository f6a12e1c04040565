import { describe, expect, it, vi } from 'vitest'
import { storeUnavailable } from '../errors.ts'
import type { ImageId } from '../ids.ts'
import { importerInstallation } from '../testing/importer-installation.ts'
import { anImport, aPicture, aRow } from '../testing/index.ts'
import { retryRows } from './manage-imports.ts'
import type { RowOutcome } from './row-outcome.ts'

/** For what does not wait for anything else. */
const AT_ONCE = { timeout: 1_000 }
const enrolled: RowOutcome = { kind: 'no-face' }

type Installation = Pick<ReturnType<typeof importerInstallation>, 'imports' | 'staged' | 'gallery'>

/** An import of two rows: one ends and has a picture to remove, the other fails the first time, and then waits for `again`. */
async function oneGoodOneBad({ imports, staged, gallery }: Installation, again?: Promise<void>) {
  const made = anImport({ state: 'running', takesRows: false })
  await imports.records.insert(made)
  const stagedId = crypto.randomUUID() as ImageId
  await staged.put(stagedId, aPicture())
  const picture = { from: 'staged', stagedId, bytes: 1 } as const
  await imports.rows.add(made.id, [aRow({ key: 'good', picture }), aRow({ key: 'bad' })])
  const begun: string[] = []
  const runRow = async ({ row }: { readonly row: { readonly key: string } }): Promise<RowOutcome> => {
    const isFirst = !begun.includes(row.key)
    begun.push(row.key)
    begun.sort()
    if (row.key === 'good') return enrolled
    if (isFirst) return { kind: 'failed', why: 'no', isPassing: false }
    await again
    return enrolled
  }
  const query = { id: made.id, kinds: ['failed'], passingOnly: false } as const
  return { id: made.id, begun, runRow, retry: () => retryRows({ gallery, imports }, query) }
}

describe('an importer', () => {
  it('begins a row at once that is retried before the pictures of others that ended with it are removed', async () => {
    const { start, imports, staged, gallery, outcomes } = importerInstallation()
    const { id, begun, runRow, retry } = await oneGoodOneBad({ imports, staged, gallery })
    const removed = Promise.withResolvers<void>()
    const remove = vi.spyOn(staged, 'delete').mockImplementation(() => removed.promise)
    start(runRow)
    await expect.poll(() => remove.mock.calls.length).toBe(1)
    await retry()
    await expect.poll(() => begun, AT_ONCE).toEqual(['bad', 'bad', 'good'])
    removed.resolve()
    await expect.poll(() => outcomes(id)).toEqual(['no-face', 'no-face'])
  })

  it('leaves a row that is retried to its new try, though what came of the first is written once more', async () => {
    const { start, imports, staged, gallery, outcomes } = importerInstallation()
    const tried = Promise.withResolvers<void>()
    const { id, begun, runRow, retry } = await oneGoodOneBad({ imports, staged, gallery }, tried.promise)
    const { end } = imports.rows
    const ends = vi.spyOn(imports.rows, 'end').mockImplementationOnce(async (...given) => {
      await end(...given)
      await retry()
      await expect.poll(() => begun).toEqual(['bad', 'bad', 'good'])
      throw storeUnavailable(new Error('its answer was lost'))
    })
    start(runRow)
    await expect.poll(() => ends.mock.calls.length, { timeout: 5_000 }).toBe(2)
    await ends.mock.results[1]?.value
    expect((await outcomes(id)).toSorted()).toEqual(['no-face', 'none'])
    tried.resolve()
    await expect.poll(() => outcomes(id)).toEqual(['no-face', 'no-face'])
  })
})
