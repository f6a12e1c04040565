import { EXIT } from '../command/exit-codes.ts'
import { AwayLines } from './away-lines.ts'
import { CommandFault } from './command-fault.ts'
import { retryDelayMs } from './retry-delay.ts'
import { problemIn } from './server-problem.ts'

/** The time of one attempt, answer included. It is longer than the 30 s that an enrollment may take. */
const ATTEMPT_TIMEOUT_MS = 90_000
/** About two minutes of waiting in all; a server that is away for longer ends the run, which can be taken up again. */
const MAX_ATTEMPTS = 9
/** An answer 500 is likely to come again: a picture that the source cannot read, say. */
const MAX_ATTEMPTS_AT_500 = 3
/** Bytes of one answer held in memory: a page of persons, or a picture. */
const MAX_ANSWER_BYTES = 64_000_000
/** Nothing of the request has reached the server. */
const NEVER_SENT: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** What `fetch` says of a port that it asks nothing, however often. */
const NEVER_ASKED = 'bad port'

export interface WireClientOptions {
  /** Says which one it is in messages, for instance `the source`. */
  readonly name: string
  /** What gives the key, for instance `--from-key`. */
  readonly keyOption: string
  /** Base URL, without `/api`. */
  readonly url: string
  readonly key: string | null
  /** Aborts waiting and reading at once; what writes and is under way is let finish, so that its answer can be noted. */
  readonly signal: AbortSignal
  /** How long such a call may go on after that; left out: until its own time is up. */
  readonly graceMs?: number
  /** Of one request; by default as many as take about two minutes of waiting. */
  readonly attempts?: number
  readonly now: () => number
  /** Takes lines that say that the server does not answer, and that the command goes on trying; left out: nothing is said. */
  readonly tell?: (line: string) => void
  /** 0..1. */
  readonly random: () => number
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}

export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** The path below `/api`, with its leading slash. */
  readonly path: string
  /** JSON, or a text of the type that a `content-type` header names. */
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
  /** A cut connection may be answered by sending it again. */
  readonly isRepeatable: boolean
  /** It ends the request, which is then sent only once: for what is not worth much patience, and has no effect. */
  readonly deadline?: AbortSignal
}

export interface WireAnswer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Buffer
}

export interface OpenedAnswer {
  /** With the bytes of a refusal, and of nothing else. */
  readonly answer: WireAnswer
  /** Throws a `CommandFault` if the answer breaks off. */
  readonly body: AsyncIterable<Uint8Array>
}

type Attempt =
  | { readonly outcome: 'answered'; readonly answer: WireAnswer }
  | { readonly outcome: 'cut'; readonly reason: string; readonly wasSent: boolean }

/** Calls of one server, with patience; 401, redirects, and a server that stays away throw a `CommandFault`. */
export class WireClient {
  readonly #options: WireClientOptions
  readonly #away: AwayLines
  /** Ends what writes. */
  readonly #graceIsOver: readonly AbortSignal[]

  constructor(options: WireClientOptions) {
    this.#options = options
    const { name, url, tell = () => {}, signal, graceMs } = options
    this.#graceIsOver = graceMs === undefined ? [] : [someTimeAfter(signal, graceMs)]
    this.#away = new AwayLines({ server: `${name} ${url}`, tell })
  }

  /** Which one it is, for messages. */
  get server(): string {
    const { name, url } = this.#options
    return `${name} ${url}`
  }

  get signal(): AbortSignal {
    return this.#options.signal
  }

  /**
   * The loop is ours and not p-retry's: how long to wait stands in the answer, and not every request may be sent
   * again.
   */
  async call(request: WireRequest): Promise<WireAnswer> {
    // Whoever gives a deadline does not want to be told of a wait.
    if (request.deadline !== undefined) return this.#call(request, () => {})
    return this.#away.watch((failed) => this.#call(request, failed))
  }

  async #call(request: WireRequest, failed: (why: string) => void): Promise<WireAnswer> {
    for (let attempt = 1; ; attempt++) {
      this.#options.signal.throwIfAborted()
      const result = await this.#attempt(request)
      if (result.outcome === 'answered' && !isPassing(result.answer, attempt)) {
        this.#refuseWrongDoor(request, result.answer)
        return result.answer
      }
      const isOver = attempt >= this.#attemptsOf(request) || reasonOf(result) === NEVER_ASKED
      if (isOver) throw this.#fault(request, 'does not serve', reasonOf(result))
      if (!mayRepeat(request, result)) {
        throw this.#fault(
          request,
          'may or may not have carried it out and cannot be asked again',
          reasonOf(result),
        )
      }
      failed(reasonOf(result))
      await this.#pause(attempt, result)
    }
  }

  #attemptsOf({ deadline }: WireRequest): number {
    return deadline === undefined ? (this.#options.attempts ?? MAX_ATTEMPTS) : 1
  }

  /** A GET whose answer is not held in memory, and may take any time; it is asked for once. */
  async open(path: string): Promise<OpenedAnswer> {
    const { signal, url } = this.#options
    const request = { method: 'GET', path, isRepeatable: true } as const
    try {
      const headers = this.#headers(request)
      const answer = await this.#away.watch(() =>
        fetch(`${url}/api${path}`, { headers, redirect: 'manual', signal }),
      )
      const bytes = answer.status < 400 ? Buffer.alloc(0) : await readBytes(answer)
      this.#refuseWrongDoor(request, answer)
      return { answer: { ...headOf(answer), bytes }, body: this.#piecesOf(request, answer) }
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof CommandFault) throw error
      throw this.#fault(request, 'does not serve', explainCut(error).reason)
    }
  }

  async *#piecesOf(request: WireRequest, answer: Response): AsyncGenerator<Uint8Array> {
    try {
      yield* answer.body ?? []
    } catch (error) {
      this.#options.signal.throwIfAborted()
      throw this.#fault(request, 'broke off its answer', explainCut(error).reason)
    }
  }

  async #attempt(request: WireRequest): Promise<Attempt> {
    const { signal, url } = this.#options
    const late = AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)
    const deadline = request.deadline === undefined ? [] : [request.deadline]
    try {
      const answer = await fetch(`${url}/api${request.path}`, {
        method: request.method,
        headers: this.#headers(request),
        ...(request.body === undefined ? {} : { body: textOf(request.body) }),
        // A redirect to another host would hand the key to it.
        redirect: 'manual',
        signal: AbortSignal.any([late, ...this.#endsOf(request), ...deadline]),
      })
      return { outcome: 'answered', answer: { ...headOf(answer), bytes: await readBytes(answer) } }
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof CommandFault) throw this.#fault(request, error.message)
      const { reason, code } = explainCut(error)
      return { outcome: 'cut', reason, wasSent: !NEVER_SENT.has(code) }
    }
  }

  #endsOf({ method }: WireRequest): readonly AbortSignal[] {
    return method === 'GET' ? [this.#options.signal] : this.#graceIsOver
  }

  #headers(request: WireRequest): Record<string, string> {
    const { key } = this.#options
    return {
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      // Our server takes either; a proxy before the original usually asks for the second.
      ...(key === null ? {} : { 'x-api-key': key, authorization: `Bearer ${key}` }),
      ...request.headers,
    }
  }

  async #pause(attempt: number, result: Attempt): Promise<void> {
    const { now, random, signal, wait } = this.#options
    const retryAfter = result.outcome === 'answered' ? result.answer.headers.get('retry-after') : null
    try {
      await wait(retryDelayMs(attempt, { retryAfter, nowMs: now(), random: random() }), signal)
    } catch (error) {
      // A timer tells of its end in words of its own, which are nothing for people.
      signal.throwIfAborted()
      throw error
    }
  }

  #refuseWrongDoor(request: WireRequest, { status, headers }: Pick<WireAnswer, 'status' | 'headers'>): void {
    if (status === 401) {
      throw this.#fault(request, `answered ${status}`, `give the file of a key by ${this.#options.keyOption}`)
    }
    if (status >= 300 && status < 400) {
      throw this.#fault(request, `redirects to ${headers.get('location')}`, 'give that address instead')
    }
  }

  #fault(request: WireRequest, what: string, why?: string): CommandFault {
    const because = why === undefined ? '' : ` (${why})`
    const message = `${this.server} ${what}${because}: ${request.method} /api${request.path}`
    return new CommandFault(message, EXIT.noServer)
  }
}

function someTimeAfter(signal: AbortSignal, ms: number): AbortSignal {
  const later = new AbortController()
  const begin = () => void setTimeout(() => later.abort(signal.reason), ms).unref()
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin, { once: true })
  return later.signal
}

/** An answer that a later attempt may better. */
function isPassing({ status }: WireAnswer, attempt: number): boolean {
  if (status === 500) return attempt < MAX_ATTEMPTS_AT_500
  return status === 408 || status === 429 || status === 502 || status === 503 || status === 504
}

/** 429 and 503 say that nothing was done. */
function mayRepeat(request: WireRequest, result: Attempt): boolean {
  if (request.isRepeatable) return true
  if (result.outcome === 'cut') return !result.wasSent
  return result.answer.status === 429 || result.answer.status === 503
}

function textOf(body: object | string): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}

function reasonOf(result: Attempt): string {
  if (result.outcome === 'cut') return result.reason
  const problem = problemIn(result.answer)
  const why = problem === null ? '' : `: ${problem.type}, ${problem.msg}`
  return `answered ${result.answer.status}${why}`
}

function headOf({ status, headers }: Response): Pick<WireAnswer, 'status' | 'headers'> {
  return { status, headers }
}

async function readBytes(answer: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let held = 0
  for await (const chunk of answer.body ?? []) {
    held += chunk.byteLength
    if (held > MAX_ANSWER_BYTES) throw new CommandFault(`answered more than ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** `fetch` says "fetch failed" and keeps what happened in `cause`. */
function explainCut(error: unknown): { readonly reason: string; readonly code: unknown } {
  const { message, cause } = error instanceof Error ? error : new Error(String(error))
  const { code, message: why } = (cause instanceof Error ? cause : {}) as Partial<NodeJS.ErrnoException>
  return { reason: code ?? (why || message), code }
}
