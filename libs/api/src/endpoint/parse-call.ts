import type { z } from 'zod'
import { explainIssue, explainQueryIssue, nameField } from '../fields/explain-issue.ts'
import type { Call, Endpoint, RequestContext } from './endpoint.ts'
import { type Reply, refuse } from './reply.ts'

/** Problems named in one answer; a list of ten thousand bad ids needs no ten thousand messages. */
const MAX_PROBLEMS = 10
const QUERY = 'the query'

export interface RawCall {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
  readonly context: RequestContext
}

export type ParsedCall =
  | { readonly outcome: 'parsed'; readonly call: Call<unknown, unknown, unknown> }
  | { readonly outcome: 'refused'; readonly reply: Reply }

export function parseCall(endpoint: Endpoint, raw: RawCall): ParsedCall {
  const params = parsePart(endpoint.params, raw.params, 'the path')
  if (params.problems !== null) {
    const { malformedParams } = endpoint
    if (malformedParams === undefined) return refused(params.problems)
    return { outcome: 'refused', reply: refuse(malformedParams.type, malformedParams.msg) }
  }
  const query = parsePart(endpoint.query, raw.query, QUERY)
  if (query.problems !== null) return refused(query.problems)
  const strays = straysIn(endpoint, raw.query)
  if (strays.length > 0) return refused(strays)
  const body = parsePart(endpoint.body, raw.body, 'the body')
  if (body.problems !== null) return refusedBody(endpoint, body.problems)
  const call = { params: params.value, query: query.value, body: body.value, context: raw.context }
  return { outcome: 'parsed', call }
}

interface FieldProblem {
  readonly field: string
  readonly msg: string
}

function straysIn({ strayFilter }: Endpoint, query: unknown): readonly FieldProblem[] {
  if (strayFilter === undefined || typeof query !== 'object' || query === null) return []
  return Object.keys(query)
    .flatMap((field) => {
      const msg = strayFilter(field)
      return msg === null ? [] : [{ field, msg }]
    })
    .slice(0, MAX_PROBLEMS)
}

type Part =
  | { readonly value: unknown; readonly problems: null }
  | { readonly problems: readonly FieldProblem[] }

function parsePart(schema: z.ZodType | undefined, input: unknown, whole: string): Part {
  if (schema === undefined) return { value: undefined, problems: null }
  const parsed = schema.safeParse(input, { error: whole === QUERY ? explainQueryIssue : explainIssue })
  if (parsed.success) return { value: parsed.data, problems: null }
  const problems = new Map<string, FieldProblem>()
  for (const issue of parsed.error.issues.flatMap(unfold)) {
    const field = nameField(issue.path, whole)
    // The first says it: a list where a text is wanted is not too short as well.
    if (problems.size < MAX_PROBLEMS && !problems.has(field))
      problems.set(field, { field, msg: issue.message })
  }
  return { problems: [...problems.values()] }
}

/** A field may be of several kinds: the one that was sent says what is wrong inside it. */
function unfold(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const isOfAnotherKind = ({ code, path }: z.core.$ZodIssue) => code === 'invalid_type' && path.length === 0
  const ofThisKind = issue.errors.filter((problems) => !problems.some(isOfAnotherKind))
  // A fixed word is no kind of its own, so it stands back where another one got further.
  const inside = ofThisKind.filter((problems) => problems.every(({ path }) => path.length > 0))
  const [sent, ...others] = inside.length === 1 ? inside : ofThisKind
  if (sent === undefined || others.length > 0) return [issue]
  return sent.flatMap((inner) => unfold({ ...inner, path: [...issue.path, ...inner.path] }))
}

function refused(problems: readonly FieldProblem[]): ParsedCall {
  return { outcome: 'refused', reply: badParams(problems) }
}

function refusedBody({ malformedBody }: Endpoint, problems: readonly FieldProblem[]): ParsedCall {
  if (malformedBody === undefined) return refused(problems)
  const fields = problems.map(({ field }) => field.split('.')[0] ?? field)
  return { outcome: 'refused', reply: malformedBody(listProblems(problems), fields) }
}

export function badParams(problems: readonly FieldProblem[]): Reply {
  return refuse('BadParamsException', listProblems(problems), { problems })
}

function listProblems(problems: readonly FieldProblem[]): string {
  return problems.map((problem) => `${problem.field} ${problem.msg}`).join('; ')
}
