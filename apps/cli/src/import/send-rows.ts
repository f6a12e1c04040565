import { inBatches, type SourceItem, type SourceProblem, type SourceRow } from '@semblance/import-sources'
import type { ImportCalls } from './import-calls.ts'

/** What was sent, and what could not be. */
export interface Sent {
  added: number
  known: number
  /** Rows that the source has wrong, or that the server did not take. */
  readonly wrong: { key: string; position: number; field: string; msg: string }[]
  readonly notes: string[]
}

export interface Sending {
  readonly calls: ImportCalls
  readonly id: string
  /** This is told after each batch. */
  readonly onBatch: () => void
  /** Nothing more is sent once it has aborted. */
  readonly signal: AbortSignal
}

/** Sent in one request. */
const BATCH = { items: 100, bytes: 4_000_000 }

export function emptySent(): Sent {
  return { added: 0, known: 0, wrong: [], notes: [] }
}

/** Sends the rows of a source, but for those that are there already: their pictures do not travel again. */
export async function sendRows(
  items: AsyncIterable<SourceItem>,
  sent: Sent,
  sending: Sending,
): Promise<void> {
  for await (const batch of inBatches(items, BATCH)) {
    sending.signal.throwIfAborted()
    sent.notes.push(...batch.flatMap((item) => (item.kind === 'note' ? [item.message] : [])))
    sent.wrong.push(...batch.flatMap((item) => (item.kind === 'problem' ? [wrongOf(item)] : [])))
    await sendBatch(
      batch.filter((item) => item.kind === 'row'),
      sent,
      sending,
    )
    sending.onBatch()
  }
}

async function sendBatch(batch: readonly SourceRow[], sent: Sent, { calls, id }: Sending): Promise<void> {
  if (batch.length === 0) return
  const known = await calls.knownKeys(
    id,
    batch.map(({ key }) => key),
  )
  const fresh = batch.filter(({ key }) => !known.has(key))
  sent.known += batch.length - fresh.length
  if (fresh.length === 0) return
  const taken = await calls.addRows(id, fresh.map(lineOf).join(''))
  sent.added += taken.added
  sent.known += taken.known
  // The server counts lines of this request; the row is found by its key.
  const positions = new Map(fresh.map(({ key, position }) => [key, position]))
  sent.wrong.push(...taken.wrong.map((one) => ({ ...one, position: positions.get(one.key) ?? one.position })))
}

function lineOf(row: SourceRow): string {
  const { kind: _, position: __, picture, metadata, person, ...fields } = row
  const { by, ...named } = person
  const line = JSON.stringify({ ...fields, person: named, ...pictureOf(picture) })
  // As the source has it: numbers keep their digits.
  return metadata === undefined ? `${line}\n` : `${line.slice(0, -1)},"metadata":${metadata}}\n`
}

function pictureOf(picture: SourceRow['picture']): object {
  if (picture === undefined) return {}
  if ('bytes' in picture) {
    const { buffer, byteOffset, byteLength } = picture.bytes
    return { picture: Buffer.from(buffer, byteOffset, byteLength).toString('base64') }
  }
  return 'link' in picture ? { imageUrl: picture.link } : {}
}

function wrongOf({ key, position, field, message }: SourceProblem) {
  return { key, position, field, msg: message }
}
