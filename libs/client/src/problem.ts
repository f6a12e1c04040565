/** What the server said is wrong. `status` is that of HTTP; `type` is the server's own name of it, such as `PersonNotFound`. */
export class SemblanceProblem extends Error {
  readonly status: number
  readonly type: string
  /** Leads to the server's log; null where the answer does not tell it. */
  readonly requestId: string | null
  /** Seconds after which the same may succeed; null where the server does not say. */
  readonly retryAfter: number | null

  constructor(message: string, details: Omit<SemblanceProblem, keyof Error>) {
    super(message)
    this.name = 'SemblanceProblem'
    this.status = details.status
    this.type = details.type
    this.requestId = details.requestId
    this.retryAfter = details.retryAfter
  }
}

interface Answered<Data> {
  readonly data?: Data
  readonly error?: unknown
  readonly response: Response
}

/** The answer of a call. Throws `SemblanceProblem` for any status but 2xx. */
export async function answerOf<Data>(call: Promise<Answered<Data>>): Promise<Data> {
  const { data, error, response } = await call
  if (response.ok) return data as Data
  throw problemOf(response, error)
}

/** What an answer that is not 2xx says; `body`: its JSON, or anything else if it has none. */
export function problemOf(response: Response, body: unknown): SemblanceProblem {
  const { msg, type }: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {}
  return new SemblanceProblem(typeof msg === 'string' ? msg : `HTTP ${response.status}`, {
    status: response.status,
    type: typeof type === 'string' ? type : 'unknown',
    requestId: response.headers.get('x-requestid'),
    retryAfter: secondsOf(response.headers.get('retry-after')),
  })
}

function secondsOf(header: string | null): number | null {
  const seconds = Number(header)
  return header !== null && Number.isFinite(seconds) ? seconds : null
}
