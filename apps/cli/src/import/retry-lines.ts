import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { ImportAnswer, ImportCalls } from './import-calls.ts'

/** What came of asking for rows to be tried again; `all`: whatever they failed for. */
export function retriedLines(
  { retried, rows }: Pick<ImportAnswer, 'rows'> & { readonly retried?: number | undefined },
  all: boolean,
): readonly string[] {
  if (retried === undefined) return []
  if (retried === 1) return ['1 row is tried again.']
  if (retried > 1 || all) return [`${retried} rows are tried again.`]
  const { failed = 0, 'link-refused': refused = 0 } = rows.byOutcome
  const none = '0 rows are tried again: none failed for a reason that may pass.'
  if (failed + refused === 0) return [none]
  return [`${none} --all takes those that failed for another reason, too, and those whose link was refused.`]
}

/** Rows of the report that are read to find one; it has those that failed alone. */
const MOST_READ = 1_000

/** What to do about rows that failed for a reason that may pass; nothing where none did, or the import cannot be retried. */
export async function mayRetryLines(
  calls: Pick<ImportCalls, 'report'>,
  { id, rows, state }: Pick<ImportAnswer, 'id' | 'rows' | 'state'>,
): Promise<readonly string[]> {
  if (state === 'cancelled' || (rows.byOutcome.failed ?? 0) === 0) return []
  if (!(await hasPassing(await calls.report(id, 'ndjson', 'failed')))) return []
  return [`Rows that failed for a reason that may pass are tried again by: semblance imports retry ${id}`]
}

async function hasPassing(report: AsyncIterable<Uint8Array>): Promise<boolean> {
  let read = 0
  for await (const line of createInterface({ input: Readable.from(report), crlfDelay: Infinity })) {
    const { mayPass } = JSON.parse(line) as { readonly mayPass?: boolean }
    if (mayPass === true) return true
    read += 1
    if (read === MOST_READ) return false
  }
  return false
}
