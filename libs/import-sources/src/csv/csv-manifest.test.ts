import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inPieces, readAll } from '../testing/read-all.ts'
import { type CsvReading, readCsvManifest } from './csv-manifest.ts'

function read(csv: string | Uint8Array, reading: CsvReading = {}, pieces: readonly number[] = []) {
  const bytes = typeof csv === 'string' ? Buffer.from(csv) : csv
  return readAll(readCsvManifest(inPieces(bytes, pieces), reading))
}

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16()

describe('a CSV manifest', () => {
  it('becomes rows with all their fields', async () => {
    const { items } = await read(
      'Key,External ID,Name,groups,metadata,metadata.team,expire_at,picture\n' +
        'a,4711,"Doe, Jane",g1;g2|g3,"{""n"":1.0}",red,2030-01-01T00:00:00Z,https://example.org/a.jpg\n',
    )
    expect(items).toEqual([
      {
        kind: 'row',
        key: 'a',
        position: 2,
        person: { by: 'externalId', externalId: '4711' },
        name: 'Doe, Jane',
        groups: ['g1', 'g2', 'g3'],
        metadata: '{"n":1.0,"team":"red"}',
        expireAt: '2030-01-01T00:00:00Z',
        picture: { link: 'https://example.org/a.jpg' },
      },
    ])
  })

  it.each([
    ['UTF-8 with a mark', Buffer.from('\uFEFFkey;name\na;Zoë\n')],
    ['UTF-16LE with a mark', Buffer.from('\uFEFFkey;name\na;Zoë\n', 'utf16le')],
    ['UTF-16BE with a mark', utf16be('\uFEFFkey;name\na;Zoë\n')],
    ['UTF-16LE without one', Buffer.from('key;name\na;Zoë\n', 'utf16le')],
    ['UTF-16BE without one', utf16be('key;name\na;Zoë\n')],
  ])('is read in %s', async (_what, bytes) => {
    for (const pieces of [[], [1], [3, 1]]) {
      expect((await read(bytes, {}, pieces)).rows.map(({ name }) => name)).toEqual(['Zoë'])
    }
  })

  it('is read in the encoding that was asked for', async () => {
    const bytes = Buffer.from('key,name\na,Zo\xeb \x80\n', 'latin1')
    expect((await read(bytes, { encoding: 'windows-1252' })).rows[0]?.name).toBe('Zoë €')
    expect((await read(bytes, { encoding: 'latin1' })).rows[0]?.name).toBe('Zoë \x80')
  })

  it('names the rows that are not in its encoding and reads the others', async () => {
    const bytes = Buffer.concat([
      Buffer.from('key,name\na,Zoë\n'),
      Buffer.from('b,Zo\xeb\n', 'latin1'),
      Buffer.from('c,Zoë\n'),
    ])
    const { items } = await read(bytes)
    expect(items.map(({ kind }) => kind)).toEqual(['row', 'problem', 'row'])
    expect(items[1]).toEqual({
      kind: 'problem',
      key: 'b',
      position: 3,
      field: 'row',
      message: 'is not UTF-8; if it is in Windows-1252, say so (charset, encoding)',
      contents: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  it.each([',', ';', '\t', '|'])('finds out its delimiter %j', async (delimiter) => {
    const csv = ['key', 'name', 'metadata.a;b,c|d'].join(delimiter).replace('a;b,c|d', 'x')
    const { rows } = await read(`${csv}\n${['k', '"Doe, Jane; jr|x"', 'v'].join(delimiter)}`)
    expect(rows[0]).toMatchObject({ key: 'k', name: 'Doe, Jane; jr|x', metadata: '{"x":"v"}' })
  })

  it('heeds the delimiter that a spreadsheet program wrote into the first line', async () => {
    const { rows } = await read('sep=;\r\nname;key\r\nJane;k\r\n')
    expect(rows[0]).toMatchObject({ key: 'k', name: 'Jane', position: 2 })
  })

  it('reads quotes over lines, line breaks of all kinds, and blank lines', async () => {
    const { rows } = await read('key,name\r\na,"Jane\r\n""JD"" Doe"\n\r\nb,5" tall\rc,Joe')
    expect(rows.map(({ key, name, position }) => [key, name, position])).toEqual([
      ['a', 'Jane\r\n"JD" Doe', 2],
      ['b', '5" tall', 4],
      ['c', 'Joe', 5],
    ])
  })

  // A gzip of a kilobyte may hold so many. When each was a row for the parser, they kept the process busy for half a minute.
  it('passes over a million blank lines at once, and counts them', async () => {
    const { rows } = await read(`key,name${'\n'.repeat(1_000_000)}a,Jane\n`)
    expect(rows.map(({ key, position }) => [key, position])).toEqual([['a', 1_000_001]])
  })

  it('names what is wrong with a row', async () => {
    const { items } = await read(
      [
        'key,id,external_id,metadata,picture,url',
        'a,1,2,,,',
        'b,,,[1],,',
        'c,,,{,,',
        'd,,,,x.jpg,https://example.org',
        'e,,,,data:image/png;base64\\,AAAA,'.replace('\\,', ';'),
        'f,,',
        'g,,,,,,h',
        'i,,,,,,',
        'j,,,,x.jpg,',
        'k,,,,,x.jpg',
      ].join('\n'),
    )
    expect(
      items.map((item) =>
        item.kind === 'problem' ? `${item.key} ${item.position} ${item.field} ${item.message}` : item,
      ),
    ).toEqual([
      'a 2 person is given twice: by id, external id or person key',
      'b 3 metadata must be a JSON object',
      'c 4 metadata is not JSON',
      'd 5 picture is given twice: as picture, url or file',
      'e 6 picture is a data URI: a CSV takes links and file names',
      'f 7 row has 3 cells, the header has 6',
      'g 8 row has 7 cells, the header has 6',
      { kind: 'row', key: 'i', position: 9, person: { by: 'key', key: 'i' } },
      { kind: 'note', message: expect.stringContaining('row 9 says nothing') },
      { kind: 'row', key: 'j', position: 10, person: { by: 'key', key: 'j' }, picture: { file: 'x.jpg' } },
      { kind: 'row', key: 'k', position: 11, person: { by: 'key', key: 'k' }, picture: { link: 'x.jpg' } },
    ])
  })

  it('has metadata on one line, however it stood', async () => {
    const { rows } = await read('key,metadata\na,"{""m"": 1.0,\n""n"":\r\n2.50}"\n')
    expect(rows[0]?.metadata).toBe('{"m":1.0,"n":2.50}')
  })

  it('gives a row without a key one that is the same each time', async () => {
    expect((await read('external_id\n4711\n')).rows[0]?.key).toBe('row-2')
  })

  it('is refused where no column says who the persons are, and one may have been meant to', async () => {
    const { message } = await read('key,employee_no,file\n1,4711,a.jpg\n')
    expect(message).toContain(
      'no column says who the persons are (external_id, id or person_key), and there are columns that are not read: "employee_no". To make a person of each row on purpose',
    )
  })

  it.each([
    ['externl_id', 'external_id'],
    ['Exteral Id', 'external_id'],
    ['preson_id', 'person_id'],
    ['persn_key', 'person_key'],
    ['ids', 'id'],
  ])('is refused where the column %s may have been meant to say it, and a name does not', async (wrong, near) => {
    const { items, fault, message } = await read(`key,${wrong},name,file\n1,4711,Ada,a.jpg\n`)
    expect([items, fault]).toEqual([[], 'not-readable'])
    expect(message).toContain(`columns that are not read: "${wrong}"; did you mean ${near}?`)
  })

  it('of names alone is read where all columns are, and of no other word it is said what was meant', async () => {
    expect((await read('name,file,metadata.town\nAda,a.jpg,London\n')).rows).toHaveLength(1)
    for (const other of ['town', 'age', 'height', 'x'.repeat(5_000)])
      expect((await read(`name,file,${other}\nAda,a.jpg,1\n`)).message).not.toContain('did you mean')
  })

  it('is refused where no column names pictures, and one may have been meant to', async () => {
    const { items, fault, message } = await read('external_id;name;foto\n1;Ada;a.jpg\n')
    expect([items, fault]).toEqual([[], 'not-readable'])
    expect(message).toContain('no column names pictures (file, url or picture)')
    expect((await read('external_id;files\n1;a.jpg\n')).message).toContain('"files"; did you mean file?')
    expect(message).toContain('not read: "foto". Those that are read are "externalId", "name".')
    const onPurpose = ['external_id;name\n1;Ada', 'id;metadata.foto\n1;a.jpg', 'person;foto;file\nAda;a.jpg;']
    for (const text of onPurpose) expect((await read(text)).rows).toHaveLength(1)
  })

  it('says which column a link belongs into, and takes names of files that look like none', async () => {
    const text = 'key,name,file\na,Ada,https://photos.example/a.jpg\nb,Bob,c:b.jpg\n'
    expect((await read(text)).items).toMatchObject([
      { kind: 'problem', key: 'a', field: 'file', message: 'is a link: use the column url' },
      { kind: 'row', key: 'b', picture: { file: 'c:b.jpg' } },
    ])
  })

  it('tells once of columns that are not read', async () => {
    const { items } = await read('person,height,weight,file\na,1,2,\nb,1,2,\n')
    expect(items.filter(({ kind }) => kind === 'note')).toEqual([
      { kind: 'note', message: 'columns that are not read: "height", "weight"' },
    ])
  })

  it.each([
    ['is empty', '', 'not-readable', 'the CSV is empty'],
    ['has no header', '1,2\n3,4\n', 'not-readable', 'the first row is no header'],
    ['has a column twice', 'key,name,Key\n', 'not-readable', 'two columns of the header mean key'],
    ['has 10,000 columns', `key${',x'.repeat(9_999)}\n1`, 'too-large', 'the header has 10000 columns'],
    ['leaves a quote open', 'key,name\na,b\nc,"d\ne,f\n', 'truncated', 'a quote that opens in row 3'],
    ['has a header that is not UTF-8', Buffer.from('key,Zo\xeb\n', 'latin1'), 'not-readable', 'column 2'],
  ])('that %s cannot be read, and says why', async (_what, csv, ...why) => {
    const { fault, message } = await read(csv)
    expect([fault, message]).toEqual([why[0], expect.stringContaining(String(why[1]))])
  })

  it.each([
    ['an open quote', 'a,"'],
    ['a cell', 'a,b'],
    ['delimiters', ','],
    ['open and closed quotes', '"a"b'],
  ])('holds no more than a row when %s has no end', async (_what, text) => {
    let sent = 0
    async function* endless() {
      yield Buffer.from('key,name\na,b\n')
      for (;;) {
        sent += 1
        yield Buffer.from(text.repeat(20_000))
      }
    }
    const { rows, fault, message } = await readAll(readCsvManifest(endless()))
    expect(rows).toHaveLength(1)
    expect([fault, message]).toEqual([
      'too-large',
      expect.stringMatching(/^row 3 has more than 262144 bytes/),
    ])
    expect(sent).toBeLessThan(50)
  })

  it('asks for no more than its reader takes', async () => {
    let sent = 0
    async function* rows() {
      yield Buffer.from('key\n')
      for (;;) {
        sent += 1
        yield Buffer.from('row of some length\n'.repeat(1_000))
      }
    }
    const items = readCsvManifest(rows())
    await items.next()
    expect(sent).toBeLessThan(20)
    await items.return(undefined)
  })

  it('rejects with the reason of the signal while its source is silent', async () => {
    const leaving = new AbortController()
    let isLetGo = false
    const silent = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }),
      destroy: () => {
        isLetGo = true
      },
    }
    const next = readCsvManifest(silent, { signal: leaving.signal }).next()
    leaving.abort(new Error('left'))
    await expect(next).rejects.toThrow('left')
    expect(isLetGo).toBe(true)
  })

  it('says that its source broke', async () => {
    const cause = new Error('connection reset')
    async function* broken() {
      yield Buffer.from('key\na\nb\nc')
      throw cause
    }
    const { rows, fault } = await readAll(readCsvManifest(broken()))
    expect(fault).toBe('interrupted')
    expect(rows.map(({ key }) => key)).not.toContain('c')
  })
})

const cell = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter((text) => text !== '' && !text.includes('\uFFFD'))
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`

describe('any CSV', () => {
  it('gives back what was written', async () => {
    const shape = fc.record({
      rows: fc.array(fc.tuple(cell, cell, cell), { maxLength: 20 }),
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      lineBreak: fc.constantFrom('\n', '\r\n', '\r'),
      pieces: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }),
      encoding: fc.constantFrom('utf8', 'utf16le'),
      mark: fc.constantFrom('', '\uFEFF'),
    })
    await fc.assert(
      fc.asyncProperty(shape, async ({ rows, delimiter, lineBreak, pieces, encoding, mark }) => {
        const lines = [['key', 'external_id', 'name'], ...rows.map((row) => row.map(quoted))]
        const text = mark + lines.map((line) => line.join(delimiter)).join(lineBreak)
        const result = await read(Buffer.from(text, encoding as BufferEncoding), {}, pieces)
        const back = result.items.map((item) =>
          item.kind === 'row' && item.person.by === 'externalId'
            ? [item.key, item.person.externalId, item.name]
            : item,
        )
        expect(result.fault).toBeNull()
        expect(back).toEqual(rows)
      }),
      { numRuns: 300 },
    )
  })

  it('passes over blank rows, and counts them', async () => {
    const shape = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      lineBreak: fc.constantFrom('\n', '\r\n', '\r'),
      // Before the header, and after it and each row.
      blanks: fc.array(fc.array(fc.constantFrom(0, 1, 2, 3, 9), { maxLength: 3 }), {
        ...{ minLength: 2, maxLength: 6 },
      }),
      filler: fc.constantFrom('', ' ', '""'),
      pieces: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(shape, async ({ delimiter, lineBreak, blanks, filler, pieces }) => {
        const lines: string[] = []
        const expected: [string, number][] = []
        const add = (counts: readonly number[]) =>
          lines.push(...counts.map((cells) => Array(cells).fill(filler).join(delimiter)))
        for (const [i, counts] of blanks.entries()) {
          if (i === 1) lines.push(['key', 'name'].join(delimiter))
          if (i > 1) expected.push([`k${i}`, lines.push([`k${i}`, 'Ada'].join(delimiter))])
          add(counts)
        }
        const result = await read(lines.join(lineBreak), {}, pieces)
        expect(result.fault).toBeNull()
        expect(result.items.map((item) => item.kind === 'row' && [item.key, item.position])).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('tells once of rows that say nothing in the column that names their person', async () => {
    const { items } = await read('key,external_id,name\n1,ada,Ada\n2,,Bob\n3,,Cyd\n')
    expect(items.filter(({ kind }) => kind === 'row')).toHaveLength(3)
    const note = { kind: 'note', message: expect.stringContaining('row 3 says nothing in the column') }
    expect(items.filter(({ kind }) => kind === 'note')).toEqual([note])
    // The report has this one at position 2.
    const howCounted = { message: expect.stringContaining('row 3 of the file, its header included') }
    expect(items.filter(({ kind }) => kind === 'note')).toMatchObject([howCounted])
    const unnamed = await read('key,file\n1,a.jpg\n')
    expect(unnamed.items.map(({ kind }) => kind)).toEqual(['row'])
  })

  it('ends in items or one fault, whatever the bytes', async () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .array(
          fc.constantFrom('key', 'name', 'metadata', ',', ';', '"', '\n', '\r', '{}', 'ë', '\0', '\uFEFF'),
          {
            maxLength: 60,
          },
        )
        .map((parts) => Buffer.from(parts.join(''))),
    )
    await fc.assert(
      fc.asyncProperty(noise, fc.boolean(), async (bytes, hasHeader) => {
        const whole = hasHeader ? Buffer.concat([Buffer.from('key,name,metadata\n'), bytes]) : bytes
        const result = await read(whole, { bounds: { rowBytes: 100 } }, [7])
        for (const item of result.items) {
          if (item.kind === 'row') expect(item.key).not.toBe('')
        }
      }),
      { numRuns: 500 },
    )
  })
})
