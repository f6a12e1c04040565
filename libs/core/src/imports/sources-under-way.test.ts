import { afterEach, describe, expect, it } from 'vitest'
import type { ImageId, ImportId } from '../ids.ts'
import type { ImportSourceReader, SourcePortion } from '../ports/import-source-reader.ts'
import {
  anImport,
  aRow,
  createNaiveImageStore,
  createNaiveImportStore,
  newTestId,
  openTestGallery,
} from '../testing/index.ts'
import type { IncomingRow } from './add-rows.ts'
import { readFromSource } from './import-source.ts'
import { type Importer, startImporter } from './importer.ts'
import { changeImport } from './manage-imports.ts'
import { SourcesUnderWay } from './sources-under-way.ts'

const URL = 's3://faces/staff/'
const KEYS = Array.from({ length: 25 }, (_, i) => `ada/${i + 10}.jpg`)
const PORTION = 10

const started: Importer[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((importer) => importer.stop()))
})

function rowOf(key: string): IncomingRow {
  return { key, person: { by: 'externalId', externalId: 'ada' }, picture: { url: `${URL}${key}` } }
}

/** A bucket of these keys, and the cursors after which it was listed. */
function bucketOf(keys: readonly string[]) {
  const cursors: (string | null)[] = []
  const read: ImportSourceReader['read'] = async ({ cursor }): Promise<SourcePortion> => {
    cursors.push(cursor)
    const rest = keys.filter((key) => cursor === null || key > cursor)
    const part = rest.slice(0, PORTION)
    return {
      ...{ outcome: 'rows', rows: part.map(rowOf), cursor: part.at(-1) ?? cursor },
      isEnd: rest.length <= PORTION,
    }
  }
  return { cursors, read }
}

/** An installation with an import; each `start` is a process of it. */
async function installation() {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const gallery = { ...openTestGallery(), clock }
  const imports = createNaiveImportStore(clock)
  const deps = { gallery, imports, staged: createNaiveImageStore(clock) }
  const { id } = anImport()
  await imports.records.insert(anImport({ id }))
  const start = (read: ImportSourceReader['read'], runRow = async () => ({ kind: 'no-face' }) as const) => {
    const importer = startImporter(
      { ...deps, sources: { read }, runRow },
      { window: 8, everyMs: 5, retryMs: 5 },
    )
    started.push(importer)
    return importer
  }
  const ask = (closes = true, url = URL) => readFromSource(deps, { id, url, pattern: null, closes })
  const now = async () => imports.records.find(id)
  const keysOf = async (of: ImportId) => {
    const rows = await imports.rows.list({ id: of, after: 0, limit: 1000 })
    return rows.map(({ key }) => key)
  }
  return { ...deps, id, start, ask, now, keys: () => keysOf(id) }
}

describe('a source', () => {
  it('is read part by part to its end, and then the import is closed, and ends', async () => {
    const { start, ask, now, keys } = await installation()
    const { cursors, read } = bucketOf(KEYS)
    expect((await ask()).outcome).toBe('reading')
    start(read)
    await expect.poll(async () => (await now())?.state, { timeout: 5_000 }).toBe('done')
    expect(await keys()).toEqual(KEYS)
    expect(cursors).toEqual([null, KEYS[9], KEYS[19]])
    const end = { state: 'read', cursor: null, rows: KEYS.length, why: null }
    expect(await now()).toMatchObject({ takesRows: false, source: end })
  })

  it('has its wrong rows counted with all others, each once', async () => {
    const { ask, now, ...deps } = await installation()
    const outcome = { kind: 'invalid', field: 'name', why: 'is too long' } as const
    const rows = [{ ...rowOf('a'), outcome }, rowOf('b')]
    const read = async (): Promise<SourcePortion> => ({ outcome: 'rows', rows, cursor: 'b', isEnd: true })
    const told: string[] = []
    const options = { window: 8, everyMs: 5, retryMs: 5, onRow: (kind: string) => told.push(kind) }
    const runRow = async () => ({ kind: 'no-face' }) as const
    await ask()
    started.push(startImporter({ ...deps, sources: { read }, runRow }, options))
    await expect.poll(async () => (await now())?.state, { timeout: 5_000 }).toBe('done')
    await expect.poll(() => told.toSorted(), { timeout: 5_000 }).toEqual(['invalid', 'no-face'])
  })

  it('goes on in the next process where the last one died, with no row twice', async () => {
    const { start, ask, now, keys } = await installation()
    const { cursors, read } = bucketOf(KEYS)
    await ask(false)
    const first = start((source, waiting) =>
      source.cursor === KEYS[9]
        ? new Promise((_, no) => waiting?.signal?.addEventListener('abort', no))
        : read(source),
    )
    await expect.poll(async () => (await now())?.source?.cursor).toBe(KEYS[9])
    await first.stop()
    start(read)
    await expect.poll(async () => (await now())?.source?.state, { timeout: 5_000 }).toBe('read')
    expect(cursors).toEqual([null, KEYS[9], KEYS[19]])
    expect(await keys()).toEqual(KEYS)
    expect(await now()).toMatchObject({ state: 'open', takesRows: true })
  })

  it('is read again from its beginning once it was read, for what has come since', async () => {
    const { start, ask, now, keys } = await installation()
    const bucket = ['a/1.jpg']
    const { read } = bucketOf(bucket)
    start(read)
    await ask(false)
    await expect.poll(async () => (await now())?.source?.state).toBe('read')
    bucket.unshift('a/0.jpg')
    await ask(false)
    await expect.poll(keys).toEqual(['a/1.jpg', 'a/0.jpg'])
  })

  it('that is refused for good says why, and goes on when it is asked for again', async () => {
    const { start, ask, now, keys } = await installation()
    const { read } = bucketOf(KEYS)
    let isOpen = false
    start(async (source) =>
      isOpen || source.cursor === null
        ? read(source)
        : { outcome: 'refused', why: 'the bucket is missing', isPassing: false },
    )
    await ask()
    await expect.poll(async () => (await now())?.source?.state).toBe('failed')
    const failed = { why: 'the bucket is missing', cursor: KEYS[9], rows: PORTION }
    expect(await now()).toMatchObject({ state: 'open', source: failed })
    isOpen = true
    await ask()
    await expect.poll(async () => (await now())?.state, { timeout: 5_000 }).toBe('done')
    expect(await keys()).toEqual(KEYS)
  })

  it('that changed is read from its beginning when it is asked for again, and tells of rows with other contents', async () => {
    const { start, ask, now, keys } = await installation()
    const { cursors, read } = bucketOf(KEYS)
    let isChanged = false
    const other = (row: IncomingRow): IncomingRow => ({ ...row, name: 'Ada' })
    start(async (source) => {
      if (!isChanged && source.cursor !== null)
        return { outcome: 'refused', why: 'it changed', isPassing: false, restarts: true }
      const portion = await read(source)
      return isChanged && portion.outcome === 'rows' ? { ...portion, rows: portion.rows.map(other) } : portion
    })
    await ask()
    await expect.poll(async () => (await now())?.source?.state).toBe('failed')
    expect((await now())?.source).toMatchObject({ cursor: null, rows: PORTION, why: 'it changed' })
    isChanged = true
    await ask()
    await expect.poll(async () => (await now())?.state, { timeout: 5_000 }).toBe('done')
    expect(cursors).toEqual([null, null, KEYS[9], KEYS[19]])
    expect((await now())?.source).toMatchObject({ rows: KEYS.length, conflicts: PORTION })
    const all = await keys()
    expect(all.filter((key) => KEYS.includes(key))).toEqual(KEYS)
    const told = all.filter((key) => !KEYS.includes(key))
    expect(told.map((key) => key.replace(/-[0-9a-f]{12}$/, ''))).toEqual(KEYS.slice(0, PORTION))
  })

  it('has each conflict in the report once, also where a process died before it remembered how far it was', async () => {
    const { start, ask, now, imports, id } = await installation()
    const rows = [rowOf('a'), { ...rowOf('a'), name: 'Ada' }, rowOf('b')]
    let isDying = true
    const update = imports.records.update.bind(imports.records)
    imports.records.update = async (target, changes, waiting) => {
      if (isDying && changes.source?.cursor === 'b') throw new Error('the process dies')
      return update(target, changes, waiting)
    }
    const read: ImportSourceReader['read'] = async ({ cursor }) => {
      const isFirst = cursor === null
      return { outcome: 'rows', rows: isFirst ? rows : [], cursor: 'b', isEnd: !isFirst }
    }
    await ask(false)
    const first = start(read)
    const list = () => imports.rows.list({ id, after: 0, limit: 9 })
    await expect.poll(async () => (await list()).length).toBe(3)
    await first.stop()
    expect((await now())?.source).toMatchObject({ cursor: null, rows: 0 })
    isDying = false
    start(read)
    await expect.poll(async () => (await now())?.source?.state, { timeout: 5_000 }).toBe('read')
    const told = (await list()).filter(({ key }) => key !== 'a' && key !== 'b')
    const outcome = { kind: 'invalid', field: 'key', why: expect.stringContaining('other contents') }
    expect(told).toMatchObject([{ key: expect.stringMatching(/^a-/), picture: null, outcome }])
    expect((await now())?.source).toMatchObject({ rows: 3, conflicts: 1 })
  })

  it('counts conflicts once where all is read again, since nobody knows that it is the same', async () => {
    const { start, ask, now } = await installation()
    const rows = [rowOf('a'), { ...rowOf('a'), name: 'Ada' }, rowOf('b'), { ...rowOf('b'), name: 'Bob' }]
    const read: ImportSourceReader['read'] = async ({ cursor }) => {
      // It breaks off after three rows, and its cursor tells no version: the next reading begins at the beginning.
      if (cursor === null)
        return { outcome: 'rows', rows: rows.slice(0, 3), cursor: '3', isEnd: false, rowsInAll: 3 }
      if (cursor === '3')
        return { outcome: 'rows', rows: rows.slice(0, 2), cursor: '2', isEnd: false, rowsInAll: 2 }
      return { outcome: 'rows', rows: rows.slice(2), cursor: '4', isEnd: true, rowsInAll: 4 }
    }
    await ask(false)
    start(read)
    await expect.poll(async () => (await now())?.source?.state, { timeout: 5_000 }).toBe('read')
    expect((await now())?.source).toMatchObject({ rows: 4, conflicts: 2 })
  })

  it('has its notes kept over portions, breaks and processes, each once, until it is read anew', async () => {
    const { start, ask, now } = await installation()
    const { read } = bucketOf(KEYS)
    const notes: Record<string, readonly string[]> = {
      begin: ['columns', 'links'],
      [KEYS[9]!]: ['links', 'files'],
    }
    let isAway = true
    const noting: ImportSourceReader['read'] = async (source) => {
      if (isAway && source.cursor === KEYS[19])
        return { outcome: 'refused', why: 'it is away', isPassing: true }
      const portion = await read(source)
      const own = notes[source.cursor ?? 'begin']
      return portion.outcome !== 'rows' || own === undefined ? portion : { ...portion, notes: own }
    }
    await ask(false)
    const first = start(noting)
    const source = async () => (await now())?.source
    await expect.poll(source).toMatchObject({ why: 'it is away', notes: ['columns', 'links', 'files'] })
    await first.stop()
    isAway = false
    start(noting)
    await expect.poll(async () => (await source())?.state, { timeout: 5_000 }).toBe('read')
    expect((await source())?.notes).toEqual(['columns', 'links', 'files'])
    notes.begin = ['other columns']
    delete notes[KEYS[9]!]
    await ask(false)
    await expect.poll(source, { timeout: 5_000 }).toMatchObject({ state: 'read', notes: ['other columns'] })
  })

  it('is not read on while as many bytes of pictures wait as may', async () => {
    const { ask, now, id, ...deps } = await installation()
    const bytes = new Uint8Array(60)
    const cursors: (string | null)[] = []
    const read: ImportSourceReader['read'] = async ({ cursor }) => {
      cursors.push(cursor)
      const at = Number(cursor ?? 0)
      const rows = [{ ...rowOf(`${at}`), picture: { bytes } }]
      return { outcome: 'rows', rows, cursor: `${at + 1}`, isEnd: false }
    }
    const runRow = () => new Promise<never>(() => {})
    const sources = new SourcesUnderWay({ ...deps, maxStagedBytes: 100, sources: { read }, runRow })
    await ask()
    for (let look = 0; look < 4; look++) {
      sources.goOn(await deps.imports.records.listByState(['open']), new AbortController().signal)
      await sources.finish()
    }
    expect(cursors).toEqual([null, '1'])
    expect((await now())?.source).toMatchObject({ state: 'reading', rows: 2 })
  })

  it('that is away for a while is tried again, and says so meanwhile', async () => {
    const { start, ask, now } = await installation()
    const { read } = bucketOf(KEYS)
    let isAway = true
    start(async (source) =>
      isAway ? { outcome: 'refused', why: 'it is away', isPassing: true } : read(source),
    )
    await ask()
    await expect
      .poll(async () => (await now())?.source)
      .toMatchObject({ state: 'reading', why: 'it is away' })
    isAway = false
    await expect.poll(async () => (await now())?.state, { timeout: 5_000 }).toBe('done')
  })

  it('that gives nothing after it was away says why, and is asked ever more seldom, up to once a minute', async () => {
    const { ask, now, id, ...deps } = await installation()
    let ms = 0
    const clock = { ...deps.gallery.clock, monotonic: () => ms }
    const asked: number[] = []
    const read: ImportSourceReader['read'] = async ({ cursor }) => {
      asked.push(ms)
      // It is opened, nothing comes, and then it breaks off.
      return asked.length % 2 === 1
        ? { outcome: 'rows', rows: [], cursor, isEnd: false, why: 'nothing comes' }
        : { outcome: 'refused', why: 'it is away', isPassing: true }
    }
    const runRow = () => new Promise<never>(() => {})
    const sources = new SourcesUnderWay({
      ...{ ...deps, gallery: { ...deps.gallery, clock } },
      ...{ sources: { read }, runRow },
    })
    await ask()
    const whys: (string | null | undefined)[] = []
    for (; ms < 300_000; ms += 500) {
      sources.goOn(await deps.imports.records.listByState(['open']), new AbortController().signal)
      await sources.finish()
      whys.push((await now())?.source?.why)
    }
    const rests = asked.filter((_, i) => i % 2 === 0).map((at, i) => at - (asked[2 * i - 1] ?? 0))
    expect(rests.slice(1, 9)).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((s) => s * 1_000))
    expect(new Set(whys)).toEqual(new Set(['nothing comes', 'it is away']))
    expect(whys.lastIndexOf('nothing comes')).toBe(0)
  })

  it('whose import is paused is let go of, though nothing comes from it', async () => {
    const { ask, now, id, keys, ...deps } = await installation()
    const letGo: ImportId[] = []
    const read: ImportSourceReader['read'] = (_source, waiting) =>
      new Promise((_, no) => waiting?.signal?.addEventListener('abort', () => no(waiting.signal?.reason)))
    const runRow = () => new Promise<never>(() => {})
    const reader = { read, letGo: (each: ImportId) => void letGo.push(each) }
    const sources = new SourcesUnderWay({ ...deps, sources: reader, runRow })
    await ask()
    const goOn = async () =>
      sources.goOn(await deps.imports.records.listByState(['open']), new AbortController().signal)
    await goOn()
    await changeImport(deps, { id, action: 'pause' })
    await goOn()
    await sources.finish()
    expect(letGo).toEqual([id])
    expect((await now())?.source).toMatchObject({ state: 'reading', why: null })
    expect(await keys()).toEqual([])
  })

  it('comes in its turn, though four others always have rows', async () => {
    const { id: _, ...deps } = await installation()
    const ids = Array.from({ length: 5 }, () => newTestId<ImportId>())
    for (const id of ids) {
      await deps.imports.records.insert(anImport({ id }))
      await readFromSource(deps, { id, url: URL, pattern: null, closes: false })
    }
    const read = bucketOf(Array.from({ length: 100 }, (_, i) => `ada/${i + 100}.jpg`)).read
    const seen = new Set<ImportId>()
    const reader: ImportSourceReader = {
      read: (source) => {
        seen.add(source.id)
        return read(source)
      },
    }
    const sources = new SourcesUnderWay({ ...deps, sources: reader, runRow: () => new Promise(() => {}) })
    for (let look = 0; look < 2; look++) {
      sources.goOn(await deps.imports.records.listByState(['open']), new AbortController().signal)
      await sources.finish()
    }
    expect(seen).toEqual(new Set(ids))
  })

  it('is not read on while many rows wait', async () => {
    const { ask, now, id, ...deps } = await installation()
    const { imports } = deps
    const { cursors, read } = bucketOf(KEYS)
    const many = Array.from({ length: 10_000 }, (_, i) => aRow({ key: `${i}` }))
    for (let at = 0; at < many.length; at += 1_000) await imports.rows.add(id, many.slice(at, at + 1_000))
    await ask()
    const sources = new SourcesUnderWay({ ...deps, sources: { read }, runRow: () => new Promise(() => {}) })
    const goOn = async () => {
      sources.goOn(await imports.records.listByState(['open']), new AbortController().signal)
      await sources.finish()
    }
    await goOn()
    expect(cursors).toEqual([])
    const claim = { id, holder: 'h', leaseMs: 60_000, newImageIds: [newTestId<ImageId>()] }
    await imports.rows.claim(claim)
    await goOn()
    expect((await now())?.source?.cursor).toBe(KEYS[9])
  })

  it('is one at a time, of an import that takes rows', async () => {
    const { ask, id, now, ...deps } = await installation()
    await ask(false)
    expect((await ask(false)).outcome).toBe('reading')
    expect((await now())?.rev).toBe(2)
    expect((await ask(false, 's3://faces/other/')).outcome).toBe('busy')
    await changeImport(deps, { id, action: 'cancel' })
    expect((await now())?.source).toMatchObject({
      state: 'failed',
      why: expect.stringContaining('cancelled'),
    })
    expect((await ask()).outcome).toBe('closed')
  })

  it('keeps an import open that is closed meanwhile, until all of it is in', async () => {
    const { start, ask, id, now, keys, ...deps } = await installation()
    await ask(false)
    await changeImport(deps, { id, action: 'close' })
    expect(await now()).toMatchObject({ state: 'open', takesRows: true, source: { closes: true } })
    start(bucketOf(KEYS).read)
    await expect.poll(async () => (await now())?.state, { timeout: 5_000 }).toBe('done')
    expect(await keys()).toEqual(KEYS)
  })
})
