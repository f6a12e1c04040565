import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LayoutReading } from '../layout/layout-reading.ts'
import { makeZip, replaced } from '../testing/make-archives.ts'
import { inPieces, readAll } from '../testing/read-all.ts'
import { told } from '../testing/tell-item.ts'
import { readZip, readZipFile } from './read-zip.ts'
import { spoolFault } from './spool-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-sources-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a zip', () => {
  const read = (bytes: Uint8Array, reading: LayoutReading = {}) =>
    readAll(readZip(inPieces(bytes), { ...reading, spoolFolder: folder }))

  it('may be a zip64, stored or deflated, and have its manifest last', async () => {
    const entries = [
      { path: 'a/1.jpg', bytes: 'x' },
      { path: 'manifest.csv', bytes: 'key,file\nk,a/1.jpg' },
    ]
    for (const compress of [true, false]) {
      for (const forceZip64Format of [true, false]) {
        const { items } = await read(await makeZip(entries, { compress, forceZip64Format }))
        expect(items.map(told)).toEqual(['k {"by":"key","key":"k"} x'])
      }
    }
  })

  it.each([
    ['../a.jpg', 'has a path that leads outside'],
    ['..\\a.jpg', 'has a path that leads outside'],
    ['/x/a.jpg', 'has an absolute path'],
    ['c:\\a.jpg', 'has an absolute path'],
    [Buffer.from([0xff, 0xfe, 0x2f]), 'has a name that is not UTF-8'],
  ])('has no row for the name %j', async (name, message) => {
    const bytes = await makeZip([
      { path: 'xx/a.jpg', bytes: 'x' },
      { path: 'b/1.jpg', bytes: 'x' },
    ])
    const { items } = await read(replaced(bytes, 'xx/a.jpg'.slice(0, Buffer.from(name).length), name))
    expect(items.map(told)).toEqual([`entry-1 entry ${message}`, 'b/1.jpg b b x'])
  })

  it('names a person by folders that a Windows program wrote', async () => {
    const bytes = replaced(await makeZip([{ path: 'xx/a.jpg', bytes: 'x' }]), 'xx/a.jpg', 'xx\\a.jpg')
    expect((await read(bytes)).items.map(told)).toEqual(['xx/a.jpg xx xx x'])
  })

  it('has no row for links, devices, encrypted entries, and methods of others', async () => {
    const change = async (at: number, value: number) => {
      const bytes = await makeZip([
        { path: 'a/1.jpg', bytes: 'x' },
        { path: 'b/1.jpg', bytes: 'x' },
      ])
      bytes[bytes.indexOf('PK\x01\x02') + at] = value
      return told((await read(bytes)).items[0]!)
    }
    const link = await makeZip([{ path: 'a/1.jpg', bytes: 'x', mode: 0o120_777 }])
    const device = await makeZip([{ path: 'a/1.jpg', bytes: 'x', mode: 0o060_777 }])
    expect([
      told((await read(link)).items[0]!),
      told((await read(device)).items[0]!),
      await change(10, 12),
    ]).toEqual([
      'a/1.jpg entry is a symbolic link',
      'a/1.jpg entry is no regular file',
      'a/1.jpg entry is packed by a method other than deflate',
    ])
    expect(await change(8, 1)).toBe('a/1.jpg entry is encrypted')
  })

  it('has a problem for each entry that is damaged, and rows for the others', async () => {
    const bytes = await makeZip(
      [
        { path: 'a/1.jpg', bytes: 'first' },
        { path: 'a/2.jpg', bytes: 'second' },
      ],
      { compress: false },
    )
    const { items } = await read(replaced(bytes, 'first', 'furst'))
    expect(items.map(told)).toEqual([
      'a/1.jpg picture is damaged in the zip: its checksum is wrong',
      'a/2.jpg a a second',
    ])
  })

  it('is refused once it unpacks to a hundred times its bytes', async () => {
    const zeros = Buffer.alloc(15_000_000)
    const entries = Array.from({ length: 10 }, (_, index) => ({ path: `a/${index}.bmp`, bytes: zeros }))
    const { rows, fault } = await read(await makeZip(entries))
    expect([rows.length, fault]).toEqual([6, 'too-large'])
  })

  it('gives no more of an entry than its directory says', async () => {
    const bytes = await makeZip([{ path: 'a/1.bmp', bytes: Buffer.alloc(1_000_000) }])
    const at = bytes.indexOf('PK\x01\x02') + 24
    bytes.writeUInt32LE(1_000, at)
    expect((await read(bytes)).items.map(told)).toEqual(['a/1.bmp picture is damaged in the zip'])
  })

  it('is put into a file that has no name, and no more of it than its bound', async () => {
    const bytes = await makeZip([{ path: 'a/1.jpg', bytes: 'x' }])
    const items = readZip(inPieces(bytes, [10]), { spoolFolder: folder })
    await items.next()
    expect(await readdir(folder)).toEqual([])
    await items.return(undefined)
    expect(await read(bytes, { bounds: { spoolBytes: 100 } })).toMatchObject({ fault: 'too-large' })
    const nowhere = readZip(inPieces(bytes), { spoolFolder: join(folder, 'none') })
    expect(await readAll(nowhere)).toMatchObject({ fault: 'spool-failed' })
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' })
    expect(spoolFault(full)).toMatchObject({ code: 'spool-full', cause: full })
  })

  it('is read where it lies', async () => {
    const path = join(folder, 'source.zip')
    await writeFile(path, await makeZip([{ path: 'a/1.jpg', bytes: 'x' }]))
    const file = await open(path)
    expect((await readAll(readZipFile(file))).rows).toHaveLength(1)
    await file.close()
  })
})
