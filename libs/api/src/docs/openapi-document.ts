import { z } from 'zod'
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi'
import type { ApiConfig } from '../api-deps.ts'
import type { AnswerDocs, Endpoint, EndpointDocs } from '../endpoint/endpoint.ts'
import { PROBLEM_TYPES } from '../endpoint/problem.ts'
import { takesIdempotencyKey } from '../idempotency/idempotency-key.ts'
import { takesPictures } from '../multipart/form-body.ts'
import { formSchemaOf } from '../multipart/form-schema.ts'

const operationLog = z
  .object({
    statusCode: z.int().meta({ example: 400 }),
    type: z.enum(PROBLEM_TYPES).meta({ example: 'BadParamsException' }),
    msg: z.string().meta({ example: 'name is required' }),
    metadata: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'OperationLog', description: 'What went wrong.' })

const requestId = z.string().optional().meta({
  description: 'Comes back in the answer and stands in every log line; made if left out.',
})

const idempotencyKey = z.string().min(1).max(255).optional().meta({
  description:
    'The same request sent again with the same key, at once or within 24 hours, has no second effect and gets the same answer, then with the header `Idempotency-Replayed: true`. A fresh random text for each request; printable ASCII.',
})

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The request is wrong; `msg` names the field.',
  401: 'An API key is needed.',
  404: 'There is no such thing.',
  409: 'Others changed the same thing at the same time; Retry-After tells when to try again.',
  412: 'It is not any more what If-Match names; nothing was changed.',
  413: 'The body is too large.',
  422: 'The Idempotency-Key belongs to another request, or what its request made was deleted since.',
  500: 'A fault of the server; `metadata.requestId` leads to its log.',
  503: 'Too busy or not reachable; Retry-After tells when to come back.',
}

const TAGS = [
  { name: 'search', description: 'Who is in this picture?' },
  { name: 'persons', description: 'Persons and their pictures.' },
  { name: 'groups', description: 'Sets of persons that a search may be limited to.' },
  { name: 'gallery', description: 'The gallery as a whole.' },
  { name: 'imports', description: 'Many photos of many persons, taken in as one job.' },
  { name: 'sessions', description: 'Sign-in of pages, which must not keep an API key.' },
  { name: 'operations', description: 'Probes and metrics.' },
] as const satisfies readonly { readonly name: EndpointDocs['tag']; readonly description: string }[]

/** OpenAPI 3.1 of these endpoints, from the very schemas that validate their requests. */
export function createOpenApiDocument(endpoints: readonly Endpoint[], config: ApiConfig): object {
  const needsKey = config.apiKeys.length > 0
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const endpoint of endpoints) {
    if (endpoint.docs === null) continue
    const operations = paths[endpoint.path] ?? {}
    operations[endpoint.method] = describeOperation(endpoint, endpoint.docs, needsKey)
    paths[endpoint.path] = operations
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Semblance',
      version: config.version,
      summary: 'Open-source face identification (1:N)',
      description:
        'Enroll persons with pictures, put them in groups, and ask who is in a new picture. Speaks the wire format of the Regula Face SDK web service (persons, groups, search, detection, match), so its clients work with a new base URL.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: config.publicUrl?.replace(/\/+$/, '') ?? '/' }],
    tags: [...TAGS],
    paths: paths as ZodOpenApiPathsObject,
    ...(needsKey ? { components: { securitySchemes: SECURITY_SCHEMES } } : {}),
  })
}

const SECURITY_SCHEMES = {
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  bearer: { type: 'http', scheme: 'bearer' },
} as const

function describeOperation(
  endpoint: Endpoint,
  docs: EndpointDocs,
  needsKey: boolean,
): ZodOpenApiOperationObject {
  const { params, query, body, streamed, access } = endpoint
  const takesKey = takesIdempotencyKey(endpoint)
  const isGuarded = needsKey && access === 'key'
  return {
    operationId: docs.operationId,
    tags: [docs.tag],
    summary: docs.summary,
    ...(docs.description === undefined ? {} : { description: docs.description }),
    requestParams: {
      ...(params === undefined ? {} : { path: params }),
      ...(query === undefined ? {} : { query }),
      header: z.object({
        'X-RequestID': requestId,
        ...(takesKey ? { 'Idempotency-Key': idempotencyKey } : {}),
        ...(docs.ifMatch === undefined
          ? {}
          : { 'If-Match': z.string().optional().meta({ description: docs.ifMatch }) }),
      }),
    },
    ...(body === undefined ? {} : { requestBody: describeBody(body, docs.bodyExample) }),
    ...(streamed === undefined ? {} : { requestBody: describeStream(streamed) }),
    responses: describeAnswers(docs, { isGuarded, hasBody: body !== undefined, takesKey }),
    ...(isGuarded ? { security: [{ apiKey: [] }, { bearer: [] }] } : {}),
  }
}

function describeBody(schema: z.ZodType, example: unknown) {
  const content = { schema, ...(example === undefined ? {} : { example }) }
  const form = takesPictures(schema) ? { 'multipart/form-data': { schema: formSchemaOf(schema) } } : {}
  const required = !schema.safeParse(undefined).success
  return { required, content: { 'application/json': content, ...form } }
}

/** A body of any length, which no schema holds. */
function describeStream(types: readonly string[]) {
  const content = Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } } as const]))
  return { required: true, content }
}

function describeAnswers(
  docs: EndpointDocs,
  traits: { readonly isGuarded: boolean; readonly hasBody: boolean; readonly takesKey: boolean },
): ZodOpenApiResponsesObject {
  const answers = Object.entries(docs.answers).map(([status, answer]) => [status, describeAnswer(answer)])
  const isOperation = docs.tag === 'operations'
  const statuses = [
    ...docs.problems,
    ...(traits.isGuarded ? [401] : []),
    ...(traits.hasBody ? [413] : []),
    ...(traits.takesKey ? [422] : []),
    ...(isOperation ? [] : [500, 503]),
  ]
  const problems = statuses.map((status) => [
    status,
    {
      description: PROBLEMS[status] ?? '',
      content: { 'application/json': { schema: operationLog } },
    },
  ])
  return Object.fromEntries([...answers, ...problems])
}

function describeHeaders({ headers }: AnswerDocs) {
  if (headers === undefined) return {}
  const described = Object.entries(headers).map(([name, says]) => [
    name,
    z.string().meta({ description: says }),
  ])
  return { headers: z.object(Object.fromEntries(described)) }
}

function describeAnswer(answer: AnswerDocs) {
  const { description, schema, contentType, example } = answer
  if (contentType !== undefined) {
    const schemaOf = (type: string) => (type.startsWith('text/') ? ({ type: 'string' } as const) : {})
    const types = [contentType].flat()
    return {
      description,
      content: Object.fromEntries(types.map((type) => [type, { schema: schemaOf(type) }])),
    }
  }
  if (schema === undefined) return { description }
  const content = { schema, ...(example === undefined ? {} : { example }) }
  return { description, ...describeHeaders(answer), content: { 'application/json': content } }
}
