import { z } from 'zod'
import { CommandFault } from '../server/command-fault.ts'
import type { WireAnswer, WireClient, WireRequest } from '../server/wire-client.ts'

const importAnswer = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['open', 'running', 'paused', 'cancelled', 'done']),
  takesRows: z.boolean(),
  rows: z.object({
    total: z.number(),
    waiting: z.number(),
    underWay: z.number(),
    ended: z.number(),
    byOutcome: z.record(z.string(), z.number()),
  }),
})
export type ImportAnswer = z.infer<typeof importAnswer>

const importPage = z.object({ items: z.array(importAnswer) })
const takenRows = z.object({
  added: z.number(),
  known: z.number(),
  invalid: z.number(),
  conflicts: z.number(),
  wrong: z.array(z.object({ key: z.string(), position: z.number(), field: z.string(), msg: z.string() })),
})
export type TakenRows = z.infer<typeof takenRows>
const knownKeys = z.object({ known: z.array(z.string()) })

/** The calls of `/api/imports`. Each throws a `CommandFault` that says what the server answered. */
export class ImportCalls {
  readonly #client: WireClient

  constructor(client: WireClient) {
    this.#client = client
  }

  /** The newest of this name that has not ended; null if there is none. */
  async findUnended(name: string): Promise<ImportAnswer | null> {
    const answer = await this.#call({ method: 'GET', path: '/imports?size=100', isRepeatable: true })
    const { items } = read(importPage, answer)
    return items.find((one) => one.name === name && !hasEnded(one)) ?? null
  }

  async create(fields: object): Promise<ImportAnswer> {
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const request = { method: 'POST', path: '/imports', body: fields, headers, isRepeatable: true } as const
    return read(importAnswer, await this.#call(request))
  }

  async get(id: string): Promise<ImportAnswer> {
    return read(importAnswer, await this.#call({ method: 'GET', path: `/imports/${id}`, isRepeatable: true }))
  }

  async act(id: string, action: 'close' | 'pause' | 'resume' | 'cancel'): Promise<ImportAnswer> {
    const request = { method: 'POST', path: `/imports/${id}/${action}`, isRepeatable: true } as const
    return read(importAnswer, await this.#call(request))
  }

  async knownKeys(id: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
    const path = `/imports/${id}/rows/known`
    const answer = await this.#call({ method: 'POST', path, body: { keys }, isRepeatable: true })
    return new Set(read(knownKeys, answer).known)
  }

  /** A row that is sent again has no second effect, so a cut connection may be. */
  async addRows(id: string, lines: string): Promise<TakenRows> {
    const headers = { 'content-type': 'application/x-ndjson' }
    const path = `/imports/${id}/rows`
    return read(
      takenRows,
      await this.#call({ method: 'POST', path, body: lines, headers, isRepeatable: true }),
    )
  }

  async report(id: string, format: 'csv' | 'ndjson'): Promise<Buffer> {
    const path = `/imports/${id}/report?format=${format}`
    return (await this.#call({ method: 'GET', path, isRepeatable: true })).bytes
  }

  async #call(request: WireRequest): Promise<WireAnswer> {
    const answer = await this.#client.call(request)
    if (answer.status < 400) return answer
    throw new CommandFault(`${request.method} /api${request.path} was answered with ${problemOf(answer)}`)
  }
}

export function hasEnded({ state }: ImportAnswer): boolean {
  return state === 'done' || state === 'cancelled'
}

function problemOf({ status, bytes }: WireAnswer): string {
  try {
    const { msg } = JSON.parse(bytes.toString()) as { readonly msg?: unknown }
    return typeof msg === 'string' ? `${status}: ${msg}` : String(status)
  } catch {
    return String(status)
  }
}

function read<Schema extends z.ZodType>(schema: Schema, answer: WireAnswer): z.output<Schema> {
  const parsed = schema.safeParse(JSON.parse(answer.bytes.toString()))
  if (parsed.success) return parsed.data
  throw new CommandFault('the server answered in a form that this version does not know')
}
