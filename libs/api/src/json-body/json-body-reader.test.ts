import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { decodeBase64, pictureContent } from '../fields/picture-content.ts'
import { readJson } from '../fields/read-json.ts'
import { type JsonBody, JsonBodyReader } from './json-body-reader.ts'
import { pictureFieldsOf } from './picture-fields.ts'
import { PictureText } from './picture-text.ts'

/** Pictures inside an object, inside a list, and as a text that may also be an object. */
const image = z.object({ content: pictureContent, note: z.string().nullish() })
const schema = z.object({
  image,
  images: z.array(z.object({ data: pictureContent })),
  either: z.union([z.string().meta({ 'x-picture': true }), image]),
  metadata: z.unknown(),
})
const fields = pictureFieldsOf(schema)

function read(json: Buffer, chunkBytes: readonly number[] = []): JsonBody {
  const reader = new JsonBodyReader(fields, json.byteLength)
  let at = 0
  for (const size of [...chunkBytes, json.byteLength]) {
    if (at >= json.byteLength) break
    const refusal = reader.push(Buffer.from(json.subarray(at, at + size)))
    if (refusal !== null) return refusal
    at += size
  }
  return reader.end()
}

/** What parsing it whole and decoding then would have given. */
function readWhole(json: Buffer): unknown {
  const value = readJson(json.toString()) as Record<string, unknown>
  const decode = (holder: Record<string, unknown>, name: string) => {
    const text = holder[name]
    if (typeof text === 'string' && text !== '') holder[name] = { decoded: decodeBase64(text) }
  }
  const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null
  if (isObject(value.image)) decode(value.image, 'content')
  if (Array.isArray(value.images)) for (const item of value.images) if (isObject(item)) decode(item, 'data')
  if (typeof value.either === 'string' && value.either !== '')
    value.either = { content: { decoded: decodeBase64(value.either) } }
  else if (isObject(value.either)) decode(value.either, 'content')
  return value
}

function wholeOutcome(json: Buffer): unknown {
  try {
    return isUtf8(json) ? plain(readWhole(json)) : 'malformed'
  } catch {
    return 'malformed'
  }
}

function outcomeOf(got: JsonBody): unknown {
  return got.outcome === 'read' ? plain(got.value) : got.outcome
}

/** So that both are compared by what they hold. */
function plain(value: unknown): unknown {
  if (value instanceof PictureText) return plain({ decoded: value.bytes })
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value).map(([name, inner]) => [name, plain(inner)])
}

const bytes = fc.uint8Array({ maxLength: 400 })
const dress = fc.record({
  isUrlSafe: fc.boolean(),
  isPadded: fc.boolean(),
  lineBreak: fc.constantFrom('', '\r\n', ' ', '\t'),
  prefix: fc.constantFrom(
    '',
    'data:;base64,',
    'data:image/png;base64,',
    'DATA:x;y=1;BASE64,',
    'Data:;base64,',
  ),
  stranger: fc.constantFrom('', '', '', '!', '=', '\u00e9', '\u6728', '\u{1f642}', '"', '\\', 'data:'),
  at: fc.nat(),
})
const pictureText = fc
  .tuple(bytes, dress)
  .map(([data, { isUrlSafe, isPadded, lineBreak, prefix, stranger, at }]) => {
    let text = Buffer.from(data).toString('base64')
    if (isUrlSafe) text = text.replaceAll('+', '-').replaceAll('/', '_')
    if (!isPadded) text = text.replaceAll('=', '')
    if (lineBreak !== '') text = text.replace(/(.{7})/g, `$1${lineBreak}`)
    const cut = at % (text.length + 1)
    return prefix + text.slice(0, cut) + stranger + text.slice(cut)
  })
const picture = fc.oneof(pictureText, fc.string(), fc.constantFrom('', null, 5, [], { content: 'AAAA' }))

/** A string as JSON may also write it. */
const spelling = fc.constantFrom('plain', 'slashes', 'all')
function spell(text: string, how: string): string {
  const json = JSON.stringify(text)
  if (how === 'slashes') return json.replaceAll('/', '\\/')
  if (how === 'plain') return json
  return `"${[...text.split('')].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
}
const written = fc
  .tuple(picture, spelling)
  .map(([value, how]) => (typeof value === 'string' ? spell(value, how) : JSON.stringify(value)))
const name = (text: string) => spelling.map((how) => spell(text, how))

const member = fc.oneof(
  fc.tuple(name('image'), name('content'), written).map(([a, b, c]) => `${a}: {"note":"n", ${b} :${c}}`),
  fc
    .tuple(name('images'), name('data'), fc.array(written))
    .map(([a, b, all]) => `${a}:[${all.map((each) => `{${b}:${each},"other":"AAAA"}`).join(' ,')}]`),
  fc.tuple(name('either'), written).map(([a, b]) => `${a}\n:${b}`),
  fc
    .tuple(fc.constantFrom('metadata', 'content', 'image', '__proto__'), fc.json({ maxDepth: 8 }))
    .map(([key, value]) => `${JSON.stringify(key)}:${value}`),
)
const body = fc.array(member, { maxLength: 6 }).map((members) => Buffer.from(`{${members.join(',')}}`))
const chunks = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 300 })

describe('a JSON body that is read as it comes', () => {
  it('is what parsing it whole and decoding its pictures gives, wherever it is cut', () => {
    fc.assert(
      fc.property(body, chunks, (json, sizes) => {
        expect(outcomeOf(read(json, sizes))).toEqual(wholeOutcome(json))
      }),
      { numRuns: 300 },
    )
  })

  it('that is not JSON or not UTF-8 is refused, wherever it is cut', () => {
    const damage = fc.tuple(fc.nat(), fc.constantFrom('\n', '"', '\\', '\\x', '\\u12', '{', ',', '\u0001'))
    fc.assert(
      fc.property(body, damage, chunks, (json, [place, insert], sizes) => {
        const at = place % (json.byteLength + 1)
        const damaged = Buffer.concat([json.subarray(0, at), Buffer.from(insert), json.subarray(at)])
        expect(outcomeOf(read(damaged, sizes))).toEqual(wholeOutcome(damaged))
      }),
      { numRuns: 300 },
    )
    for (const tail of ['\xff', '\xc3', '\xe6\x9c'])
      for (const text of [`{"image":{"content":"AA${tail}"}}`, `{"metadata":"${tail}"}`])
        expect(read(Buffer.from(text, 'latin1'), [3, 20])).toEqual({
          outcome: 'malformed',
          problem: 'is not UTF-8',
        })
  })

  it('keeps a large picture once, and little besides', () => {
    const data = Buffer.alloc(3_000_000, 'picture')
    const json = Buffer.from(JSON.stringify({ image: { content: data.toString('base64') }, metadata: 'x' }))
    const reader = new JsonBodyReader(fields, json.byteLength)
    for (let at = 0; at < json.byteLength; at += 65_536) reader.push(json.subarray(at, at + 65_536))
    expect(reader.heldBytes).toBeLessThan(data.byteLength + 10_000)
    const got = reader.end() as Extract<JsonBody, { outcome: 'read' }>
    const { content } = schema.shape.image.parse((got.value as { image: unknown }).image)
    expect(Buffer.compare(content ?? Buffer.alloc(0), data)).toBe(0)
  })

  it('holds a million bytes beside its pictures at most', () => {
    const content = 'A'.repeat(2_000_000)
    expect(read(Buffer.from(JSON.stringify({ image: { content } }))).outcome).toBe('read')
    for (const value of [{ metadata: content }, { [content]: 1 }, { images: [{ other: content }] }])
      expect(read(Buffer.from(JSON.stringify(value)), [65_536, 65_536])).toMatchObject({
        outcome: 'too-large',
      })
  })

  it('tells depth and number apart from what stands in strings, before it is parsed', () => {
    const problemOf = (text: string) => {
      const got = read(Buffer.from(text))
      return got.outcome === 'malformed' ? got.problem : got.outcome
    }
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    expect(problemOf(nested(64))).toBe('read')
    expect(problemOf(nested(65))).toContain('levels')
    expect(problemOf(`["\\\\",${nested(64)}]`)).toContain('levels')
    expect(problemOf(`[${'1,'.repeat(100_001)}1]`)).toContain('values')
    expect(problemOf('[]'.repeat(100_001))).toContain('values')
    expect(problemOf(JSON.stringify({ metadata: '[{'.repeat(1000), x: '\\'.repeat(99), y: '\\"[[' }))).toBe(
      'read',
    )
  })

  it('comes to an end on anything', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), chunks, (text, sizes) => {
        expect(['read', 'malformed']).toContain(read(Buffer.from(text), sizes).outcome)
      }),
    )
  })
})
