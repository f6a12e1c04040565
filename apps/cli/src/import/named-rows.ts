import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { printable } from '../command/table.ts'
import type { ImportAnswer, ImportCalls } from './import-calls.ts'

/** Rows of a kind that the sum names, each with the reason; the report has all. */
const MOST_NAMED = 10
/** What people have to mend in their source. */
const NAMED = ['invalid', 'undecodable', 'link-refused', 'failed'] as const

/** Which rows came to nothing, and why: by the report, since some are found wrong only as they are done. */
export async function namedLines(
  calls: Pick<ImportCalls, 'report'>,
  { id, rows }: Pick<ImportAnswer, 'id' | 'rows'>,
): Promise<readonly string[]> {
  const lines: string[] = []
  for (const kind of NAMED) {
    const count = rows.byOutcome[kind] ?? 0
    if (count === 0) continue
    const named = await firstOf(await calls.report(id, 'ndjson', kind))
    lines.push(...named)
    const more = count - named.length
    if (more > 0) lines.push(`  and ${more} more (${kind}), in the report`)
  }
  return lines
}

async function firstOf(report: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const named: string[] = []
  for await (const line of createInterface({ input: Readable.from(report), crlfDelay: Infinity })) {
    const { key, field, why } = JSON.parse(line) as Readonly<Record<string, string | undefined>>
    named.push(`  ${printable(`${key}: ${field === undefined ? '' : `${field} `}${why ?? ''}`)}`)
    if (named.length === MOST_NAMED) break
  }
  return named
}
