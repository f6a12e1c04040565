import { createHash } from 'node:crypto'
import { inBatches, type SourceItem, type SourceProblem, type SourceRow } from '@semblance/import-sources'
import type { ImportCalls, KnownRows, TakenRows } from './import-calls.ts'

/** What was sent, and what could not be; of wrong rows and of notes the first `MOST_TOLD`. */
export interface Sent {
  added: number
  known: number
  /** Rows that are wrong; the import has them, too, as `invalid`. */
  readonly wrong: { key: string; position: number; field: string; msg: string }[]
  readonly notes: string[]
}

export interface Sending {
  readonly calls: Pick<ImportCalls, 'knownRows' | 'addRows'>
  readonly id: string
  /** No row can be there from an earlier run, so that a key that is there is another row of this very source. */
  readonly isNew: boolean
  /** This is told after each batch. */
  readonly onBatch: () => void
  /** Nothing more is sent once it has aborted. */
  readonly signal: AbortSignal
}

type Row = SourceRow | SourceProblem

/** Sent in one request. The server names the first hundred rows that are wrong, so all of one request. */
const BATCH = { items: 100, bytes: 4_000_000 }
/** What the server says of a row whose key another one has. */
const CONFLICT = 'is there with other contents'

/** Kept of each kind: the report of the import has all rows, and a folder may be watched for months. */
const MOST_TOLD = 100

function addTold<T>(kept: T[], more: readonly T[]): void {
  kept.push(...more.slice(0, MOST_TOLD - kept.length))
}

export function emptySent(): Sent {
  return { added: 0, known: 0, wrong: [], notes: [] }
}

/**
 * Sends the rows of a source, but for those that an earlier run has sent: their pictures do not travel again. A row whose
 * picture is another one by now is sent, and is in conflict, as it would have been in the earlier run. Rows that
 * cannot be made here are sent as such, so that sums and report of the import have every row of the source.
 */
export async function sendRows(
  items: AsyncIterable<SourceItem>,
  sent: Sent,
  sending: Sending,
): Promise<void> {
  for await (const batch of inBatches(items, BATCH)) {
    sending.signal.throwIfAborted()
    addTold(
      sent.notes,
      batch.flatMap((item) => (item.kind === 'note' ? [item.message] : [])),
    )
    const rows = batch.filter((item) => item.kind !== 'note')
    await sendBatch(rows, sent, sending)
    sending.onBatch()
  }
}

async function sendBatch(batch: readonly Row[], sent: Sent, sending: Sending): Promise<void> {
  const fresh = sending.isNew ? batch : await withoutKnown(batch, sending)
  sent.known += batch.length - fresh.length
  const taken = await add(fresh, sent, sending)
  const conflicts = taken.filter(({ wrong: { field, msg } }) => field === 'key' && msg === CONFLICT)
  addTold(
    sent.wrong,
    taken.map(({ wrong }) => wrong),
  )
  // Their key is taken, and the report must have them all the same.
  await add(conflicts.map(conflictOf), sent, sending)
}

interface WrongRow {
  /** As the server told it, but with its place in the source. */
  readonly wrong: TakenRows['wrong'][number]
  readonly row: Row | undefined
}

/** It tells whose it is, as its row did: the report loses it when they are deleted. */
function conflictOf({ wrong: { key, position, field, msg }, row }: WrongRow): SourceProblem {
  const person = row?.person === undefined ? {} : { person: row.person }
  return { kind: 'problem', key: `row ${position}: ${key}`, position, ...person, field, message: msg }
}

async function withoutKnown(batch: readonly Row[], { calls, id }: Sending): Promise<readonly Row[]> {
  if (batch.length === 0) return []
  const known = await calls.knownRows(
    id,
    batch.map(({ key }) => key),
  )
  // Of a wrong row nobody knows whether it is the one whose key is there; it is small, and has no second effect.
  return batch.filter((row) => row.kind === 'problem' || !isThere(row, known))
}

/** Of a link nobody knows here what it gives, so that its key counts alone. */
function isThere({ key, picture }: SourceRow, known: KnownRows): boolean {
  if (!known.has(key)) return false
  const sha256 = known.get(key)
  if (sha256 === undefined || picture === undefined || !('bytes' in picture)) return true
  return sha256 === createHash('sha256').update(picture.bytes).digest('hex')
}

/** Answers the rows that are wrong, at their places in the source. */
async function add(rows: readonly Row[], sent: Sent, { calls, id }: Sending): Promise<readonly WrongRow[]> {
  if (rows.length === 0) return []
  const taken = await calls.addRows(id, rows.map(lineOf).join(''))
  sent.added += taken.added
  sent.known += taken.known
  // The server counts the lines of this request.
  return taken.wrong.map((one) => {
    const row = rows[one.position - 1]
    return { wrong: { ...one, position: row?.position ?? one.position }, row }
  })
}

function lineOf(row: Row): string {
  if (row.kind === 'problem') {
    const { key, position, person, field, message } = row
    const whose = person === undefined ? {} : { person: namedBy(person) }
    // Its position tells it from another row with its key that is wrong for the same reason.
    return `${JSON.stringify({ key, ...whose, sourceProblem: { field, message, position } })}\n`
  }
  const { kind: _, position: __, picture, metadata, person, ...fields } = row
  const line = JSON.stringify({ ...fields, person: namedBy(person), ...pictureOf(picture) })
  // As the source has it: numbers keep their digits.
  return metadata === undefined ? `${line}\n` : `${line.slice(0, -1)},"metadata":${metadata}}\n`
}

function namedBy({ by: _, ...named }: SourceRow['person']): object {
  return named
}

function pictureOf(picture: SourceRow['picture']): object {
  if (picture === undefined) return {}
  if ('bytes' in picture) {
    const { buffer, byteOffset, byteLength } = picture.bytes
    return { picture: Buffer.from(buffer, byteOffset, byteLength).toString('base64') }
  }
  return 'link' in picture ? { imageUrl: picture.link } : {}
}
