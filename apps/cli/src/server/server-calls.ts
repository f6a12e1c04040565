import type { z } from 'zod'
import { EXIT } from '../command/exit-codes.ts'
import { CommandFault } from './command-fault.ts'
import { problemIn } from './server-problem.ts'
import type { WireAnswer, WireClient, WireRequest } from './wire-client.ts'

export interface Answered<T> {
  readonly value: T
  /** As the server wrote it, in one line: numbers keep their digits. */
  readonly json: string
  /** It is what an earlier call with the same `Idempotency-Key` was answered. */
  readonly isReplay: boolean
}

type Request = Pick<WireRequest, 'method' | 'path'> & Partial<WireRequest>

/** Calls of our server. Each throws a `CommandFault` that says what the server answered, if it refused. */
export class ServerCalls {
  readonly #client: WireClient

  constructor(client: WireClient) {
    this.#client = client
  }

  /**
   * May be sent again after a cut connection; what makes something new needs `once()` for that. A deletion has it here:
   * sent again without, it would find nothing, and that would be told as a failure.
   */
  async call(request: Request): Promise<WireAnswer> {
    const own = request.method === 'DELETE' ? { headers: { ...once(), ...request.headers } } : {}
    const answer = await this.#client.call({ isRepeatable: true, ...request, ...own })
    if (answer.status < 400) return answer
    throw refusalOf(request, answer, this.#client.server)
  }

  async ask<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<Answered<z.output<Schema>>> {
    const { bytes, headers } = await this.call(request)
    const text = bytes.toString()
    const isReplay = headers.get('idempotency-replayed') === 'true'
    return { value: parseAnswer(schema, text), json: text.replace(/[\n\r]/g, ' '), isReplay }
  }

  /** An answer of any length, as it comes. */
  async stream(path: string): Promise<AsyncIterable<Uint8Array>> {
    const { answer, body } = await this.#client.open(path)
    if (answer.status < 400) return body
    throw refusalOf({ method: 'GET', path }, answer, this.#client.server)
  }
}

/** The header by which a POST or DELETE has one effect, however often it is sent. */
export function once(key: string = crypto.randomUUID()): Readonly<Record<string, string>> {
  return { 'idempotency-key': key }
}

function parseAnswer<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const parsed = schema.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new CommandFault(
    'the server answered in a form that this version does not know, or is no Semblance API',
    EXIT.noServer,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What the server says of a call that it understood is for people; else the call is named, for whoever looks into it. */
function refusalOf(
  { method, path }: Pick<Request, 'method' | 'path'>,
  answer: WireAnswer,
  server: string,
): CommandFault {
  const { status } = answer
  const call = `${status} to ${method} /api${path}`
  const problem = problemIn(answer)
  if (problem === null) return notOurs(status, call, server)
  const { type, msg } = problem
  if (status >= 500) return new CommandFault(`${msg} (${type}; ${call})`, EXIT.noServer, status)
  return new CommandFault(msg, status === 400 ? EXIT.wrongUse : EXIT.found, status)
}

/** Our server says of each refusal why. */
function notOurs(status: number, call: string, server: string): CommandFault {
  const why =
    status >= 500
      ? `${server} fails, or a proxy before it does, and does not say why`
      : `${server} is no Semblance API (its ops port is none), or a proxy before it refused the call`
  return new CommandFault(`${why} (${call})`, EXIT.noServer)
}
