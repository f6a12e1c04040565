import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Calls } from './calls.ts'

export interface SentRow {
  readonly key: string
}

/** What a sender was told. */
interface Told {
  readonly id: string
  readonly added: number
  readonly known: number
}

const NAME = 'Sent twice'
const DONE_MS = 120_000

/**
 * Two callers send one import at the same time, each as if it were alone: both begin it under one `Idempotency-Key`, and both send
 * all rows. There is one import after that, in which each row was taken and enrolled once. Answers the ids of its images.
 */
export async function sendImportTwice(
  callers: readonly [Calls, Calls],
  rows: readonly SentRow[],
): Promise<readonly string[]> {
  const key = randomUUID()
  const told = await Promise.all(callers.map((calls) => send(calls, { key, rows })))
  const [{ id }, second] = told as [Told, Told]
  expect(second.id).toBe(id)
  expect(told.map(({ added, known }) => added + known)).toEqual([rows.length, rows.length])
  expect(told[0]!.added + told[1]!.added).toBe(rows.length)

  const [calls] = callers
  const closed = await Promise.all(callers.map((one) => one.ask('POST', `/imports/${id}/close`)))
  expect(closed.map(({ status }) => status)).toEqual([200, 200])
  const view = async () => (await calls.ask('GET', `/imports/${id}`)).json
  await expect.poll(async () => (await view()).state, { timeout: DONE_MS, interval: 200 }).toBe('done')
  const { total, byOutcome } = (await view()).rows
  expect({ total, byOutcome }).toEqual({ total: rows.length, byOutcome: { enrolled: rows.length } })
  const all = (await calls.ask('GET', '/imports?size=100')).json.items
  expect(all.filter(({ name }: { readonly name: string }) => name === NAME)).toHaveLength(1)
  return imageIdsOf(calls, id)
}

async function send(
  calls: Calls,
  { key, rows }: { readonly key: string; readonly rows: readonly SentRow[] },
): Promise<Told> {
  const begun = await calls.send({
    method: 'POST',
    path: '/api/imports',
    headers: { 'idempotency-key': key },
    body: { name: NAME },
  })
  expect(begun.status).toBe(201)
  const { id } = begun.json
  const taken = await calls.send({
    method: 'POST',
    path: `/api/imports/${id}/rows`,
    headers: { 'content-type': 'application/x-ndjson' },
    body: rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
  })
  expect(taken.json).toMatchObject({ conflicts: 0, invalid: 0 })
  return { id, added: taken.json.added, known: taken.json.known }
}

async function imageIdsOf(calls: Calls, id: string): Promise<readonly string[]> {
  const report = await calls.ask('GET', `/imports/${id}/report`)
  const lines = report.bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  return lines.map(({ imageId }) => imageId as string)
}
