import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HeldRowsRoom } from '../layout/held-rows.ts'
import type { LayoutReading } from '../layout/layout-reading.ts'
import { readNamePattern } from '../layout/name-pattern.ts'
import { type MadeEntry, makeTar, makeTarGz, makeZip } from '../testing/make-archives.ts'
import { inPieces, readAll } from '../testing/read-all.ts'
import { told } from '../testing/tell-item.ts'
import { readTar, readTarGz } from './read-tar.ts'
import { readZip } from './read-zip.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-sources-'))
})
afterEach(() => rm(folder, { recursive: true }))

const spooled = (reading: LayoutReading) => ({ ...reading, spoolFolder: folder })

const KINDS = [
  { kind: 'tar', make: makeTar, read: readTar },
  { kind: 'tar.gz', make: makeTarGz, read: readTarGz },
  {
    kind: 'zip',
    make: (entries: readonly MadeEntry[]) => makeZip(entries),
    read: (source: AsyncIterable<Uint8Array>, reading: LayoutReading = {}) =>
      readZip(source, spooled(reading)),
  },
]

describe.each(KINDS)('a $kind', ({ make, read }) => {
  const readMade = async (entries: readonly MadeEntry[], reading: LayoutReading = {}) =>
    readAll(read(inPieces(await make(entries), [1_000]), reading))

  it('becomes a row for each picture, of the person whose folder it lies in', async () => {
    const { items } = await readMade([
      { path: 'Jane Doe/1.jpg', bytes: 'jane1' },
      { path: 'Jane Doe/2.jpg', bytes: 'jane2' },
      { path: 'staff/Zoë/é.jpg', bytes: 'zoe' },
      { path: 'stray.jpg', bytes: 'x' },
      { path: `${'long/'.repeat(60)}a.jpg`, bytes: 'long' },
    ])
    expect(items.map(told)).toEqual([
      'Jane Doe/1.jpg Jane Doe Jane Doe jane1',
      'Jane Doe/2.jpg Jane Doe Jane Doe jane2',
      'staff/Zoë/é.jpg Zoë Zoë zoe',
      'stray.jpg person is not known: the picture lies in no folder',
      `${'long/'.repeat(60)}a.jpg long long long`,
    ])
  })

  it('becomes rows by a pattern of names', async () => {
    const made = readNamePattern('{person}_{n}.{any}')
    const layout = { by: 'pattern', pattern: 'pattern' in made ? made.pattern : expect.fail() } as const
    const { items } = await readMade(
      [
        { path: 'x/Jane_Doe_0001.jpg', bytes: 'a' },
        { path: 'manifest.csv', bytes: 'b' },
      ],
      { layout },
    )
    expect(items.map(told)).toEqual([
      'x/Jane_Doe_0001.jpg Jane_Doe Jane_Doe a',
      'manifest.csv person is not known: the name does not fit the pattern',
    ])
  })

  it('passes over what systems put there, and folders', async () => {
    const { items } = await readMade([
      { path: 'a/.DS_Store', bytes: 'x' },
      { path: '__MACOSX/a/._1.jpg', bytes: 'x' },
      { path: 'a/._1.jpg', bytes: 'x' },
      { path: 'a/Thumbs.db', bytes: 'x' },
      { path: 'a/1.jpg', bytes: 'y' },
    ])
    expect(items.map(told)).toEqual(['a/1.jpg a a y'])
  })

  it('refuses pictures that are too large, empty, or archives, and goes on', async () => {
    const { items } = await readMade(
      [
        { path: 'a/large.jpg', bytes: 'x'.repeat(10_001) },
        { path: 'a/empty.jpg' },
        { path: 'a/inner.zip', bytes: await makeZip([{ path: 'b/1.jpg', bytes: 'x' }]) },
        { path: 'a/inner.tar', bytes: await makeTar([{ path: 'b/1.jpg', bytes: 'x' }]) },
        { path: 'a/inner.tgz', bytes: await makeTarGz([{ path: 'b/1.jpg', bytes: 'x' }]) },
        { path: 'a/1.jpg', bytes: 'x'.repeat(10_000) },
      ],
      { bounds: { pictureBytes: 10_000 } },
    )
    expect(items.map(told)).toEqual([
      'a/large.jpg picture must have at most 10000 bytes',
      'a/empty.jpg picture is empty',
      'a/inner.zip picture is an archive of its own, which is not unpacked',
      'a/inner.tar picture is an archive of its own, which is not unpacked',
      'a/inner.tgz picture is an archive of its own, which is not unpacked',
      `a/1.jpg a a ${'x'.repeat(10_000)}`,
    ])
  })

  it('gives one key to two entries of one name: the import sees that', async () => {
    const { rows } = await readMade([
      { path: 'a/1.jpg', bytes: 'x' },
      { path: 'a//./1.jpg', bytes: 'y' },
    ])
    expect(rows.map(({ key }) => key)).toEqual(['a/1.jpg', 'a/1.jpg'])
  })

  it('may have so many entries, and no more', async () => {
    const entries = Array.from({ length: 5 }, (_, index) => ({ path: `a/${index}.jpg`, bytes: 'x' }))
    expect(await readMade(entries, { bounds: { entries: 5 } })).toMatchObject({ fault: null })
    const { fault, message } = await readMade(entries, { bounds: { entries: 4 } })
    expect([fault, message]).toEqual(['too-large', 'the archive has more than 4 entries'])
  })

  it('may unpack to so many bytes, and no more', async () => {
    const entries = Array.from({ length: 5 }, (_, index) => ({
      path: `a/${index}`,
      bytes: 'x'.repeat(1_000),
    }))
    const { fault, message } = await readMade(entries, { bounds: { unpackedBytes: 4_000 } })
    expect([fault, message]).toEqual(['too-large', 'unpacked it has more than 4000 bytes'])
  })

  it('ends with the reason of the signal while its sender is silent', async () => {
    const bytes = await make(
      Array.from({ length: 300 }, (_, index) => ({ path: `a/${index}`, bytes: `${index}`.repeat(5_000) })),
    )
    const leaving = new AbortController()
    async function* slow() {
      yield* inPieces(bytes.subarray(0, bytes.length - 1), [65_536])
      await new Promise(() => {})
    }
    const items = read(slow(), { signal: leaving.signal })
    const all = readAll(items)
    setImmediate(() => leaving.abort(new Error('left')))
    await expect(all).rejects.toThrow('left')
  })

  it.each(['manifest.csv', 'manifest.ndjson'])('is read by its %s', async (name) => {
    const rows = [
      { key: 'k1', external_id: '1', name: 'Jane', file: 'photos/é.jpg' },
      { key: 'k2', external_id: '2', name: 'Joe', file: '.\\photos\\b.jpg' },
      { key: 'k3', external_id: '3', name: 'Jim', file: 'photos/b.jpg' },
      { key: 'k4', external_id: '4', name: 'Ann', file: 'photos/none.jpg' },
      { key: 'k5', external_id: '5', name: 'Zoe', file: '../x.jpg' },
      { key: 'k6', external_id: '6', name: 'Nob' },
    ]
    const csv = [
      'key,external_id,name,file',
      ...rows.map((row) => [row.key, row.external_id, row.name, row.file ?? ''].join()),
    ]
    const text = name.endsWith('csv') ? csv.join('\n') : rows.map((row) => JSON.stringify(row)).join('\n')
    const entries = [
      { path: name, bytes: text },
      { path: 'photos/e\u0301.jpg', bytes: 'e' },
      { path: 'photos/b.jpg', bytes: 'b' },
      { path: 'photos/unnamed.jpg', bytes: 'u' },
    ]
    const { items, fault } = await readMade(entries)
    expect(fault).toBeNull()
    expect(items.map(told)).toEqual([
      'k5 picture leads outside of the archive',
      'k6 6 Nob',
      'k1 1 Jane e',
      'k2 2 Joe b',
      'k3 3 Jim b',
      'k4 picture is not in the archive',
      'files that the manifest does not name: 1',
    ])
  })

  it('holds no manifest beyond its bound', async () => {
    const entries = [{ path: 'manifest.csv', bytes: `key,file\n${'a,b\n'.repeat(1_000)}` }]
    const { fault, message } = await readMade(entries, { bounds: { manifestBytes: 3_000 } })
    expect([fault, message]).toEqual(['too-large', expect.stringContaining('3000 bytes')])
  })

  it('holds no more rows than have room: short rows take much more than their bytes', async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `${index}`)
    const entries = [{ path: 'manifest.csv', bytes: `file\n${names.join('\n')}` }]
    expect(await readMade(entries, { bounds: { heldRowBytes: 400_000 } })).toMatchObject({ fault: null })
    const { fault, message } = await readMade(entries, { bounds: { heldRowBytes: 100_000 } })
    expect([fault, message]).toEqual(['too-large', expect.stringContaining('send the archive in parts')])
  })

  it('gives the room of the rows that it holds back, also when nobody reads it on', async () => {
    const entries = [
      { path: 'manifest.csv', bytes: `file\na.jpg\n${'b.jpg\n'.repeat(10)}` },
      { path: 'a.jpg', bytes: 'a' },
    ]
    const heldRows = new HeldRowsRoom(2_000)
    const broken = read(inPieces(await make(entries), [1_000]), { heldRows })
    await broken.next()
    const { fault } = await readMade(entries, { heldRows })
    expect(fault).toBe('busy')
    await broken.return(undefined)
    for (let times = 0; times < 3; times++)
      expect(await readMade(entries, { heldRows })).toMatchObject({ fault: null })
  })

  it('needs a manifest if it was said to have one', async () => {
    const entries = [{ path: 'a/1.jpg', bytes: 'x' }]
    expect(await readMade(entries, { layout: { by: 'manifest' } })).toMatchObject({
      rows: [],
      fault: 'not-readable',
    })
    expect(await readMade([], { layout: { by: 'manifest' } })).toMatchObject({ fault: 'not-readable' })
    expect(await readMade([])).toMatchObject({ items: [], fault: null })
  })

  it('cut off anywhere gives good rows first, and then a fault', async () => {
    const entries = Array.from({ length: 6 }, (_, index) => ({
      path: `a/${index}.jpg`,
      bytes: Buffer.from(Array.from({ length: 700 }, (_, at) => (at * (index + 7)) % 251)),
    }))
    const bytes = await make(entries)
    const whole = await readAll(read(inPieces(bytes)))
    expect(whole.rows).toHaveLength(6)
    // A tar ends in two blocks of zeros, and is whole with one.
    const end = read === readTar ? bytes.length - 511 : bytes.length
    for (let length = 0; length < end; length += 37) {
      const cut = await readAll(read(inPieces(bytes.subarray(0, length), [512])))
      expect(cut.fault, `cut at ${length}`).toBe('truncated')
      expect(cut.rows).toEqual(whole.rows.slice(0, cut.rows.length))
    }
  })

  it('ends in items or one fault, whatever became of its bytes', async () => {
    const entries = [
      { path: 'a/1.jpg', bytes: 'x'.repeat(300) },
      { path: 'b/2.jpg', bytes: 'yz'.repeat(300) },
    ]
    const bytes = await make(entries)
    const change = fc.record({ at: fc.nat(bytes.length - 1), value: fc.integer({ min: 0, max: 255 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const damaged = Buffer.from(bytes)
        for (const { at, value } of changes) damaged[at] = value
        const { items } = await readAll(read(inPieces(damaged, [300])))
        expect(items.length).toBeLessThan(10)
      }),
      { numRuns: 300 },
    )
  })

  it('ends in one fault where it is nothing of the kind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        const { items, fault } = await readAll(read(inPieces(bytes)))
        expect([items, fault]).toEqual([[], expect.stringMatching('truncated|damaged')])
      }),
      { numRuns: 200 },
    )
  })
})
