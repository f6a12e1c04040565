import { describe, expect, it } from 'vitest'
import { readSource } from '../read-source.ts'
import { inPieces, readAll } from '../testing/read-all.ts'
import { told } from '../testing/tell-item.ts'

const TYPE = 'multipart/form-data; boundary=xyz'
const LINES = ['1', '2']
  .map((key) => `{"key":"${key}","person":{"externalId":"p${key}"},"file":"${key}.jpg"}`)
  .join('\n')

interface Part {
  readonly name: string
  readonly fileName?: string
  readonly bytes: string
}

function formOf(parts: readonly Part[]): Buffer {
  const written = parts.map(({ name, fileName, bytes }) => {
    const file =
      fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: application/octet-stream`
    return `--xyz\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${bytes}\r\n`
  })
  return Buffer.from(`${written.join('')}--xyz--\r\n`)
}

const rows = { name: 'rows', fileName: 'rows.ndjson', bytes: LINES }
const picture = (fileName: string, bytes = 'x'): Part => ({ name: 'p', fileName, bytes })
const WHOLE = formOf([rows, picture('2.jpg', 'two\r\n--xy'), picture('1.jpg', 'one')])
const EXPECTED = ['2 p2 two\r\n--xy', '1 p1 one']

const read = async (
  bytes: Buffer,
  { lengths = [] as readonly number[], type = TYPE, pictureBytes = 100 } = {},
) => {
  const reading = { contentType: type, bounds: { pictureBytes } }
  const { items, fault } = await readAll(readSource(inPieces(bytes, lengths), reading))
  return { told: items.map(told), fault }
}

describe('a form', () => {
  it.each([
    [[]],
    [[1]],
    [[2, 3]],
    [[7, 64]],
    [[100, 1]],
  ])('has its rows in pieces of %j bytes', async (lengths) => {
    expect(await read(WHOLE, { lengths })).toEqual({ told: EXPECTED, fault: null })
  })

  it('keeps the rows before the place where it is cut off', async () => {
    const endOfFirst = WHOLE.indexOf('\r\n--xyz\r\n', WHOLE.indexOf('two')) + 9
    for (let end = 1; end < WHOLE.length - 4; end += 1) {
      const cut = await read(WHOLE.subarray(0, end))
      expect(cut.fault, `cut at ${end}`).not.toBeNull()
      expect(EXPECTED.slice(0, cut.told.length)).toEqual(cut.told)
      if (end > endOfFirst) expect(cut.told.length, `cut at ${end}`).toBeGreaterThan(0)
    }
  })

  it('takes one row as a plain field', async () => {
    const [line = ''] = LINES.split('\n')
    const bytes = formOf([{ name: 'rows', bytes: line }, picture('1.jpg')])
    expect(await read(bytes)).toEqual({ told: ['1 p1 x'], fault: null })
  })

  it('goes by folders without rows, and refuses hostile names', async () => {
    const bytes = formOf([
      picture('a/1.jpg'),
      picture('../b.jpg'),
      picture('/etc/c.jpg'),
      picture('b/2.jpg', ''),
    ])
    expect((await read(bytes)).told).toEqual([
      'a/1.jpg a a x',
      'entry-2 entry has a path that leads outside',
      'entry-3 entry has an absolute path',
      'b/2.jpg picture is empty',
    ])
  })

  it('goes on after a picture that is too large', async () => {
    const bytes = formOf([rows, picture('1.jpg', 'x'.repeat(200_000)), picture('2.jpg')])
    expect(await read(bytes, { lengths: [5_000] })).toEqual({
      told: ['1 picture must have at most 100 bytes', '2 p2 x'],
      fault: null,
    })
  })

  it('is not read with its rows after a picture, without a boundary, or without parts', async () => {
    expect((await read(formOf([picture('a/1.jpg'), rows]))).fault).toBe('not-readable')
    expect((await read(WHOLE, { type: 'multipart/form-data' })).fault).toBe('not-readable')
    expect((await read(Buffer.from('no form'))).fault).not.toBeNull()
  })
})
