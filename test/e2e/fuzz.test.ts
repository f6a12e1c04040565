import { readFile } from 'node:fs/promises'
import { checkAnswer, sizeOf } from '@semblance/testkit'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Installation, shapesByTier, startInstallation } from '../servers/installation.ts'
import { MORE_THREADS } from '../servers/server-process.ts'
import { type Calls, callsTo } from './calls.ts'
import { type FuzzCall, send, sendBytes } from './fuzz-requests.ts'
import { harmed, somePictures } from './hostile-pictures.ts'
import {
  anyValue,
  hostileValue,
  type OpenApi,
  type Operation,
  operationsOf,
  resolveIn,
  type Sources,
} from './schema-arbitrary.ts'

/** The same number makes the same cases; another one is drawn for each run. */
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
/** Times as many cases; 1 is some 450. */
const effort = Number(process.env.FUZZ_EFFORT ?? sizeOf({ ci: 2, slow: 4 }))
const FEWEST_CASES = 300
/** Of the resident set, from the first round of the same cases to the second. */
const MOST_GROWTH = 1.2
const STRANGER = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'

console.info(`fuzz: FUZZ_SEED=${seed} FUZZ_EFFORT=${effort}`)

describe.each(await shapesByTier())('generated requests, %s', (shape) => {
  let server: Installation
  let calls: Calls
  let operations: readonly Operation[]
  let sources: Sources
  let ids: string[]
  /** Of the output. */
  let read = 0
  const pictures: Buffer[] = []
  const statuses = new Map<number, number>()
  const cases = () => [...statuses.values()].reduce((sum, count) => sum + count, 0)

  beforeAll(async () => {
    server = await startInstallation(shape, {
      SEMBLANCE_LOG_LEVEL: 'warn',
      ...MORE_THREADS,
    })
    calls = callsTo(server)
    const answer = await fetch(`${server.url}/openapi.json`)
    const document = (await answer.json()) as OpenApi
    operations = operationsOf(document)
    pictures.push(...(await somePictures()))
    const texts = pictures.map((picture) => picture.toString('base64'))
    const [first = ''] = texts
    sources = {
      resolve: resolveIn(document),
      ids: () => ids,
      pictures: [...texts, first.slice(0, -3), `data:image/jpeg;base64,${first}`, '', '=', '!!!!'],
      links: [
        'http://127.0.0.1:1/x',
        'file:///etc/passwd',
        'http://[::1]/',
        'gs://b/../c',
        'no link',
        'ftp://h/x',
      ],
    }
    await renewIds()
  }, 400_000)
  afterAll(async () => {
    console.info(`fuzz, ${shape}: ${cases()} cases, ${describeStatuses(statuses)}`)
    await server?.close()
  })
  afterEach(async () => {
    expect((await calls.ask('GET', '/readyz')).status).toBe(200)
    const output = server.output().slice(read)
    read += output.length
    expect(output).not.toMatch(/"level":"(error|fatal)"/)
  })

  async function renewIds(): Promise<void> {
    const groups = [await calls.createGroup('Fuzz'), await calls.createGroup('Fuzz')]
    const persons = [
      await calls.createPerson({ name: 'Fuzz', groups }),
      await calls.createPerson({ name: 'Fuzz' }),
    ]
    ids = [...groups, ...persons, STRANGER]
  }

  function note(status: number, retryAfter: string | undefined, text: string): void {
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    if (status === 503) expect(retryAfter).toMatch(/^\d+$/)
    else expect(status).toBeLessThan(500)
    if (status < 400 || text === '' || !text.startsWith('{')) return
    const { statusCode } = JSON.parse(text)
    if (statusCode !== undefined) expect(statusCode).toBe(status)
  }

  async function judge(call: FuzzCall): Promise<void> {
    const { status, retryAfter, text } = await send(server.url, call)
    note(status, retryAfter, text)
    // What is no path by RFC 3986 leads to none of the described calls.
    if (!/%(?![\da-f]{2})/i.test(call.path))
      checkAnswer({ ...call, status, json: isWholeJson(text) ? JSON.parse(text) : null })
  }

  /** `share`: cases of the property of effort 1. */
  function check<T>(share: number, property: fc.IAsyncProperty<T>): Promise<void> {
    return fc.assert(property, { seed, numRuns: share * effort, endOnFailure: effort > 2 })
  }

  const pathOf = ({ path, query }: Operation): fc.Arbitrary<string> => {
    const id = fc.oneof(
      { weight: 8, arbitrary: fc.nat().map((n) => ids[n % ids.length] ?? STRANGER) },
      { weight: 1, arbitrary: fc.constantFrom('1', '%00', '%', '..%2f..', '__proto__', 'x'.repeat(2_000)) },
    )
    const filled = path.split(/\{\w+\}/).map((text) => fc.constant(text))
    const names = Object.entries(query).map(([name, schema]) =>
      fc.option(anyValue(schema, sources).map((value) => `${name}=${encodeURIComponent(textFor(value))}`)),
    )
    const stray = fc.option(fc.webQueryParameters(), { freq: 6 })
    return fc
      .tuple(fc.tuple(...filled), fc.array(id, { minLength: 3, maxLength: 3 }), fc.tuple(...names, stray))
      .map(([texts, found, parts]) => {
        const place = texts.reduce((whole, text, n) => `${whole}${found[n - 1] ?? ''}${text}`)
        const asked = parts.filter((part) => part !== null).join('&')
        return asked === '' ? place : `${place}?${asked}`
      })
  }

  const json = (operation: Operation): fc.Arbitrary<string> =>
    anyValue(operation.body ?? {}, sources).map((value) => JSON.stringify(value) ?? 'undefined')

  /** The same cases twice: what stays behind after the first round must not come again with the second. */
  async function round(): Promise<void> {
    await renewIds()
    for (const operation of operations) {
      const body = operation.body === null ? fc.constant(undefined) : json(operation)
      await check(
        4,
        fc.asyncProperty(pathOf(operation), body, async (path, text) => {
          const headers = text === undefined ? {} : { 'content-type': 'application/json' }
          await judge({
            method: operation.method,
            path,
            headers,
            ...(text === undefined ? {} : { body: text }),
          })
        }),
      )
    }
    await renewIds()
  }

  it('over every route, from its own schema', round, 180_000)

  it('of JSON that is cut, mended or replaced', async () => {
    const withBodies = operations.filter(({ body }) => body !== null)
    const property = fc.asyncProperty(
      fc.constantFrom(...withBodies).chain((op) => fc.tuple(fc.constant(op), pathOf(op), json(op))),
      fc.nat(),
      fc.oneof(fc.constantFrom('', '"', '}', ',', '\\', '\0', '[[', '1e999', '\ufeff', '{"a":'), fc.string()),
      async ([{ method }, path, text], at, mess) => {
        const cut = at % (text.length + 1)
        const body = text.slice(0, cut) + mess + (at % 2 === 0 ? '' : text.slice(cut))
        await judge({ method, path, headers: { 'content-type': 'application/json' }, body })
      },
    )
    await check(40, property)
  })

  const withPictures = () => operations.filter(({ takesForms }) => takesForms)
  /** Where pictures are read for certain. */
  const pictureCalls = (content: string) =>
    ({
      '/api/search': { image: { content } },
      '/api/detect': { image: content, processParam: { scenario: 'QualityFull' } },
      [`/api/persons/${ids[2]}/images`]: { image: { content } },
      '/api/match': { images: [{ data: content, type: 4 }, { data: content }] },
      '/api/match_and_search': { images: [{ content }, { content, detectAll: true }] },
    }) as const
  const pictureCall = fc.nat(4)

  it('of damaged pictures', async () => {
    const property = fc.asyncProperty(
      fc.nat(),
      fc.tuple(fc.constantFrom('damaged', 'cut', 'spliced', 'headless'), fc.nat()),
      pictureCall,
      async (which, [harm, salt], target) => {
        const picture = harmed(pictures[which % pictures.length]!, harm, salt)
        const [path, body] = Object.entries(pictureCalls(picture.toString('base64')))[target]!
        const headers = { 'content-type': 'application/json' }
        await judge({ method: 'POST', path, headers, body: JSON.stringify(body) })
      },
    )
    await check(60, property)
  }, 120_000)

  it('of text that is nearly Base64', async () => {
    const digits = fc.string({
      unit: fc.constantFrom(...'ABCabc019+/-_= \n\t\r.%é\0,:;'),
      maxLength: 400,
    })
    const prefix = fc.constantFrom(
      '',
      '',
      'data:image/jpeg;base64,',
      'data:,',
      'DATA:x;base64,',
      'data:;base64;base64,',
    )
    const property = fc.asyncProperty(digits, prefix, pictureCall, async (text, before, target) => {
      const [path, body] = Object.entries(pictureCalls(before + text))[target]!
      const headers = { 'content-type': 'application/json' }
      await judge({ method: 'POST', path, headers, body: JSON.stringify(body) })
    })
    await check(50, property)
  })

  it('of forms, whole and broken', async () => {
    const name = fc.oneof(
      fc.constantFrom(
        'image',
        'images',
        'request',
        'limit',
        'groupIds',
        'image.content',
        'images[0].type',
        'a[9][9]',
      ),
      fc.constantFrom(
        '__proto__.x',
        'createPerson.metadata.__proto__',
        'constructor',
        'image.0.0.0',
        '.',
        '[]',
      ),
      fc.string({ maxLength: 30 }).map((text) => text.replace(/["\r\n]/g, '')),
    )
    const value = fc.oneof(
      fc.nat().map((n) => pictures[n % pictures.length]!),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      hostileValue.map((given) => Buffer.from(textFor(given))),
    )
    const head = fc.constantFrom(
      '; filename="a.jpg"',
      '; filename=""',
      '',
      '\r\nContent-Type: application/json',
    )
    const part = fc.tuple(name, head, value).map(([called, more, bytes]) => {
      const disposition = `--x\r\nContent-Disposition: form-data; name="${called}"${more}\r\n\r\n`
      return Buffer.concat([Buffer.from(disposition), bytes, Buffer.from('\r\n')])
    })
    const end = fc.constantFrom('--x--\r\n', '--x--\r\n', '--x', '', '--x--\r\nepilogue')
    const form = fc.tuple(fc.array(part, { maxLength: 8 }), end, fc.option(fc.nat(), { freq: 3 }))
    const target = fc.constantFrom(...withPictures()).chain((op) => fc.tuple(fc.constant(op), pathOf(op)))
    const property = fc.asyncProperty(target, form, async ([{ method }, path], [parts, last, cut]) => {
      const whole = Buffer.concat([...parts, Buffer.from(last)])
      const body = cut === null ? whole : whole.subarray(0, cut % (whole.length + 1))
      const headers = { 'content-type': 'multipart/form-data; boundary=x' }
      await judge({ method, path, headers, body })
    })
    await check(60, property)
  }, 120_000)

  it('of headers, and of bytes that are hardly HTTP', async () => {
    const named = fc.constantFrom(
      'X-RequestID',
      'Idempotency-Key',
      'Content-Type',
      'Content-Encoding',
      'Content-Length',
      'Transfer-Encoding',
      'Accept',
      'Accept-Encoding',
      'Authorization',
      'X-API-Key',
      'Origin',
      'Host',
      'Expect',
      'Range',
      'If-None-Match',
      'Upgrade',
      'Connection',
      'Access-Control-Request-Method',
    )
    const value = fc.oneof(
      fc.constantFrom(
        '',
        '0',
        '-1',
        '99999999999',
        'chunked',
        'gzip',
        '100-continue',
        '*/*',
        'null',
        'bytes=0-1',
      ),
      fc.constantFrom(
        'multipart/form-data; boundary=',
        'application/json; charset=utf-7',
        'evil.example',
        'k',
      ),
      fc.string({ maxLength: 60 }),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constant('x'.repeat(17_000)),
    )
    const target = fc.constantFrom(...operations).chain((op) => fc.tuple(fc.constant(op), pathOf(op)))
    const headers = fc.array(fc.tuple(named, value), { maxLength: 6 })
    const body = fc.constantFrom('', '{}', '{"name":"Fuzz"}', '5\r\n{"a":\r\n0\r\n\r\n', '\0')
    const property = fc.asyncProperty(target, headers, body, async ([{ method }, path], given, content) => {
      const lines = given.map(([name, text]) => `${name}: ${text}\r\n`).join('')
      const common = `Host: 127.0.0.1\r\nConnection: close\r\n`
      const bytes = Buffer.from(`${method} ${path} HTTP/1.1\r\n${common}${lines}\r\n${content}`, 'latin1')
      const found = await sendBytes(server.url, bytes)
      if (found.length === 0) note(0, undefined, '')
      for (const { status, retryAfter } of found) note(status, retryAfter, '')
    })
    await check(80, property)
  }, 120_000)

  it(`are at least ${FEWEST_CASES}, of every kind of answer but 5xx`, () => {
    expect(cases()).toBeGreaterThanOrEqual(FEWEST_CASES)
    for (const status of [200, 201, 204, 400, 404])
      expect([status, statuses.has(status)]).toEqual([status, true])
    expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([])
  })

  it.runIf(process.platform === 'linux')(
    `leave no memory behind: a second round adds less than ${Math.round((MOST_GROWTH - 1) * 100)} %`,
    async () => {
      const before = await residentBytes(server.pids())
      await round()
      const after = await residentBytes(server.pids())
      console.info(`fuzz, ${shape}: resident ${toMegabytes(before)} MB, then ${toMegabytes(after)} MB`)
      expect(after / before).toBeLessThan(MOST_GROWTH)
    },
    180_000,
  )
})

/** What a query or a form field would carry; half a surrogate pair has no form there. */
function textFor(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed()
}

async function residentBytes(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8')
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

function toMegabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000)
}

function describeStatuses(statuses: ReadonlyMap<number, number>): string {
  return [...statuses]
    .toSorted(([a], [b]) => a - b)
    .map(([status, count]) => `${status === 0 ? 'none' : status}: ${count}`)
    .join(', ')
}

/** Not lines of JSON, as of an export. */
function isWholeJson(text: string): boolean {
  return text.startsWith('{') && !/\n\{/.test(text.trimEnd())
}
