import { publicDescription } from '@semblance/testkit'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endpointsOf } from '../create-api.ts'
import { METHODS } from '../endpoint/endpoint.ts'
import { PROBLEM_TYPES } from '../endpoint/problem.ts'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
// biome-ignore lint/suspicious/noExplicitAny: the document is looked into
let document: any
beforeAll(async () => {
  api = await openTestApi()
  document = (await api.ask('GET', '/openapi.json')).json
})
afterAll(() => api.close())

/** Pages for people; no client calls them. */
const PAGES = ['get /', 'get /docs', 'get /docs/{file}']

interface RoutedLayer {
  readonly route?: { readonly path: string; readonly stack: readonly { readonly method?: string }[] }
}

/** What Express really serves. */
async function servedRoutes(): Promise<readonly string[]> {
  const { createApi } = await import('../create-api.ts')
  const app = createApi(api.deps) as unknown as {
    readonly router: { readonly stack: readonly RoutedLayer[] }
  }
  const routes = app.router.stack.flatMap(({ route }) =>
    route === undefined
      ? []
      : route.stack
          .filter(({ method }) => METHODS.some((known) => known === method))
          .map(({ method }) => `${method} ${route.path.replace(/:(\w+)/g, '{$1}')}`),
  )
  return [...new Set(routes)].toSorted()
}

const documentedRoutes = () =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations as object).map((method) => `${method} ${path}`),
  )

describe('/openapi.json', () => {
  it('covers every route that is served, and no other', async () => {
    expect([...documentedRoutes(), ...PAGES].toSorted()).toEqual(await servedRoutes())
  })

  it('names every error type', () => {
    expect(document.components.schemas.OperationLog.properties.type.enum.toSorted()).toEqual(
      PROBLEM_TYPES.toSorted(),
    )
  })

  it('offers the Idempotency-Key on every POST and DELETE and nowhere else', () => {
    for (const [path, operations] of Object.entries<Record<string, object>>(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const { parameters, responses } = operation as { parameters: { name: string }[]; responses: object }
        const offers = parameters.some(({ name }) => name === 'Idempotency-Key')
        const takesKey = ['post', 'delete'].includes(method)
        expect([offers, '422' in responses], `${method} ${path}`).toEqual(Array(2).fill(takesKey))
      }
    }
  })

  it('is OpenAPI 3.1 whose references all lead somewhere and whose schemas compile', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.info).toMatchObject({ title: 'Semblance', version: '0.1.0-test' })
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
      (match) => match[1] ?? '',
    )
    expect(references.length).toBeGreaterThan(10)
    for (const reference of references) {
      const target = reference
        .slice(2)
        .split('/')
        .reduce((node, key) => node?.[key], document)
      expect(target, reference).toBeDefined()
    }
    const ajv = new Ajv({ strict: false })
    formats.default(ajv)
    ajv.addFormat('byte', true)
    ajv.addSchema(document, 'document')
    for (const name of Object.keys(document.components.schemas))
      expect(() => ajv.getSchema(`document#/components/schemas/${name}`)).not.toThrow()
  })

  it('gives every operation an id of its own, a tag, a summary and described answers', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path as object))
    const ids = operations.map((operation) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const operation of operations) {
      expect(operation.summary, operation.operationId).toMatch(/\w/)
      expect(operation.tags).toHaveLength(1)
      for (const answer of Object.values<{ description: string }>(operation.responses))
        expect(answer.description).toMatch(/\w/)
    }
  })

  it('declares its path parameters and examples for its bodies', () => {
    for (const [path, operations] of Object.entries<
      Record<
        string,
        {
          parameters?: { name: string; in: string }[]
          requestBody?: { content: Record<string, { example?: unknown }> }
        }
      >
    >(document.paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      for (const operation of Object.values(operations)) {
        const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
        expect(declared.map(({ name }) => name)).toEqual(names)
        if (operation.requestBody !== undefined)
          expect(operation.requestBody.content['application/json']?.example, path).toBeDefined()
      }
    }
  })

  it('has no example for what may be left out of a path, query or header: the page at /docs would send it', () => {
    for (const [path, operations] of Object.entries<Record<string, object>>(document.paths)) {
      for (const operation of Object.values(operations)) {
        const { parameters } = operation as {
          parameters: {
            name: string
            required?: boolean
            schema: { example?: unknown; examples?: unknown }
          }[]
        }
        for (const { name, required = false, schema } of parameters)
          expect(
            required ? [] : [schema.example, schema.examples].filter(Boolean),
            `${path} ${name}`,
          ).toEqual([])
      }
    }
  })

  it('describes requests by the fields that are validated', () => {
    const { SearchRequest, PersonFields } = document.components.schemas
    expect(PersonFields.required).toEqual(['name'])
    expect(PersonFields.properties.metadata).toMatchObject({ anyOf: [{ type: 'object' }, { type: 'null' }] })
    expect(Object.keys(SearchRequest.properties)).toContain('createPerson')
    expect(JSON.stringify(SearchRequest.properties.image)).toContain('"format":"byte"')
  })

  it.skipIf(publicDescription === null)('has every 1:N route and answer of the public description', () => {
    const ours = ['/api/persons', '/api/groups', '/api/search', '/api/healthz', '/api/readyz']
    for (const [path, operations] of Object.entries(publicDescription ?? {})) {
      if (!ours.some((prefix) => path.startsWith(prefix))) continue
      for (const [method, operation] of Object.entries(operations)) {
        if (!METHODS.some((known) => known === method)) continue
        const statuses = Object.keys(document.paths[path]?.[method]?.responses ?? {})
        expect(statuses, `${method} ${path}`).toEqual(
          expect.arrayContaining(Object.keys(operation.responses)),
        )
      }
    }
  })

  it('asks for keys only where keys are set', async () => {
    expect(document.components.securitySchemes).toBeUndefined()
    const guarded = await openTestApi({ config: { apiKeys: ['key'] } })
    const { json } = await guarded.ask('GET', '/openapi.json')
    await guarded.close()
    expect(json.components.securitySchemes.apiKey).toEqual({
      type: 'apiKey',
      in: 'header',
      name: 'X-API-Key',
    })
    const open = endpointsOf(guarded.deps).filter(({ access, docs }) => access === 'open' && docs !== null)
    expect(open.map(({ path }) => path)).toEqual([
      // Whoever signs in, or asks whether they are, has no key to show yet.
      '/api/session',
      '/api/session',
      '/api/healthz',
      '/api/readyz',
      '/api/readiness',
      '/api/ping',
      '/openapi.json',
    ])
    for (const [path, operations] of Object.entries<Record<string, { security?: unknown }>>(json.paths))
      for (const [method, operation] of Object.entries(operations)) {
        const isOpen = open.some((endpoint) => endpoint.path === path && endpoint.method === method)
        expect(operation.security !== undefined, `${method} ${path}`).toBe(!isOpen)
      }
  })
})

describe('/docs', () => {
  it('loads everything from this server, under a policy that allows nothing else', async () => {
    const { text, headers } = await api.ask('GET', '/docs')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(text).not.toMatch(/https?:\/\//)
    const links = [...text.matchAll(/(?:src|href|data-description)="(\/[^"]+)"/g)].map(
      (match) => match[1] ?? '',
    )
    expect(links.length).toBeGreaterThan(4)
    for (const link of links) expect((await api.ask('GET', link)).status, link).toBe(200)
  })

  it('serves its own files and no other', async () => {
    for (const file of ['package.json', '..%2fpackage.json', 'index.html', 'constructor'])
      expect((await api.ask('GET', `/docs/${file}`)).status).toBe(404)
  })

  it('is where / leads, below the prefix of the public URL', async () => {
    expect((await api.ask('GET', '/')).headers.get('location')).toBe('/docs')
    const behind = await openTestApi({ config: { publicUrl: 'https://faces.example/semblance/' } })
    expect((await behind.ask('GET', '/')).headers.get('location')).toBe('/semblance/docs')
    expect((await behind.ask('GET', '/docs')).text).toContain('src="/semblance/docs/docs.js"')
    await behind.close()
  })
})
