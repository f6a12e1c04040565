import { aPicture } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endpointsOf } from './create-api.ts'
import type { Endpoint } from './endpoint/endpoint.ts'
import { definitionOf } from './endpoint/schema-parts.ts'
import { EXAMPLE_PICTURE } from './fields/picture-content.ts'
import { REQUEST_PART, takesPictures } from './multipart/form-body.ts'
import {
  AnswerFaults,
  isAboutTheBody,
  isRefused,
  isRefusedFor,
  namesIfRefused,
} from './testing/answer-faults.ts'
import { fieldsOf, type SchemaField, valueWith } from './testing/fields-of.ts'
import { type Answered, openTestApi, type TestApi } from './testing/open-test-api.ts'
import {
  type JsonKind,
  WRONG_BODIES,
  WRONG_IDS,
  WRONG_JSON,
  WRONG_PARTS,
  WRONG_QUERIES,
} from './testing/wrong-values.ts'

const EXAMPLE_ID = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'
const PICTURE = Buffer.from(aPicture()).toString('base64')
/** The other person of a merge, by the example. */
const EXAMPLE_OTHER_ID = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e78'
/** Of feedback, by the example: a picture of that very person. */
const EXAMPLE_IMAGE_ID = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e79'
/** Gives way to the JSON text of a value. */
const PLACE = 'the place of the value'

let api: TestApi
/** Those in the paths of calls; they are there, so that nothing but the wrong value is wrong. */
let ids: Readonly<Record<string, string>>
let otherId: string
beforeAll(async () => {
  api = await openTestApi()
  const person = await api.ask('POST', '/api/persons', { body: { name: 'Ada' } })
  const group = await api.ask('POST', '/api/groups', { body: { name: 'Staff', metadata: {} } })
  const path = `/api/persons/${person.json.id}/images`
  const image = await api.ask('POST', path, { body: { image: { content: PICTURE } } })
  otherId = (await api.ask('POST', '/api/persons', { body: { name: 'Bob' } })).json.id
  ids = { personId: person.json.id, groupId: group.json.id, imageId: image.json.id }
})
afterAll(() => api.close())

const endpoints = await declaredEndpoints()

async function declaredEndpoints(): Promise<readonly Endpoint[]> {
  const declaring = await openTestApi()
  await declaring.close()
  return endpointsOf(declaring.deps)
}

/** Rows for `it.each`: the call, and its endpoint. */
function callsWith(part: 'body' | 'query' | 'params'): readonly (readonly [string, Endpoint])[] {
  return endpoints
    .filter((endpoint) => endpoint[part] !== undefined)
    .map((endpoint) => [`${endpoint.method.toUpperCase()} ${endpoint.path}`, endpoint])
}

describe('a wrong value is refused in plain words that name its field', () => {
  it.each(callsWith('body'))('in the body of %s', async (_call, endpoint) => {
    const faults = new AnswerFaults()
    for (const field of fieldsOf(endpoint.body!)) {
      const sample = JSON.stringify(bodyWith(endpoint, field.path)).replace(EXAMPLE_OTHER_ID, otherId)
      for (const [kind, text] of wrongJson()) {
        const answer = await send(endpoint, { raw: sample.replace(`"${PLACE}"`, text) })
        const isAsWanted = isOfWrongKind(field, kind) ? isRefusedFor(field.path) : namesIfRefused(field.path)
        faults.note(answer, `${field.path.join('.')} = ${text}`, isAsWanted)
      }
    }
    expect(faults.found).toEqual([])
  })

  it.each(callsWith('body'))('in place of the body of %s', async (_call, endpoint) => {
    const faults = new AnswerFaults()
    for (const raw of WRONG_BODIES) faults.note(await send(endpoint, { raw }), raw, isAboutTheBody)
    expect(faults.found).toEqual([])
  })

  const forms = callsWith('body').filter(([, { body }]) => takesPictures(body!))
  it.each(forms)('in a form for %s', async (_call, endpoint) => {
    const faults = new AnswerFaults()
    for (const { path } of fieldsOf(endpoint.body!)) {
      for (const text of WRONG_PARTS) {
        for (const parts of [[text], [text, text]]) {
          const answer = await send(endpoint, formOf(endpoint, path.join('.'), parts))
          faults.note(answer, `${path.join('.')} = ${parts}`, namesIfRefused(path))
        }
      }
    }
    expect(faults.found).toEqual([])
  })

  it.each(callsWith('query'))('in the query of %s', async (_call, endpoint) => {
    const faults = new AnswerFaults()
    for (const { path } of fieldsOf(endpoint.query!)) {
      const [name = ''] = path
      const sent = WRONG_QUERIES.map((text) => `${name}=${encodeURIComponent(text)}`)
      for (const query of [...sent, `${name}=%`, `${name}=%ff`, `${name}[]=1`, `${name}[a]=1`, `${name}.a=1`])
        faults.note(await send(endpoint, { query }), query, namesIfRefused(path))
      faults.note(await send(endpoint, { query: `${name}=1&${name}=1` }), `${name} twice`, isRefusedFor(path))
    }
    expect(faults.found).toEqual([])
  })

  it.each(callsWith('params'))('in the path of %s', async (_call, endpoint) => {
    const faults = new AnswerFaults()
    for (const { path } of fieldsOf(endpoint.params!)) {
      const [name = ''] = path
      for (const text of WRONG_IDS) {
        const answer = await send(endpoint, { ids: { ...ids, [name]: encodeURIComponent(text) } })
        // The contract answers some wrong ids as if they were unknown.
        faults.note(answer, `${name} = ${text}`, answer.status === 404 ? isRefused : isRefusedFor(path))
      }
    }
    expect(faults.found).toEqual([])
  })
})

interface Sending {
  readonly raw?: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly ids?: Readonly<Record<string, string>>
}

function send(
  endpoint: Endpoint,
  { raw, query, headers = {}, ids: named = ids }: Sending,
): Promise<Answered> {
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_all, id: string) => named[id] ?? '')
  const content = raw ?? (endpoint.body === undefined ? undefined : JSON.stringify(bodyOf(endpoint)))
  const asked = content === undefined ? { headers } : { raw: content, headers }
  return api.ask(endpoint.method.toUpperCase(), query === undefined ? path : `${path}?${query}`, asked)
}

/** A body that the call takes. */
function bodyOf({ docs }: Endpoint): object {
  const text = JSON.stringify(docs?.bodyExample ?? {})
  const named = text
    .replaceAll(EXAMPLE_ID, ids.personId ?? '')
    .replaceAll(EXAMPLE_IMAGE_ID, ids.imageId ?? '')
  return JSON.parse(named.replaceAll(EXAMPLE_PICTURE, PICTURE))
}

/** The same, with a mark in the place of one field. */
function bodyWith(endpoint: Endpoint, path: readonly string[]): object {
  const [outermost = ''] = path
  const least = valueWith(endpoint.body!, path, PLACE) as Readonly<Record<string, unknown>>
  return { ...bodyOf(endpoint), [outermost]: least[outermost] }
}

/** The body in its part `request`, and parts for one field. */
function formOf(endpoint: Endpoint, field: string, texts: readonly string[]): Sending {
  const part = (name: string, text: string) =>
    `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`
  const parts = [
    part(REQUEST_PART, JSON.stringify(bodyOf(endpoint))),
    ...texts.map((text) => part(field, text)),
  ]
  return { raw: `${parts.join('')}--x--\r\n`, headers: { 'content-type': 'multipart/form-data; boundary=x' } }
}

function wrongJson(): readonly (readonly [JsonKind, string])[] {
  return (Object.keys(WRONG_JSON) as readonly JsonKind[]).flatMap((kind) =>
    WRONG_JSON[kind].map((text) => [kind, text] as const),
  )
}

/** Kinds of JSON values that a field may take, beside null. */
const TAKEN: Readonly<Record<string, readonly JsonKind[]>> = {
  string: ['string'],
  enum: ['string'],
  number: ['number'],
  literal: ['number'],
  boolean: ['boolean'],
  array: ['array'],
  tuple: ['array'],
  object: ['object'],
  record: ['object'],
  // Metadata is an object.
  unknown: ['string', 'object'],
}

function isOfWrongKind({ schema }: SchemaField, kind: JsonKind): boolean {
  return kind !== 'null' && !kindsOf(schema).includes(kind)
}

/** A union takes what one of its options takes, as a picture that may be a text or an object. */
function kindsOf(schema: Parameters<typeof definitionOf>[0]): readonly JsonKind[] {
  const { type, options = [] } = definitionOf(schema)
  return type === 'union' ? options.flatMap(kindsOf) : (TAKEN[type] ?? [])
}
