import { z } from 'zod'
import { CommandFault } from '../server/command-fault.ts'
import { once, ServerCalls } from '../server/server-calls.ts'
import type { WireClient } from '../server/wire-client.ts'

/** What it has beside these fields is kept for whoever asks for JSON. */
export const importAnswer = z.looseObject({
  id: z.string(),
  name: z.string(),
  state: z.enum(['open', 'running', 'paused', 'cancelled', 'done']),
  takesRows: z.boolean(),
  faces: z.string(),
  quality: z.array(z.object({ name: z.string(), range: z.array(z.number()).nullable() })),
  samePicture: z.string(),
  samePerson: z.string(),
  onConflict: z.string(),
  trustDescriptors: z.boolean(),
  dryRun: z.boolean(),
  groups: z.array(z.string()),
  createdAt: z.string(),
  source: z
    .looseObject({
      url: z.string(),
      state: z.enum(['reading', 'read', 'failed']),
      why: z.string().optional(),
      rows: z.number(),
      conflicts: z.number().optional(),
      notes: z.array(z.string()).optional(),
    })
    .optional(),
  rows: z.looseObject({
    total: z.number(),
    waiting: z.number(),
    underWay: z.number(),
    ended: z.number(),
    byOutcome: z.record(z.string(), z.number()),
    oldestWaitingSeconds: z.number().optional(),
  }),
  progress: z.looseObject({
    rowsPerSecond: z.number().nullable().optional(),
    rowsPerSecondLately: z.number().nullable(),
    etaSeconds: z.number().nullable(),
    waitsFor: z.string().nullable(),
  }),
})
export type ImportAnswer = z.infer<typeof importAnswer>

/** An older server does not tell how many rows are tried again. */
export const retryAnswer = importAnswer.extend({ retried: z.number().optional() })

export const importPage = z.object({ items: z.array(importAnswer), nextCursor: z.string().optional() })
const takenRows = z.object({
  added: z.number(),
  known: z.number(),
  invalid: z.number(),
  conflicts: z.number(),
  wrong: z.array(z.object({ key: z.string(), position: z.number(), field: z.string(), msg: z.string() })),
})
export type TakenRows = z.infer<typeof takenRows>
const knownRows = z.object({
  known: z.array(z.string()),
  // An older server tells of keys alone.
  rows: z.array(z.object({ key: z.string(), pictureSha256: z.string().nullable() })).optional(),
})

export type KnownRows = ReadonlyMap<string, string | null | undefined>

/** The most that the server gives at once. */
const PAGE_SIZE = 100

/** The calls of `/api/imports`. Each throws a `CommandFault` that says what the server answered. */
export class ImportCalls {
  readonly #calls: ServerCalls

  constructor(client: WireClient) {
    this.#calls = new ServerCalls(client)
  }

  /** All that have not ended, newest first. It goes through the pages: one may wait behind any number that came later. */
  async listUnended(): Promise<readonly ImportAnswer[]> {
    const unended: ImportAnswer[] = []
    let cursor: string | undefined
    do {
      const after = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const path = `/imports?size=${PAGE_SIZE}${after}`
      const { value } = await this.#calls.ask({ method: 'GET', path }, importPage)
      unended.push(...value.items.filter((one) => !hasEnded(one)))
      cursor = value.nextCursor
    } while (cursor !== undefined)
    return unended
  }

  /** Called again with the same key and fields, within a day and by anybody, it answers the import that the first call made. */
  async create(
    fields: object,
    key: string,
  ): Promise<{ readonly made: ImportAnswer; readonly isReplay: boolean }> {
    const request = { method: 'POST', path: '/imports', body: fields, headers: once(key) } as const
    const { value: made, isReplay } = await this.#calls.ask(request, importAnswer)
    return { made, isReplay }
  }

  /** Null if it was deleted. */
  async find(id: string): Promise<ImportAnswer | null> {
    try {
      return await this.get(id)
    } catch (fault) {
      if (fault instanceof CommandFault && fault.status === 404) return null
      throw fault
    }
  }

  /** The import goes, with its rows; persons stay. */
  async delete(id: string): Promise<void> {
    await this.#calls.call({ method: 'DELETE', path: `/imports/${id}` })
  }

  async get(id: string): Promise<ImportAnswer> {
    return (await this.#calls.ask({ method: 'GET', path: `/imports/${id}` }, importAnswer)).value
  }

  async act(id: string, action: 'close' | 'pause' | 'resume' | 'cancel'): Promise<ImportAnswer> {
    const request = { method: 'POST', path: `/imports/${id}/${action}` } as const
    return (await this.#calls.ask(request, importAnswer)).value
  }

  /** Has the server take rows from a bucket or a link; asked again, it goes on. */
  async readSource(id: string, source: object): Promise<ImportAnswer> {
    const request = { method: 'POST', path: `/imports/${id}/source`, body: source } as const
    return (await this.#calls.ask(request, importAnswer)).value
  }

  /** Those of these rows that are there, and the SHA-256 of the picture of each: null without one, undefined if nobody tells. */
  async knownRows(id: string, keys: readonly string[]): Promise<KnownRows> {
    const request = { method: 'POST', path: `/imports/${id}/rows/known`, body: { keys } } as const
    const { known, rows = [] } = (await this.#calls.ask(request, knownRows)).value
    const pictures = new Map(rows.map(({ key, pictureSha256 }) => [key, pictureSha256]))
    return new Map(known.map((key) => [key, pictures.get(key)]))
  }

  /** A row that is sent again has no second effect, so a cut connection may be. */
  async addRows(id: string, lines: string): Promise<TakenRows> {
    const headers = { 'content-type': 'application/x-ndjson' }
    const request = { method: 'POST', path: `/imports/${id}/rows`, body: lines, headers } as const
    return (await this.#calls.ask(request, takenRows)).value
  }

  /** Of any length, as it comes. */
  report(id: string, format: 'csv' | 'ndjson', outcome?: string): Promise<AsyncIterable<Uint8Array>> {
    const only = outcome === undefined ? '' : `&outcome=${outcome}`
    return this.#calls.stream(`/imports/${id}/report?format=${format}${only}`)
  }
}

/** Whether it has a row that was not wrong already as it was sent. */
export function hasGoodRow({ rows: { total, byOutcome } }: Pick<ImportAnswer, 'rows'>): boolean {
  return total > (byOutcome?.invalid ?? 0)
}

export function hasEnded({ state }: Pick<ImportAnswer, 'state'>): boolean {
  return state === 'done' || state === 'cancelled'
}
