import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Look, readSource, readSourceAt, type SourceReading } from './read-source.ts'
import { makeTar, makeTarGz, makeZip } from './testing/make-archives.ts'
import { inPieces, readAll } from './testing/read-all.ts'
import { told } from './testing/tell-item.ts'

const CSV = 'external_id;name;picture\n4711;Jane;https://example.org/1.jpg\n'
const NDJSON = '{"externalId":"4711","name":"Jane","imageUrl":"https://example.org/1.jpg"}\n'
const FILES = [{ path: 'Jane/1.jpg', bytes: 'x' }]

const read = (bytes: Uint8Array | string, reading: SourceReading = {}) =>
  readAll(readSource(inPieces(Buffer.from(bytes), [100]), reading))

describe('a tar on this machine', () => {
  it('is looked through before its first row, which is told as it goes; one with its manifest first is not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'semblance-look-'))
    const bytes = randomBytes(1_000_000)
    const photo = { path: 'Jane/1.jpg', bytes }
    for (const make of [makeTar, makeTarGz]) {
      const [plain, first] = [join(folder, 'a'), join(folder, 'b')]
      await writeFile(plain, await make([photo]))
      await writeFile(
        first,
        await make([{ path: 'manifest.csv', bytes: 'external_id,file\n1,Jane/1.jpg\n' }, photo]),
      )
      const looks: Look[] = []
      const onLook = (look: Look) => void looks.push(look)
      const items = readSourceAt(plain, { onLook })
      expect((await items.next()).value).toMatchObject({ key: 'Jane/1.jpg' })
      await items.return(undefined)
      const { size: total } = await stat(plain)
      expect(looks.length).toBeGreaterThan(2)
      expect(looks.at(-1)).toEqual({ bytes: total, total })
      expect(looks.every(({ bytes }, i) => bytes > (looks[i - 1]?.bytes ?? 0))).toBe(true)
      looks.length = 0
      await readAll(readSourceAt(first, { onLook }))
      expect(looks.at(-1)!.bytes).toBeLessThan((await stat(first)).size)
    }
    await rm(folder, { recursive: true })
  })
})

describe('a manifest on this machine', () => {
  it.each([10, 1_000, 100_000])('is read to its end, be it of %d rows', async (rows) => {
    const folder = await mkdtemp(join(tmpdir(), 'semblance-manifest-'))
    const keys = Array.from({ length: rows }, (_, i) => `key ${i}`)
    const csv = `key,name\n${keys.map((key) => `${key},Jane\n`).join('')}`
    const files = {
      'a.csv': csv,
      'a.csv.gz': gzipSync(csv),
      'a.ndjson': keys.map((key) => `{"key":"${key}","name":"Jane"}\n`).join(''),
    }
    for (const [name, bytes] of Object.entries(files)) {
      await writeFile(join(folder, name), bytes)
      const { rows: read, message } = await readAll(readSourceAt(join(folder, name)))
      expect([message, read.map(({ key }) => key)], name).toEqual([null, keys])
    }
    await rm(folder, { recursive: true })
  })
})

describe('a stream', () => {
  it.each([
    ['a CSV', async () => Buffer.from(CSV), 'row-2'],
    ['a CSV in UTF-16', async () => Buffer.from(`\uFEFF${CSV}`, 'utf16le'), 'row-2'],
    ['NDJSON', async () => Buffer.from(`\uFEFF${NDJSON}`), 'line-1'],
    ['a CSV in a gzip', async () => gzipSync(CSV), 'row-2'],
    ['NDJSON in a gzip', async () => gzipSync(NDJSON), 'line-1'],
    ['a tar', () => makeTar(FILES), 'Jane/1.jpg'],
    ['a tar.gz', () => makeTarGz(FILES), 'Jane/1.jpg'],
    ['a zip', () => makeZip(FILES), 'Jane/1.jpg'],
  ])('is known as %s by its bytes, whatever its sender says', async (_what, make, key) => {
    const bytes = await make()
    for (const contentType of [undefined, 'application/octet-stream', 'text/plain; charset=utf-8']) {
      const { rows } = await read(bytes, contentType === undefined ? {} : { contentType })
      expect(rows.map((row) => row.key)).toEqual([key])
    }
  })

  it('is of the kind that its sender says where its bytes leave it open', async () => {
    const old = await makeTar(FILES)
    // Before `ustar` a tar had no magic; the checksum of its header is put right.
    old.fill(0, 257, 265)
    old.fill(' ', 148, 156)
    const sum = old.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    old.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    expect((await read(old, { contentType: 'application/x-tar' })).rows).toHaveLength(1)
    expect((await read(old, { fileName: 'a.TAR' })).rows).toHaveLength(1)
    expect((await read(gzipSync(old), { fileName: 'a.tgz' })).rows).toHaveLength(1)
    expect((await read('[]', { fileName: 'a.ndjson' })).items).toMatchObject([
      { message: 'is no JSON object' },
    ])
  })

  it.each([
    ['', {}, 'it is empty'],
    ['[{}]', {}, 'it is one JSON array'],
    ['key\n', { contentType: 'application/zip' }, 'it is said to be a zip'],
    ['key\n', { fileName: 'a.tar.gz' }, 'it is said to be a gzip'],
    [Buffer.from('ffd8ffe000104a464946', 'hex'), {}, 'it is one picture'],
    ['Rar!\x1a\x07\x00', {}, 'it is an archive of a kind that is not read'],
    [gzipSync(gzipSync('key\n')), {}, 'it is a gzip within a gzip'],
  ])('of %j is refused with the reason', async (bytes, ...rest) => {
    const [reading, message] = rest as [SourceReading, string]
    const result = await read(bytes, reading)
    expect([result.fault, result.message]).toEqual(['not-readable', expect.stringContaining(message)])
  })

  it('is let go once it is refused', async () => {
    let isLetGo = false
    async function* jpeg() {
      try {
        for (;;) yield Buffer.from('ffd8ffe000104a464946', 'hex')
      } finally {
        isLetGo = true
      }
    }
    expect(await readAll(readSource(jpeg()))).toMatchObject({ fault: 'not-readable' })
    await new Promise(setImmediate)
    expect(isLetGo).toBe(true)
  })

  it('that is a manifest alone names no files', async () => {
    const { items } = await read('key,file\na,x.jpg\n')
    expect(items).toMatchObject([{ kind: 'problem', key: 'a', field: 'picture' }])
  })

  it('ends in items or one fault, whatever its bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 1_200 }), async (bytes) => {
        const { items } = await read(bytes)
        expect(items.length).toBeLessThan(1_200)
      }),
      { numRuns: 300 },
    )
  })

  it('does not grow in memory with its rows', async () => {
    const row = Buffer.from(`4711;Jane;https://example.org/${'x'.repeat(100)}.jpg\n`.repeat(500))
    async function* long() {
      yield Buffer.from('external_id;name;picture\n')
      for (let turn = 0; turn < 200; turn++) yield row
    }
    let rows = 0
    const before = process.memoryUsage.rss()
    for await (const item of readSource(long())) if (item.kind === 'row') rows += 1
    expect(rows).toBe(100_000)
    expect(process.memoryUsage.rss() - before).toBeLessThan(200_000_000)
  })
})

describe('a place on this machine', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'import-sources-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const put = async (path: string, bytes: Uint8Array | string) => {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), bytes)
  }
  const readAt = (path = '.', reading: SourceReading = {}) =>
    readAll(readSourceAt(join(folder, path), reading))

  it.each([
    ['a.csv', async () => CSV],
    ['a.csv.gz', async () => gzipSync(CSV)],
    ['a.ndjson', async () => NDJSON],
    ['a.tar', () => makeTar(FILES)],
    ['a.tar.gz', () => makeTarGz(FILES)],
    ['a.zip', () => makeZip(FILES)],
  ])('may be %s', async (name, make) => {
    await put(name, await make())
    expect((await readAt(name)).rows).toHaveLength(1)
  })

  const MANIFEST = { path: 'manifest.csv', bytes: 'key,external_id,file\nk,ada,Jane/1.jpg\n' }
  it.each([
    ['a.tar', makeTar],
    ['a.tgz', makeTarGz],
  ])('may be %s with a manifest, which is refused before any row where it is not the first file', async (name, make) => {
    await put(name, await make([...FILES, MANIFEST]))
    const late = await readAt(name)
    expect([late.items, late.fault]).toEqual([[], 'not-readable'])
    expect(late.message).toContain('its first file')
    // As `tar -C FOLDER manifest.csv .` makes it: the manifest comes a second time.
    await put(name, await make([{ path: './', type: 'directory' }, MANIFEST, ...FILES, MANIFEST]))
    expect((await readAt(name)).items.map(told)).toEqual([expect.stringContaining('ada')])
    // What is cut off gives the rows before that, as ever.
    const whole = await makeTar([...FILES, MANIFEST])
    const cut = whole.subarray(0, 1_300)
    await put(name, name === 'a.tar' ? cut : gzipSync(cut))
    const broken = await readAt(name)
    expect([broken.rows.length, broken.fault]).toEqual([1, 'truncated'])
  })

  it('may be a folder, whose files come in one order', async () => {
    for (const path of ['b/2.jpg', 'b/10.jpg', 'a/x/1.jpg', 'stray.jpg', 'é/1.jpg', 'a/.DS_Store']) {
      await put(path, path)
    }
    const { items } = await readAt()
    expect(items.map(told)).toEqual([
      'a/x/1.jpg x x a/x/1.jpg',
      'b/10.jpg b b b/10.jpg',
      'b/2.jpg b b b/2.jpg',
      'stray.jpg person is not known: the picture lies in no folder',
      'é/1.jpg é é é/1.jpg',
    ])
    expect((await readAt()).items).toEqual(items)
  })

  it('has no rows for links that lead outside, links to folders, pipes, and what cannot be read', async () => {
    await put('in/a/1.jpg', 'x')
    await put('out.jpg', 'secret')
    await symlink('../../out.jpg', join(folder, 'in/a/2.jpg'))
    await symlink('1.jpg', join(folder, 'in/a/3.jpg'))
    await symlink('a', join(folder, 'in/b'))
    await symlink('nowhere', join(folder, 'in/a/4.jpg'))
    execFileSync('mkfifo', [join(folder, 'in/a/5.jpg')])
    await writeFile(Buffer.concat([Buffer.from(join(folder, 'in/a/6')), Buffer.from([0xff])]), 'x')
    const { items } = await readAt('in')
    expect(items.map(told)).toEqual([
      'a/1.jpg a a x',
      'a/2.jpg entry is a symbolic link that leads outside',
      'a/3.jpg a a x',
      'a/4.jpg entry is not there',
      'a/5.jpg entry is no regular file',
      'entry-7 entry has a name that is not UTF-8',
      'b entry is no regular file',
    ])
  })

  it('passes over files that are no pictures, and tells of them once', async () => {
    await mkdir(join(folder, 'ada'), { recursive: true })
    const texts = ['README.txt', 'ada/notes.md', 'ada/scan.pdf', 'ada/clip.mp4']
    for (const name of texts) await writeFile(join(folder, name), 'aaaaftypisom')
    await writeFile(join(folder, 'ada/broken.jpg'), 'no picture')
    await writeFile(join(folder, 'ada/scan'), Buffer.from('ffd8ffe0', 'hex'))
    const items = []
    for await (const item of readSourceAt(folder, { layout: { by: 'folders' } })) items.push(item)
    const rows = items.flatMap((item) => (item.kind === 'row' ? [item.key] : []))
    expect(rows.filter((key) => key.startsWith('ada/'))).toEqual(
      expect.arrayContaining(['ada/broken.jpg', 'ada/scan']),
    )
    expect(rows.some((key) => texts.includes(key))).toBe(false)
    expect(items.at(-1)).toEqual({
      kind: 'note',
      message:
        'passed over 4 files that are no pictures: README.txt, ada/clip.mp4, ada/notes.md, ada/scan.pdf',
      lasting: 'passed over 4 files that are no pictures',
    })
  })

  it('goes on where a folder cannot be read', async () => {
    await put('a/1.jpg', 'x')
    await put('b/1.jpg', 'x')
    await chmod(join(folder, 'a'), 0)
    const { items } = await readAt()
    // Root reads everything.
    const isRoot = process.getuid?.() === 0
    expect(told(items[0]!)).toBe(isRoot ? 'a/1.jpg a a x' : 'a entry is a folder that cannot be read')
    expect(told(items[1]!)).toBe('b/1.jpg b b x')
    await chmod(join(folder, 'a'), 0o700)
  })

  it.each(['manifest.csv', 'list.csv'])('may be a manifest that names files beside it: %s', async (name) => {
    await put('photos/e\u0301.jpg', 'e')
    await put('b.jpg', 'b')
    await put('in/x.jpg', 'x')
    await symlink('/etc/passwd', join(folder, 'passwd.jpg'))
    const names = [
      'photos/é.jpg',
      'b.jpg',
      'none.jpg',
      '../x.jpg',
      '/etc/passwd',
      'passwd.jpg',
      'photos',
      'https://e.org',
    ]
    await put(name, `key,picture\n${names.map((each, index) => `k${index},${each}`).join('\n')}`)
    const { items } = await readAt(name === 'manifest.csv' ? '.' : name)
    const person = (key: string) => JSON.stringify({ by: 'key', key })
    expect(items.slice(0, 7).map(told)).toEqual([
      `k0 ${person('k0')} e`,
      `k1 ${person('k1')} b`,
      'k2 picture is not there',
      'k3 picture leads outside of the folder',
      'k4 picture leads outside of the folder',
      'k5 picture is a symbolic link that leads outside',
      'k6 picture is no regular file',
    ])
    expect(items[7]).toMatchObject({ picture: { link: 'https://e.org' } })
  })

  it('may have so many files, and no more', async () => {
    for (const path of ['a/1.jpg', 'a/2.jpg', 'b/1.jpg']) await put(path, 'x')
    expect(await readAt('.', { bounds: { entries: 4 } })).toMatchObject({ fault: 'too-large' })
    expect(await readAt('.', { bounds: { entries: 5 } })).toMatchObject({ fault: null })
  })

  it('is refused where there is nothing, or no manifest though it was said to have one', async () => {
    expect(await readAt('none')).toMatchObject({ fault: 'not-readable' })
    expect(await readAt('.', { layout: { by: 'manifest' } })).toMatchObject({ fault: 'not-readable' })
    expect(await readAt()).toMatchObject({ items: [], fault: null })
  })

  it('rejects with the reason of the signal', async () => {
    for (const path of ['a/1.jpg', 'a/2.jpg', 'b/1.jpg']) await put(path, 'x')
    const leaving = new AbortController()
    const items = readSourceAt(folder, { signal: leaving.signal })
    await items.next()
    leaving.abort(new Error('left'))
    await expect(items.next()).rejects.toThrow('left')
  })
})
