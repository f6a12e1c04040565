import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Calls } from './calls.ts'

const DONE_MS = 90_000
/** Long enough to send rows before it, on a busy machine, too. */
const TTL_S = 5

/**
 * Rows wait in imports that are paused, by the external ids of two persons. One person is deleted, the other one expires, and the
 * same is sent once more. The rows that were there end with their person, whom nothing brings back; those that came later make
 * somebody anew, in the same import. `failed` tells how many rows of imports have failed by the metrics.
 */
export async function deleteWhileRowsWait(calls: Calls, failed: () => Promise<number>): Promise<void> {
  const before = await failed()
  await Promise.all([
    throughAnImport(calls, (id) => calls.ask('DELETE', `/persons/${id}`)),
    throughAnImport(calls, (id) => untilExpired(calls, id), { ttl: TTL_S }),
  ])
  await expect.poll(failed, { timeout: DONE_MS }).toBe(before + 4)
}

async function throughAnImport(
  calls: Calls,
  go: (personId: string) => Promise<unknown>,
  fields: object = {},
): Promise<void> {
  const externalId = `gone ${randomUUID()}`
  const { id } = (await calls.ask('POST', '/imports', { name: 'rows of somebody who goes' })).json
  const act = (action: string) => calls.ask('POST', `/imports/${id}/${action}`)
  const send = async (...rows: readonly (readonly [key: string, name: string])[]) => {
    const body = rows
      .map(([key, name]) => `${JSON.stringify({ key, person: { externalId }, name })}\n`)
      .join('')
    const headers = { 'content-type': 'application/x-ndjson' }
    const path = `/api/imports/${id}/rows`
    const taken = await calls.send({ method: 'POST', path, headers, body })
    expect(taken.json).toMatchObject({ added: rows.length })
  }
  await act('pause')
  const personId = await calls.createPerson({ name: 'Before', externalId, ...fields })
  await send(['1', 'Before'], ['2', 'Before'])
  await go(personId)
  await send(['3', 'After'])
  await act('resume')
  await act('close')
  const state = async () => (await calls.ask('GET', `/imports/${id}`)).json.state
  await expect.poll(state, { timeout: DONE_MS, interval: 200 }).toBe('done')
  const lines = async () => {
    const report = (await calls.ask('GET', `/imports/${id}/report`)).bytes.toString().trim().split('\n')
    return report.map((line) => JSON.parse(line)).map(({ outcome, why, key }) => [outcome, why, key])
  }
  const gone = ['failed', 'the person was deleted']
  await expect.poll(lines, { timeout: DONE_MS }).toEqual([
    [...gone, 'erased:1'],
    [...gone, 'erased:2'],
    ['person-written', undefined, '3'],
  ])
  const path = `/persons?externalId=${encodeURIComponent(externalId)}`
  const { items } = (await calls.ask('GET', path)).json
  expect(items.map(({ name }: { readonly name: string }) => name)).toEqual(['After'])
}

async function untilExpired(calls: Calls, personId: string): Promise<void> {
  const status = async () => (await calls.ask('GET', `/persons/${personId}`)).status
  await expect.poll(status, { timeout: DONE_MS, interval: 100 }).toBe(404)
}

/** Of what a process tells at `/metrics`. */
export function failedRowsOf(metrics: string): number {
  return Number(/^semblance_import_rows_total\{outcome="failed"\} (\d+)/m.exec(metrics)?.[1] ?? 0)
}
