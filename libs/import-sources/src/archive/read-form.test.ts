import { Dicer } from '@fastify/busboy'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readSource, type SourceReading } from '../read-source.ts'
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

interface Options extends Pick<SourceReading, 'bounds' | 'layout'> {
  readonly lengths?: readonly number[]
  readonly type?: string
}

const read = async (
  bytes: Buffer,
  { lengths = [] as readonly number[], type = TYPE, ...reading }: Options = {},
) => {
  const { bounds, layout } = reading
  const all = { contentType: type, bounds: { pictureBytes: 100, ...bounds }, ...(layout && { layout }) }
  const { items, fault, message } = await readAll(readSource(inPieces(bytes, lengths), all))
  return { told: items.map(told), fault, message }
}

/** A part as it stands, between its boundaries. */
const raw = (headers: string, bytes = 'x') => Buffer.from(`--xyz\r\n${headers}\r\n\r\n${bytes}\r\n`)
const END = Buffer.from('--xyz--\r\n')
const withoutEnd = (form: Buffer) => form.subarray(0, -END.length)

describe('a form', () => {
  it.each([
    [[]],
    [[1]],
    [[2, 3]],
    [[7, 64]],
    [[100, 1]],
  ])('has its rows in pieces of %j bytes', async (lengths) => {
    expect(await read(WHOLE, { lengths })).toEqual({ told: EXPECTED, fault: null, message: null })
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
    expect(await read(bytes)).toEqual({ told: ['1 p1 x'], fault: null, message: null })
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
      message: null,
    })
  })

  it('is not read with its rows after a picture, without a boundary, or without parts', async () => {
    expect((await read(formOf([picture('a/1.jpg'), rows]))).fault).toBe('not-readable')
    expect((await read(WHOLE, { type: 'multipart/form-data' })).fault).toBe('not-readable')
    expect((await read(Buffer.from('no form'))).fault).not.toBeNull()
  })

  it('takes a CSV as its rows, and names beyond ASCII', async () => {
    const csv = 'external_id;file\nada;"Zoë; 1.jpg"\nben;ä.jpg\n'
    const bytes = Buffer.concat([
      withoutEnd(formOf([{ name: 'rows', fileName: 'rows.csv', bytes: csv }, picture('Zoë; 1.jpg')])),
      raw(`Content-Disposition: form-data; name=p; filename*=UTF-8''%C3%A4.jpg`),
      END,
    ])
    const { told: rowsTold, fault } = await read(bytes)
    expect(rowsTold.map((row) => row.replace(/^\S+ /, ''))).toEqual(['ada x', 'ben x'])
    expect(fault).toBeNull()
  })

  it.each([
    ['damaged headers', raw('Content-Disposition form-data')],
    ['no headers', Buffer.from('--xyz\r\n\r\nx\r\n')],
    ['headers that do not end', Buffer.from('--xyz\r\nContent-Disposition: form-data; name="p"\r\n')],
    ['a header that is too long', raw(`Content-Disposition: form-data; x="${'y'.repeat(5_000)}"; name=p`)],
    ['no name', raw('Content-Disposition: form-data; filename="2.jpg"')],
    ['no form-data', raw('Content-Disposition: attachment; name=p; filename="2.jpg"')],
    ['no file name', raw('Content-Disposition: form-data; name="p"')],
    ['an empty file name, and contents', raw('Content-Disposition: form-data; name="p"; filename=""')],
  ])('names a part with %s, and goes on', async (_what, part) => {
    for (const lengths of [[], [1], [7]]) {
      const bytes = Buffer.concat([withoutEnd(formOf([rows, picture('1.jpg')])), part, formOf([])])
      expect(await read(bytes, { lengths })).toMatchObject({
        told: [
          '1 p1 x',
          expect.stringMatching(/^entry-3 entry has (damaged headers|no file name)/),
          '2 picture is not in the archive',
        ],
        fault: null,
      })
    }
  })

  it('passes over a choice of files that was left empty', async () => {
    const bytes = formOf([rows, picture('', ''), picture('1.jpg'), picture('2.jpg')])
    expect((await read(bytes)).told).toEqual(['1 p1 x', '2 p2 x'])
  })

  it('is refused if its first part cannot be read, which may be its rows', async () => {
    const bytes = Buffer.concat([raw('Content-Disposition: form-data', LINES), formOf([picture('a/1.jpg')])])
    expect(await read(bytes)).toMatchObject({ told: [], fault: 'damaged' })
  })

  it('is refused if it has rows, and the layout is one by folders', async () => {
    expect(await read(WHOLE, { layout: { by: 'folders' } })).toMatchObject({
      told: [],
      fault: 'not-readable',
    })
  })

  it('keeps the rows before a part that is one too many', async () => {
    for (const lengths of [[], [3]]) {
      expect(await read(WHOLE, { bounds: { entries: 2 }, lengths })).toEqual({
        told: ['2 p2 two\r\n--xy'],
        fault: 'too-large',
        message: 'the form has more than 2 parts',
      })
    }
    expect(await read(WHOLE, { bounds: { entries: 3 } })).toMatchObject({ told: EXPECTED, fault: null })
  })

  it('may have rows of so many bytes', async () => {
    const { length } = LINES
    expect(await read(WHOLE, { bounds: { manifestBytes: length } })).toMatchObject({ fault: null })
    expect(await read(WHOLE, { bounds: { manifestBytes: length - 1 } })).toMatchObject({
      told: [],
      fault: 'too-large',
    })
  })

  it('comes to an end whatever bytes are wrong', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(WHOLE.length - 1), fc.constantFrom(...'\r\n-:;"= x')), { maxLength: 6 }),
        fc.integer({ min: 1, max: 90 }),
        async (changes, length) => {
          const bytes = Buffer.from(WHOLE)
          for (const [at, byte] of changes) bytes.write(byte, at)
          const { told: items, fault } = await read(bytes, { lengths: [length] })
          expect(items.length + (fault === null ? 0 : 1)).toBeGreaterThan(0)
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('a form on which its parser falls silent', () => {
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it.each([
    'write',
    'end',
  ] as const)('(%s) is given up after some seconds, and holds nobody', async (method) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    vi.spyOn(Dicer.prototype, method).mockReturnValue(true as never)
    const reading = read(WHOLE)
    let ended: Awaited<typeof reading> | null = null
    void reading.then((all) => (ended = all))
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0), { timeout: 20_000 })
    await vi.advanceTimersByTimeAsync(4_900)
    expect(ended).toBeNull()
    await vi.advanceTimersByTimeAsync(200)
    expect((await reading).fault).toBe('damaged')
  })
})
