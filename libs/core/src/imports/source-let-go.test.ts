import { describe, expect, it } from 'vitest'
import type { ImageId, ImportId } from '../ids.ts'
import {
  anImport,
  createNaiveImageStore,
  createNaiveImportStore,
  newTestId,
  openTestGallery,
} from '../testing/index.ts'
import { addRows, type IncomingRow } from './add-rows.ts'
import { eraseImport } from './erase-import.ts'
import { readFromSource } from './import-source.ts'
import { changeImport, type ImportAction } from './manage-imports.ts'
import { SourcesUnderWay } from './sources-under-way.ts'

const STAGED = 6

/** An import whose source gives rows with pictures; `onStaged` is called before each of these is written. */
async function installation(onStaged: (count: number) => Promise<void>) {
  const gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const store = createNaiveImageStore(gallery.clock)
  let count = 0
  const put: typeof store.put = async (...given) => {
    count += 1
    await onStaged(count)
    return store.put(...given)
  }
  const staged = { ...store, put, delete: store.delete.bind(store), list: store.list.bind(store) }
  const deps = { gallery, imports, staged, maxStagedBytes: 1e9 }
  const id = newTestId<ImportId>()
  await imports.records.insert(anImport({ id }))
  const left = async () => ({
    rows: (await imports.rows.list({ id, after: 0, limit: 100 })).length,
    pictures: (await store.list({ after: null, limit: 100, untouchedMs: 0 })) as readonly ImageId[],
  })
  return { deps, id, left }
}

const rows: readonly IncomingRow[] = Array.from({ length: STAGED }, (_, i) => ({
  key: `k${i}`,
  person: { by: 'externalId', externalId: 'ada' },
  picture: { bytes: Uint8Array.of(i) },
}))

describe('an import that is changed while pictures of its source are staged', () => {
  it.each([
    'pause',
    'cancel',
    'delete',
  ] as const)('by %s keeps none of them', async (action: ImportAction) => {
    const letGo: ImportId[] = []
    let begun = Promise.withResolvers<void>()
    let change = Promise.resolve()
    const { deps, id, left } = await installation(async (count) => {
      if (count === STAGED - 1) begun.resolve()
      if (count >= STAGED - 1) await change
    })
    begun = Promise.withResolvers<void>()
    const changed = Promise.withResolvers<void>()
    change = changed.promise
    await readFromSource(deps, { id, url: 's3://faces/a.tar', pattern: null, closes: true })
    const read = async () => ({ outcome: 'rows', rows, cursor: 'c', isEnd: false }) as const
    const sources = new SourcesUnderWay({
      ...deps,
      sources: { read, letGo: (each) => void letGo.push(each) },
      runRow: () => new Promise<never>(() => {}),
    })
    const goOn = async () =>
      sources.goOn(await deps.imports.records.listByState(['open']), new AbortController().signal)
    await goOn()
    await begun.promise
    await changeImport(deps, { id, action })
    await goOn()
    changed.resolve()
    await sources.finish()
    expect(letGo).toEqual([id])
    expect(await left()).toEqual({ rows: 0, pictures: [] })
    expect((await deps.imports.records.find(id))?.source?.cursor ?? null).toBeNull()
  })

  it('and erased for good, has no row or picture of a sender who had begun before', async () => {
    const { deps, id, left } = await installation(async (count) => {
      if (count !== STAGED) return
      await changeImport(deps, { id, action: 'delete' })
      await eraseImport(deps, id)
    })
    expect(await addRows(deps, { id, rows })).toEqual({ outcome: 'import-not-found' })
    expect(await left()).toEqual({ rows: 0, pictures: [] })
  })

  it('is erased by the sender whose rows come after all others were', async () => {
    const { deps, id, left } = await installation(async () => {})
    const { add } = deps.imports.rows
    const late: typeof add = async (...given) => {
      await changeImport(deps, { id, action: 'delete' })
      await eraseImport(deps, id)
      return add.apply(deps.imports.rows, given)
    }
    const imports = { ...deps.imports, rows: { ...deps.imports.rows, add: late } }
    expect(await addRows({ ...deps, imports }, { id, rows })).toEqual({ outcome: 'import-not-found' })
    expect(await left()).toEqual({ rows: 0, pictures: [] })
  })
})

describe('the same rows from two senders at once', () => {
  it('have one effect each, and leave no picture of their own twice', async () => {
    const both = Promise.withResolvers<void>()
    const { deps, id, left } = await installation(async (count) => {
      if (count === 2 * STAGED) both.resolve()
    })
    // Both see that no row is there before either writes one.
    const { add } = deps.imports.rows
    let calls = 0
    const together = Promise.withResolvers<void>()
    const atOnce: typeof add = async (...given) => {
      calls += 1
      if (calls === 2) together.resolve()
      await together.promise
      return add.apply(deps.imports.rows, given)
    }
    const imports = { ...deps.imports, rows: { ...deps.imports.rows, add: atOnce } }
    const [one, other] = await Promise.all([
      addRows({ ...deps, imports }, { id, rows }),
      addRows({ ...deps, imports }, { id, rows }),
    ])
    await both.promise
    const told = [one, other].flatMap((sent) => (sent.outcome === 'added' ? sent.rows : []))
    expect(told.toSorted()).toEqual([...Array(STAGED).fill('added'), ...Array(STAGED).fill('known')])
    const { rows: kept, pictures } = await left()
    expect([kept, pictures.length]).toEqual([STAGED, STAGED])
  })
})
