import type { ImportId, LinkStreams, ObjectListing, SourcePlace, SourcePortion } from '@semblance/core'
import { newTestId } from '@semblance/core/testing'
import { pack } from 'tar-stream'
import { afterEach, describe, expect, it } from 'vitest'
import { linkStreamsOf, type StreamedFile } from '../testing/link-streams-of.ts'
import { createSourceReader } from './source-reader.ts'

const LINK = 'https://photos.example/in/people.csv'
const ROWS = 2_500
const manifest = (rows: number, header = 'key,external_id,url') =>
  Buffer.from(
    `${header}\n${Array.from({ length: rows }, (_, i) => `k${i},p${i},https://a.example/${i}.jpg\n`).join('')}`,
  )

type Reader = ReturnType<typeof createSourceReader>
const readers: Reader[] = []
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close()
})

/** Each is a process of its own. */
function readerOf(streams: LinkStreams, spoolBytes = 1_000_000, patienceMs?: number): Reader {
  const listing: ObjectListing = {
    list: async () => ({ outcome: 'refused', reason: 'address-not-allowed' }),
    close: async () => {},
  }
  const clock = { now: () => 0, monotonic: () => performance.now() }
  const patience = patienceMs === undefined ? {} : { patienceMs }
  const reader = createSourceReader({ listing, streams, clock, bounds: { spoolBytes }, ...patience })
  readers.push(reader)
  return reader
}

function placeOf(fields: Partial<SourcePlace> = {}): SourcePlace {
  return { id: newTestId<ImportId>(), url: LINK, pattern: null, encoding: null, cursor: null, ...fields }
}

/** Portion by portion, as the importer does; `until` says when it dies. */
async function readOn(reader: Reader, start: SourcePlace, until = (_keys: number) => false) {
  const keys: string[] = []
  let place = start
  let last: SourcePortion
  do {
    last = await reader.read(place)
    if (last.outcome === 'refused') break
    keys.push(...last.rows.map(({ key }) => key))
    place = { ...place, cursor: last.cursor }
  } while (!last.isEnd && !until(keys.length))
  return { keys, place, last }
}

describe('a manifest behind a link', () => {
  it('is read part by part, over one connection', async () => {
    const streams = linkStreamsOf({ [LINK]: { bytes: manifest(ROWS) } })
    const { keys, last } = await readOn(readerOf(streams), placeOf())
    expect(keys).toEqual(Array.from({ length: ROWS }, (_, i) => `k${i}`))
    expect(last).toMatchObject({ isEnd: true, rows: [], rowsInAll: ROWS })
    expect(streams.opened).toEqual([LINK])
  })

  it('gives the same rows again to whoever asks from the same place', async () => {
    const reader = readerOf(linkStreamsOf({ [LINK]: { bytes: manifest(ROWS) } }))
    const place = placeOf()
    const first = await reader.read(place)
    expect(await reader.read(place)).toEqual(first)
    const next = await reader.read({ ...place, cursor: '1000 "1"' })
    expect(next).toMatchObject({ rows: [{ key: 'k1000' }, ...Array(999).fill({})], rowsInAll: 2_000 })
  })

  it('is gone on with by the next process where the last one died', async () => {
    const streams = linkStreamsOf({ [LINK]: { bytes: manifest(ROWS) } })
    const first = await readOn(readerOf(streams), placeOf(), (taken) => taken >= 1_000)
    const second = await readOn(readerOf(streams), first.place)
    expect(second.keys[0]).toBe('k1000')
    expect([...first.keys, ...second.keys]).toHaveLength(ROWS)
    expect(second.last).toMatchObject({ isEnd: true, rowsInAll: ROWS })
  })

  it('that changed meanwhile is refused, and is to be read from its beginning', async () => {
    const files: Record<string, StreamedFile> = { [LINK]: { bytes: manifest(ROWS) } }
    const { place } = await readOn(readerOf(linkStreamsOf(files)), placeOf(), () => true)
    files[LINK] = { bytes: manifest(ROWS), version: '"2"' }
    const why = expect.stringContaining('changed')
    const { last } = await readOn(readerOf(linkStreamsOf(files)), place)
    expect(last).toEqual({ outcome: 'refused', why, isPassing: false, restarts: true })
  })

  it('of which nobody tells versions apart is read again from its beginning, by its keys', async () => {
    const streams = linkStreamsOf({ [LINK]: { bytes: manifest(ROWS), version: null } })
    const { place } = await readOn(readerOf(streams), placeOf(), () => true)
    const { keys, last } = await readOn(readerOf(streams), place)
    expect(keys).toHaveLength(ROWS)
    expect(last).toMatchObject({ isEnd: true, rowsInAll: ROWS })
  })

  it('names files that lie beside it', async () => {
    const rows = ['ada/1.jpg', 'a b#1.jpg', '../x.jpg'].map((file, i) => `k${i},${file}\n`).join('')
    const bytes = Buffer.from(`key,file\n${rows}`)
    const bucket = 's3://faces/in/people.csv'
    const reader = readerOf(linkStreamsOf({ [LINK]: { bytes }, [bucket]: { bytes } }))
    const picturesOf = async (url: string) => {
      const portion = await reader.read(placeOf({ url }))
      return portion.outcome === 'rows' ? portion.rows.map((row) => row.picture ?? row.outcome) : portion
    }
    const outside = expect.objectContaining({ kind: 'invalid', field: 'picture' })
    expect(await picturesOf(LINK)).toEqual([
      { url: 'https://photos.example/in/ada/1.jpg' },
      { url: 'https://photos.example/in/a%20b%231.jpg' },
      outside,
    ])
    expect(await picturesOf(bucket)).toEqual([
      { url: 's3://faces/in/ada/1.jpg' },
      { url: 's3://faces/in/a b#1.jpg' },
      outside,
    ])
  })

  it('is told of as a whole, to whoever asks from the same place again, too, and not to whoever goes on', async () => {
    const header = 'key,external_id,url,shoe size'
    const streams = linkStreamsOf({ [LINK]: { bytes: manifest(ROWS, header) } })
    const reader = readerOf(streams)
    const place = placeOf()
    const notes = ['columns that are not read: "shoe size"']
    const first = await reader.read(place)
    expect(first).toMatchObject({ notes })
    expect(await reader.read(place)).toMatchObject({ notes })
    if (first.outcome !== 'rows') return expect.fail('it is refused')
    for (const each of [reader, readerOf(streams)]) {
      const next = await each.read({ ...place, cursor: first.cursor })
      expect(next).toMatchObject({ outcome: 'rows' })
      expect(next).not.toHaveProperty('notes')
    }
  })

  it.each([
    [{ contentType: 'text/csv; charset=windows-1252' }, {}],
    [{ contentType: 'application/octet-stream; charset=binary' }, { encoding: 'windows-1252' }],
  ] as const)('in Windows-1252 has its names right if it is said: %j %j', async (file, asked) => {
    const bytes = Buffer.from('key,name\na,Zo\xeb\n', 'latin1')
    const reader = readerOf(linkStreamsOf({ [LINK]: { bytes, ...file } }))
    expect(await reader.read(placeOf(asked))).toMatchObject({ rows: [{ name: 'Zoë' }] })
  })
})

describe('an archive behind a link', () => {
  const url = 'https://photos.example/in/staff.tar'
  const notesOf = async (entries: readonly [string, string][]) => {
    const parts: Uint8Array[] = []
    const packing = pack()
    for (const [name, bytes] of entries) packing.entry({ name }, bytes)
    packing.finalize()
    for await (const part of packing) parts.push(part as Buffer)
    const reader = readerOf(linkStreamsOf({ [url]: { bytes: Buffer.concat(parts) } }))
    const portion = await reader.read(placeOf({ url }))
    return portion.outcome === 'rows' ? portion.notes : portion
  }

  it('is told of without the names of its files, which may be those of persons', async () => {
    const pdf = 'Ada Lovelace/scan.pdf'
    expect(
      await notesOf([
        ['Ada Lovelace/1.jpg', '\xff\xd8\xff'],
        [pdf, '%PDF-1.7'],
      ]),
    ).toEqual(['passed over 1 file that is no picture'])
  })

  it('has it noted how many files its manifest does not name', async () => {
    const manifest = ['manifest.csv', 'key,name,file\na,Ada,a.jpg\n'] as [string, string]
    expect(await notesOf([manifest, ['a.jpg', 'a'], ['b.jpg', 'b'], ['c.jpg', 'c']])).toEqual([
      'files that the manifest does not name: 2',
    ])
  })
})

describe('a link that', () => {
  const why = (text: string) => expect.stringContaining(text)

  it('dies halfway keeps the rows before that, and is tried again', async () => {
    const files = { [LINK]: { bytes: manifest(ROWS), breaksAt: 60_000 } }
    const { keys, place, last } = await readOn(readerOf(linkStreamsOf(files)), placeOf())
    expect(keys.length).toBeGreaterThan(1_000)
    expect(last).toEqual({ outcome: 'refused', why: why('breaks off'), isPassing: true, restarts: false })
    const whole = linkStreamsOf({ [LINK]: { bytes: manifest(ROWS) } })
    const rest = await readOn(readerOf(whole), place)
    expect([...keys, ...rest.keys]).toEqual(Array.from({ length: ROWS }, (_, i) => `k${i}`))
  })

  it.each([
    ['is a page', { bytes: Buffer.from('<!doctype html><title>Sign in</title>') }, 'is no header'],
    ['is no zip', { bytes: manifest(9), contentType: 'application/zip' }, 'said to be a zip, and is none'],
    ['is a picture', { bytes: Buffer.from('ffd8ffe000104a464946', 'hex') }, 'one picture'],
    ['is empty', { bytes: new Uint8Array() }, 'empty'],
    [
      'is half a zip',
      { bytes: Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(900)]) },
      'no directory',
    ],
    [
      'is too large a zip',
      { bytes: Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(9_000)]) },
      '1000',
    ],
    ['changes', { bytes: manifest(9), breaksAt: 99, breaksBy: 'changed' }, 'changed while'],
  ] as const)('%s says so, and is read from its beginning if it is asked for again', async (_, file, text) => {
    const { last } = await readOn(readerOf(linkStreamsOf({ [LINK]: file }), 1_000), placeOf())
    expect(last).toEqual({ outcome: 'refused', why: why(text), isPassing: false, restarts: true })
  })

  it('may not be followed, or leads nowhere, says so', async () => {
    const reader = readerOf(linkStreamsOf({}))
    const refusal = { outcome: 'refused', why: why('no such file'), isPassing: false, restarts: false }
    expect(await reader.read(placeOf())).toEqual(refusal)
  })

  it.each([
    ['https://10.0.0.1/a.csv', 'address-not-allowed', 'SEMBLANCE_LINK_HOSTS'],
    ['file:///srv/a.csv', 'unsupported-scheme', 'SEMBLANCE_LINK_ROOTS'],
    ['s3://bucket/a.csv', 'unsupported-scheme', 'SEMBLANCE_LINK_S3_BUCKETS'],
    ['gs://bucket/a.csv', 'address-not-allowed', 'SEMBLANCE_LINK_GS_BUCKETS'],
  ] as const)('%s, which is not open, names the setting that opens it', async (url, reason, setting) => {
    const open = async () => ({ outcome: 'refused', reason }) as const
    const reader = readerOf({ ...linkStreamsOf({}), open })
    const refusal = { outcome: 'refused', why: why(setting), isPassing: false, restarts: false }
    expect(await reader.read({ ...placeOf(), url })).toEqual(refusal)
  })

  it('comes while four others are read waits for them', async () => {
    const streams = linkStreamsOf({ [LINK]: { bytes: manifest(ROWS) } })
    const reader = readerOf(streams)
    const places = Array.from({ length: 4 }, () => placeOf())
    for (const place of places) await reader.read(place)
    const waits = { outcome: 'refused', isPassing: true, why: why('first') }
    expect(await reader.read(placeOf())).toEqual(waits)
    expect(streams.opened).toHaveLength(4)
    const first = places[0]!
    await readOn(reader, first)
    expect(await reader.read(placeOf())).toMatchObject({ outcome: 'rows' })
  })
})

/** Files that give these bytes, and then nothing; `closed` tells how many were let go of. */
function silentStreams(head: Uint8Array) {
  const closed: string[] = []
  const open: LinkStreams['open'] = async (link, { signal }) => {
    const stop = new Promise<never>((_, no) =>
      signal?.addEventListener('abort', () => {
        closed.push(link)
        no(signal.reason)
      }),
    )
    stop.catch(() => {})
    async function* bytes() {
      yield head
      await stop
    }
    return {
      outcome: 'opened',
      bytes: bytes(),
      version: '"1"',
      contentType: undefined,
      close: async () => {},
    }
  }
  return { closed, open, close: async () => {} }
}

describe('a link of which nothing comes any more', () => {
  const HELD = 500
  const PATIENCE_MS = 20

  it('gives the rows that came before, and then says that nothing comes', async () => {
    const reader = readerOf(silentStreams(manifest(HELD)), undefined, PATIENCE_MS)
    let place = placeOf()
    const keys: string[] = []
    // The parser holds the last row until it sees what follows.
    while (keys.length < HELD - 1) {
      const portion = await reader.read(place)
      if (portion.outcome === 'refused') throw new Error(portion.why)
      keys.push(...portion.rows.map(({ key }) => key))
      place = { ...place, cursor: portion.cursor }
    }
    expect(keys).toEqual(Array.from({ length: HELD - 1 }, (_, i) => `k${i}`))
    const silent = { rows: [], cursor: place.cursor, isEnd: false, why: 'nothing comes from its server' }
    await expect.poll(() => reader.read(place)).toMatchObject(silent)
  })

  it('gives its place to another one that waits, and is opened again in its turn', async () => {
    const silent = silentStreams(Buffer.alloc(0))
    const good = linkStreamsOf({ [LINK]: { bytes: manifest(HELD) } })
    const url = 'https://photos.example/silent.csv'
    const open: LinkStreams['open'] = (link, waiting) => (link === url ? silent : good).open(link, waiting)
    const reader = readerOf({ ...silent, open }, undefined, PATIENCE_MS)
    const places = Array.from({ length: 4 }, () => placeOf({ url }))
    for (const place of places) await reader.read(place)
    const other = placeOf()
    await expect.poll(() => reader.read(other)).toMatchObject({ outcome: 'rows', rows: Array(HELD).fill({}) })
    expect(silent.closed).toHaveLength(1)
    expect((await readOn(reader, other)).last).toMatchObject({ isEnd: true })
    expect(await reader.read(places[0]!)).toMatchObject({ outcome: 'rows', rows: [] })
  })

  it('is let go of at once when its import is not read on', async () => {
    const silent = silentStreams(manifest(HELD))
    const reader = readerOf(silent, undefined, PATIENCE_MS)
    const place = placeOf()
    await reader.read(place)
    reader.letGo?.(place.id)
    expect(silent.closed).toEqual([LINK])
  })
})
