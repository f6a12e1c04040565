import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reading } from '../reading.ts'
import { inPieces, readAll } from '../testing/read-all.ts'
import { readNdjsonManifest } from './ndjson-manifest.ts'

function read(text: string | Uint8Array, reading: Reading = {}, pieces: readonly number[] = []) {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  return readAll(readNdjsonManifest(inPieces(bytes, pieces), reading))
}

const picture = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 256))

describe('an NDJSON manifest', () => {
  it('becomes rows with all their fields', async () => {
    const row = {
      key: 'a',
      externalId: '4711',
      name: 'Doe',
      groups: ['g1'],
      expireAt: '2030-01-01T00:00:00Z',
      imageUrl: 'https://example.org/a.jpg',
    }
    const line = JSON.stringify(row).replace('{', '{"metadata":{"n":1.0,"big":12345678901234567890},')
    expect((await read(line)).items).toEqual([
      {
        kind: 'row',
        key: 'a',
        position: 1,
        person: { by: 'externalId', externalId: '4711' },
        name: 'Doe',
        metadata: '{"n":1.0,"big":12345678901234567890}',
        groups: ['g1'],
        expireAt: '2030-01-01T00:00:00Z',
        picture: { link: 'https://example.org/a.jpg' },
      },
    ])
  })

  it('takes what its sender found wrong with a row', async () => {
    const given = { key: 'a', person: 'x', sourceProblem: { field: 'picture', message: 'is not there' } }
    const contents = expect.stringMatching(/^[0-9a-f]{64}$/)
    const person = { by: 'externalId', externalId: 'x' }
    expect((await read(JSON.stringify(given))).items).toEqual([
      { kind: 'problem', key: 'a', position: 1, person, field: 'picture', message: 'is not there', contents },
    ])
    expect((await read('{"key":"a","sourceProblem":"x"}')).items).toMatchObject([
      { kind: 'problem', key: 'a', field: 'sourceProblem' },
    ])
  })

  it.each([
    ['{"person":"x"}', { by: 'externalId', externalId: 'x' }],
    ['{"person":{"externalId":"x"}}', { by: 'externalId', externalId: 'x' }],
    ['{"person":{"id":"x"}}', { by: 'id', id: 'x' }],
    ['{"person":{"key":"x"}}', { by: 'key', key: 'x' }],
    ['{"id":"x"}', { by: 'id', id: 'x' }],
    ['{"personKey":"x"}', { by: 'key', key: 'x' }],
    ['{"name":"x"}', { by: 'key', key: 'line-1' }],
  ])('names a person: %s', async (line, person) => {
    expect((await read(line)).rows[0]?.person).toEqual(person)
  })

  it.each([
    ['as it is', (text: string) => text],
    ['with the prefix of a data URI', (text: string) => `data:image/jpeg;base64,${text}`],
    ['with escaped slashes', (text: string) => text.replaceAll('/', '\\/')],
    ['without padding', (text: string) => text.replace(/=+$/, '')],
    ['for addresses', () => picture.toString('base64url')],
  ])('has pictures in Base64, %s, however long', async (_how, write) => {
    const line = `{"key":"a","picture":"${write(picture.toString('base64'))}","name":"x"}`
    for (const rowBytes of [100, 10_000]) {
      const { rows } = await read(line, { bounds: { rowBytes } }, [17])
      expect(rows[0]).toMatchObject({ key: 'a', name: 'x' })
      expect(Buffer.from((rows[0]?.picture as { bytes: Uint8Array }).bytes).equals(picture)).toBe(true)
    }
  })

  it('has no row for a picture without a byte, since a person without a picture was not meant', async () => {
    const { items } = await read('{"key":"a","name":"Ada","picture":""}\n')
    expect(items).toMatchObject([{ kind: 'problem', key: 'a', field: 'picture', message: 'is empty' }])
  })

  it('names what is wrong with a line, and reads the next one', async () => {
    const lines = [
      '{',
      '[]',
      '1.0',
      '{"key":"a","metadata":1.0}',
      '{"key":"b","groups":"g"}',
      '{"key":"c","picture":"???"}',
      '{"key":"d","picture":"AAAA","file":"x"}',
      '{"key":"e","name":5}',
      '{"key":"f","externalId":"x","external_id":"y"}',
      '{"key":"g","person":{"id":"x"},"personKey":"y"}',
      `{"key":"h","metadata":[${'0,'.repeat(10_000)}0]}`,
      `{"key":"i","name":"${'x'.repeat(400_000)}"}`,
      `{"key":"j","picture":"${'A'.repeat(30_000)}"}`,
      '',
      ' \t\r',
      '{"key":"z","name":"x"}\r',
    ]
    const { items } = await read(lines.join('\n'), { bounds: { pictureBytes: 20_000 } })
    expect(
      items.map((item) => (item.kind === 'problem' ? `${item.key} ${item.field} ${item.message}` : item)),
    ).toEqual([
      'line-1 line is not JSON',
      'line-2 line is no JSON object',
      'line-3 line is no JSON object',
      'a metadata must be a JSON object',
      'b groups must be a list of strings',
      'c picture is not Base64',
      'd picture is given twice: as picture, imageUrl or file',
      'e name must be a string',
      'line-9 externalId is given twice',
      'g person is given twice',
      'line-11 line has more than 10000 values, or too many levels',
      'line-12 line has more than 288811 bytes',
      'j picture must have at most 20000 bytes',
      { kind: 'row', key: 'z', position: 16, person: { by: 'key', key: 'z' }, name: 'x' },
    ])
  })

  it('has a problem for objects of any depth', async () => {
    for (const depth of [100, 1_000, 2_000, 3_000, 4_000, 8_000]) {
      const { items } = await read(`{"metadata":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`)
      expect(items).toHaveLength(1)
    }
  })

  it('takes a long string for a picture only where the picture stands', async () => {
    const line = `{"key":"a","name":"${'A'.repeat(4_000)}"}`
    const { items } = await read(line, { bounds: { rowBytes: 1_000 } })
    expect(items).toMatchObject([{ kind: 'problem', message: 'has more than 1000 bytes beside its picture' }])
  })

  it('says which line is not UTF-8, and passes over a byte order mark', async () => {
    const bytes = Buffer.concat([Buffer.from('\uFEFF{"key":"a"}\n'), Buffer.from([0x22, 0xff, 0x22, 0x0a])])
    expect((await read(bytes)).items).toMatchObject([
      { kind: 'row', key: 'a' },
      { kind: 'problem', field: 'line', message: 'is not UTF-8' },
    ])
  })

  const group = {
    type: 'group',
    id: '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77',
    name: 'Staff',
    metadata: {},
    createdAt: '2026-11-24T09:30:00.000Z',
  }
  it.each([
    ['a group', group],
    ['a person', { ...group, type: 'person', groups: [] }],
    ['its end', { type: 'end', groups: 0, persons: 0, images: 0 }],
  ])('is no export in lines, which begins with %s and has no pictures', async (_what, line) => {
    for (const before of ['', '\n \r\n', '\uFEFF']) {
      const { items, fault, message } = await read(`${before}${JSON.stringify(line)}\n{"type":"image"}\n`)
      expect([items, fault]).toEqual([[], 'not-readable'])
      expect(message).toContain('it is an export in lines, which has no pictures: export a tar')
    }
  })

  it('may have fields as an export has them, in rows of its own', async () => {
    const line = JSON.stringify({ ...group, type: 'person', groups: [], imageUrl: 'https://a.test/1.jpg' })
    expect((await read(line)).rows).toHaveLength(1)
    expect((await read(`{"key":"a","name":"Ada"}\n${JSON.stringify(group)}`)).rows).toHaveLength(2)
    expect((await read('{"type":"person","name":"Ada"}')).rows).toHaveLength(1)
  })

  it('names nobody by a field of the person that is misspelt, and makes nobody by it', async () => {
    const { items } = await read('{"key":"a","person":{"externlId":"7"},"name":"Ada"}')
    expect(items).toMatchObject([
      { kind: 'note', message: 'fields that are not read: "person.externlId"' },
      { kind: 'problem', key: 'a', field: 'person' },
    ])
    expect((await read('{"key":"a","person":{"externalId":null}}')).rows).toHaveLength(1)
    expect((await read('{"key":"a","externlId":"7","name":"Ada"}')).items[1]).toMatchObject({
      kind: 'problem',
      key: 'a',
      field: 'person',
      message: 'is not named: "externlId" is not read; did you mean external_id?',
    })
    for (const good of ['{"externalId":"7","ids":"x"}', '{"externalId":null,"height":1}'])
      expect((await read(good)).rows).toHaveLength(1)
  })

  it('tells once of fields that are not read', async () => {
    const { items } = await read('{"height":1}\n{"height":2,"weight":1}\n{"weight":1}')
    expect(items.flatMap((item) => (item.kind === 'note' ? [item.message] : []))).toEqual([
      'fields that are not read: "height"',
      'fields that are not read: "weight"',
    ])
  })

  it('tells of a name that stands within the person, where it is not read', async () => {
    const { items } = await read('{"person":{"externalId":"a","name":"Ada"}}')
    expect(items).toContainEqual({ kind: 'note', message: 'fields that are not read: "person.name"' })
  })

  it.each([
    ['no line break', 'x'],
    ['brackets', '['],
    ['quotes', '"'],
    ['escaped quotes', '\\"'],
  ])('drops a line of %s that is too long while it comes', async (_what, text) => {
    async function* long() {
      yield Buffer.from('{"key":"')
      for (let turn = 0; turn < 40; turn++) yield Buffer.from(text.repeat(50_000))
      yield Buffer.from('\n{"key":"next"}')
    }
    const bounds = { rowBytes: 10_000, pictureBytes: 1_000_000 }
    const { items } = await readAll(readNdjsonManifest(long(), { bounds }))
    expect(items.map(({ kind }) => kind)).toEqual(['problem', 'row'])
  })

  it('rejects with the reason of the signal', async () => {
    const leaving = new AbortController()
    async function* rows() {
      for (;;) yield Buffer.from('{"key":"a"}\n')
    }
    const items = readNdjsonManifest(rows(), { signal: leaving.signal })
    await items.next()
    leaving.abort(new Error('left'))
    await expect(
      (async () => {
        for await (const _item of items);
      })(),
    ).rejects.toThrow('left')
  })
})

describe('any NDJSON', () => {
  it('gives back what was written', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    const row = fc.record({
      key: text,
      externalId: text,
      name: text,
      metadata: fc.object({ maxDepth: 2 }),
      picture: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    })
    const pieces = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 8 }), pieces, async (rows, lengths) => {
        const lines = rows.map((each) =>
          JSON.stringify({ ...each, picture: Buffer.from(each.picture).toString('base64') }),
        )
        const result = await read(lines.join('\n'), {}, lengths)
        expect(result.items).toHaveLength(rows.length)
        for (const [index, item] of result.rows.entries()) {
          const { key, externalId, name, metadata, picture: bytes } = rows[index]!
          expect(item).toMatchObject({ key, name, person: { by: 'externalId', externalId } })
          expect(JSON.parse(item.metadata ?? '')).toEqual(JSON.parse(JSON.stringify(metadata)))
          expect(Buffer.from((item.picture as { bytes: Uint8Array }).bytes).equals(bytes)).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('refuses a row in which an object has a key twice, and no other', async () => {
    const { items } = await read(
      [
        '{"key":"a","name":"x","name":"y"}',
        '{"key":"b","metadata":{"a":1,"b":[{"c":1.0,"c":2}]}}',
        '{"key":"c","name":"a\\":\\\\","metadata":{"a:":[{"c":1.0},{"c":2}],"b":{"c":":"}}}',
      ].join('\n'),
    )
    expect(items).toMatchObject([
      { kind: 'problem', key: 'line-1', field: 'line', message: 'has a key twice' },
      { kind: 'problem', key: 'line-2', field: 'line', message: 'has a key twice' },
      { kind: 'row', key: 'c', metadata: '{"a:":[{"c":1.0},{"c":2}],"b":{"c":":"}}' },
    ])
  })

  it('ends in items, whatever the bytes', async () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .array(
          fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', '\n', '"key"', '"picture"', 'A', '1.0'),
          {
            maxLength: 80,
          },
        )
        .map((parts) => Buffer.from(parts.join(''))),
    )
    await fc.assert(
      fc.asyncProperty(noise, async (bytes) => {
        const result = await read(bytes, { bounds: { rowBytes: 20, pictureBytes: 50 } }, [11])
        expect(result.fault).toBeNull()
      }),
      { numRuns: 500 },
    )
  })
})

it('passes over blank lines of any kind, and counts them', async () => {
  const blanks = fc.array(fc.constantFrom('', '\r', ' ', '\t\r', ' \r\r'), { maxLength: 3 })
  const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(fc.array(blanks, { maxLength: 6 }), pieces, async (between, sizes) => {
      const lines: string[] = []
      const expected = between.map((some, i) => {
        lines.push(...some)
        return [`k${i}`, lines.push(`{"key":"k${i}","name":"Ada"}`)]
      })
      lines.push('\r', '')
      const { items } = await readAll(readNdjsonManifest(inPieces(Buffer.from(lines.join('\n')), sizes)))
      expect(items.map((item) => item.kind === 'row' && [item.key, item.position])).toEqual(expected)
    }),
    { numRuns: 200 },
  )
})
