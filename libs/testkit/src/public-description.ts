import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { sharedFolder } from './shared-data.ts'

interface Described {
  readonly [template: string]: Readonly<
    Record<string, { readonly responses: Readonly<Record<string, DescribedAnswer>> }>
  >
}

interface DescribedAnswer {
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>
}

/** Ours beyond the contract, told in docs/migrating.md: searches by an id of ours, and bodies that nobody can read. */
export const DEVIATIONS: ReadonlySet<string> = new Set([
  'POST /api/search 404',
  'POST /api/detect 400',
  'POST /api/match 400',
  'POST /api/match_and_search 400',
])

/** Statuses that any call may have and the description is silent on; told there, too. */
export const UNDESCRIBED_STATUSES: ReadonlySet<number> = new Set([
  304, 401, 403, 405, 408, 409, 412, 413, 415, 422, 500, 503,
])

/** Of a path's members those that are calls. */
const METHODS = ['get', 'post', 'put', 'delete'] as const

const file = join(sharedFolder, 'reference/regula-openapi.json')

/** Null, with a line on the console of Vitest, where the public description is not at hand. */
export const publicDescription: Described | null = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8')).paths
  : null

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true })
formats.default(ajv)
for (const name of ['byte', 'base64', 'float', 'binary']) ajv.addFormat(name, true)

const validators = new Map<object, ValidateFunction>()

/**
 * Throws if the public description knows the route and not this answer of it. Gives `METHOD template status` of
 * what was compared, null if there was nothing to compare with.
 */
export function checkAnswer(answer: {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly json: unknown
}): string | null {
  const { method, path, status, json } = answer
  const template = templateOf(path)
  const operation = template === null ? undefined : publicDescription?.[template]?.[method.toLowerCase()]
  const name = `${method} ${template} ${status}`
  if (operation === undefined || UNDESCRIBED_STATUSES.has(status) || DEVIATIONS.has(name)) return null
  const described = operation.responses[status]
  if (described === undefined) throw new Error(`${method} ${template}: the contract has no ${status}`)
  const schema = described.content?.['application/json']?.schema
  if (schema === undefined) return name
  const validate = validators.get(schema) ?? ajv.compile(schema)
  validators.set(schema, validate)
  if (!validate(json)) throw new Error(`${name}: ${ajv.errorsText(validate.errors)}`)
  return name
}

/** `METHOD template status` of every answer described for the routes that begin with one of `prefixes`. */
export function describedAnswers(prefixes: readonly string[]): readonly string[] {
  return Object.entries(publicDescription ?? {})
    .filter(([path]) => prefixes.some((prefix) => path.startsWith(prefix)))
    .flatMap(([path, operations]) =>
      METHODS.filter((method) => operations[method] !== undefined).flatMap((method) =>
        Object.keys(operations[method]?.responses ?? {}).map(
          (status) => `${method.toUpperCase()} ${path} ${status}`,
        ),
      ),
    )
}

function templateOf(path: string): string | null {
  const plain = (path.split('?')[0] ?? '').replace(/\/{2,}/g, '/').replace(/\/$/, '')
  const templates = Object.keys(publicDescription ?? {})
  const pattern = (template: string) => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`)
  return templates.find((template) => pattern(template).test(plain)) ?? null
}
