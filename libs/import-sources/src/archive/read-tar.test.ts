import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { makeTar, makeTarGz, replaced } from '../testing/make-archives.ts'
import { inPieces, readAll } from '../testing/read-all.ts'
import { told } from '../testing/tell-item.ts'
import { readTar, readTarGz } from './read-tar.ts'

describe('a tar', () => {
  it.each([
    'symlink',
    'link',
    'fifo',
    'block-device',
    'character-device',
  ] as const)('has no row for a %s', async (type) => {
    const bytes = await makeTar([
      { path: 'a/1.jpg', type },
      { path: 'a/2.jpg', bytes: 'x' },
    ])
    const { items } = await readAll(readTar(inPieces(bytes)))
    expect(items.map(({ kind }) => kind)).toEqual(['problem', 'row'])
    expect(items[0]).toMatchObject({ key: 'a/1.jpg', field: 'entry' })
  })

  it.each([
    ['/etc/a.jpg', 'has an absolute path'],
    ['C:/a/b.jpg', 'has an absolute path'],
    ['a/../../b.jpg', 'has a path that leads outside'],
    ['a/b\n.jpg', 'has a name with control characters'],
    [`a/${'x'.repeat(600)}`, 'has a name of more than 512 characters'],
  ])('has no row for %j', async (path, message) => {
    const bytes = await makeTar([
      { path, bytes: 'x' },
      { path: 'a/2.jpg', bytes: 'x' },
    ])
    const { items } = await readAll(readTar(inPieces(bytes)))
    expect(items.map(told)).toEqual([`entry-1 entry ${message}`, 'a/2.jpg a a x'])
  })

  it('has no row for a name that is not UTF-8, in either kind of header', async () => {
    const extended = await makeTar([{ path: 'é/1.jpg', bytes: 'x' }])
    const plain = await makeTar([{ path: 'ab/1.jpg', bytes: 'x' }])
    const checksum = sumChecked(replaced(plain, 'ab/1', Buffer.from([0xff, 0xfe, 0x2f, 0x31])))
    for (const bytes of [replaced(extended, 'é/', Buffer.from([0xff, 0xfe, 0x2f])), checksum]) {
      const { items } = await readAll(readTar(inPieces(bytes)))
      expect(items.map(told)).toEqual(['entry-1 entry has a name that is not UTF-8'])
    }
  })

  it('comes no faster than it is read, and is let go when its reader leaves', async () => {
    const bytes = await makeTar(
      Array.from({ length: 200 }, (_, index) => ({ path: `a/${index}.jpg`, bytes: Buffer.alloc(20_000, 1) })),
    )
    let taken = 0
    let isLetGo = false
    async function* counted() {
      try {
        for await (const piece of inPieces(bytes, [4_096])) {
          taken += piece.length
          yield piece
        }
      } finally {
        isLetGo = true
      }
    }
    const items = readTar(counted())
    await items.next()
    // Whatever is to come by itself has come after some turns of the event loop.
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    expect(taken).toBeLessThan(400_000)
    await items.return(undefined)
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    expect(isLetGo).toBe(true)
    expect(taken).toBeLessThan(400_000)
  })

  it('says that it is cut off, too, if all of it has come before its entries are read', async () => {
    const bytes = await makeTar(
      Array.from({ length: 6 }, (_, index) => ({ path: `a/${index}.jpg`, bytes: Buffer.alloc(8_000, 1) })),
    )
    const rows: string[] = []
    const read = async () => {
      for await (const item of readTar(inPieces(bytes.subarray(0, 20_000)))) {
        rows.push(told(item).slice(0, 7))
        for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
      }
    }
    await expect(read()).rejects.toThrow('the tar ends in the middle of an entry')
    expect(rows).toEqual(['a/0.jpg', 'a/1.jpg'])
  })

  it('must have its manifest first', async () => {
    const bytes = await makeTar([
      { path: 'a/1.jpg', bytes: 'x' },
      { path: 'manifest.csv', bytes: 'key\n' },
    ])
    const { items, fault, message } = await readAll(readTar(inPieces(bytes)))
    expect([items.map(told), fault]).toEqual([['a/1.jpg a a x'], 'not-readable'])
    expect(message).toContain('first file')
  })

  it('may have extended fields, but not thousands', async () => {
    const bytes = Buffer.concat([await extended('x', fieldsOf(5_000)), await photo()])
    const { fault, message } = await readAll(readTar(inPieces(bytes)))
    expect([fault, message]).toEqual(['damaged', 'an entry of the tar has more than 1000 extended fields'])
  })

  it('may have some for all of its entries, as those that Git makes', async () => {
    const bytes = Buffer.concat([
      await extended('g', fieldsOf(400)),
      await extended('x', fieldsOf(400)),
      await photo(),
    ])
    expect((await readAll(readTar(inPieces(bytes)))).items.map(told)).toEqual(['a/1.jpg a a x'])
  })

  it('has its extended fields counted before an entry comes: none need ever come', async () => {
    const global = await extended('g', fieldsOf(600))
    const forms = [
      await extended('g', fieldsOf(5_000)),
      Buffer.concat([global, await extended('x', fieldsOf(600))]),
      Buffer.concat(Array(200).fill(await extended('x', fieldsOf(1)))),
      Buffer.concat(Array(200).fill(await extended('L', Buffer.from('a/long.jpg')))),
    ]
    const messages = []
    for (const form of forms) {
      const { items, fault, message } = await readAll(readTar(inPieces(Buffer.concat([form, END]))))
      messages.push([items.length, fault, message])
    }
    const fields = [0, 'damaged', 'an entry of the tar has more than 1000 extended fields']
    const headers = [0, 'damaged', 'the tar has more than 100 extended headers in a row']
    expect(messages).toEqual([fields, fields, headers, headers])
  })

  it.each([
    ['0x10 field=value\n', 'a length in hex'],
    ['-16 field=value.\n', 'a length below zero'],
    ['\ufeff19 field=value\n', 'a mark before the length'],
  ])('takes no extended header that only parseInt understands: %j', async (record) => {
    const bytes = Buffer.concat([await extended('x', Buffer.from(record.repeat(2_000))), await photo()])
    const { fault, message } = await readAll(readTar(inPieces(bytes)))
    expect([fault, message]).toEqual(['damaged', 'the tar has an extended header that is none'])
  })

  it('passes over an extended header that nobody understands, and fields that are none', async () => {
    for (const record of [
      '',
      'no length',
      ' =',
      '7 = \n',
      '0000000000000000000000014 path=b/2.jpg\n',
      '5 a=b\n',
    ]) {
      const bytes = Buffer.concat([await extended('x', Buffer.from(record)), await photo()])
      expect((await readAll(readTar(inPieces(bytes)))).rows).toHaveLength(1)
    }
  })
})

const END = Buffer.alloc(1_024)

function photo(): Promise<Buffer> {
  return makeTar([{ path: 'a/1.jpg', bytes: 'x' }])
}

/** An extended header, without the end of a tar. */
async function extended(type: 'x' | 'g' | 'L', bytes: Buffer): Promise<Buffer> {
  const tar = await makeTar([{ path: 'pax', bytes }])
  tar[156] = type.charCodeAt(0)
  return sumChecked(tar).subarray(0, -END.length)
}

function fieldsOf(count: number): Buffer {
  const record = (index: number) => {
    const text = ` field${String(index).padStart(6, '0')}=x\n`
    return `${text.length + 2}${text}`
  }
  return Buffer.from(Array.from({ length: count }, (_, index) => record(index)).join(''))
}

/** Puts right the checksum of a tar's first header. */
function sumChecked(tar: Buffer): Buffer {
  const copy = Buffer.from(tar)
  copy.fill(' ', 148, 156)
  const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return copy
}

describe('a tar.gz', () => {
  it('is refused once it unpacks to a hundred times its bytes', async () => {
    let packed = 0
    const member = gzipSync(Buffer.alloc(20_000_000))
    async function* bomb() {
      for (;;) {
        packed += member.length
        yield member
      }
    }
    const { fault, message } = await readAll(readTarGz(bomb()))
    expect([fault, message]).toEqual(['too-large', 'unpacked it has more than 100 times its bytes'])
    expect(packed).toBeLessThan(1_000_000)
  })

  it('is damaged if its checksum is wrong, after the rows that it gave', async () => {
    const bytes = await makeTarGz([{ path: 'a/1.jpg', bytes: 'x' }])
    bytes[bytes.length - 8]! ^= 1
    expect(await readAll(readTarGz(inPieces(bytes)))).toMatchObject({ fault: 'damaged' })
  })

  it('may be of several members', async () => {
    const bytes = await makeTar([{ path: 'a/1.jpg', bytes: 'x' }])
    const members = Buffer.concat([gzipSync(bytes.subarray(0, 700)), gzipSync(bytes.subarray(700))])
    expect((await readAll(readTarGz(inPieces(members)))).rows).toHaveLength(1)
  })
})
