import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { hasEnded, type ImportAnswer, type ImportCalls } from './import-calls.ts'

/** What the sum says of enrolled faces that are like another person's; no counter of the server has them. */
export async function likeLines(
  calls: Pick<ImportCalls, 'report'>,
  { id, samePerson, state, rows }: ImportAnswer,
): Promise<readonly string[]> {
  if (samePerson !== 'report' || !hasEnded({ state }) || (rows.byOutcome.enrolled ?? 0) === 0) return []
  const count = await countLike(await calls.report(id, 'ndjson'))
  if (count === 0) return []
  const whose = count === 1 ? '1 enrolled whose face is' : `${count} enrolled whose faces are`
  return [`  ${whose} like that of another person (likePersonId in the report)`]
}

/** Reads the report line by line, and holds none of it. */
async function countLike(report: AsyncIterable<Uint8Array>): Promise<number> {
  let count = 0
  for await (const line of createInterface({ input: Readable.from(report), crlfDelay: Infinity })) {
    const { outcome, likePersonId } = JSON.parse(line) as Readonly<Record<string, unknown>>
    if (outcome === 'enrolled' && likePersonId !== undefined) count += 1
  }
  return count
}
