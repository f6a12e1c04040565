import type { RecordFault, StoredReply } from '@semblance/core'
import { Binary } from 'mongodb'

/** No id is empty. Not null, which some servers of the MongoDB wire store as absent. */
export const NOBODY = ''

/** A claim and its answer, one document a key. */
export interface ReplyRecord {
  /** The key. */
  readonly _id: string
  readonly fingerprint: string
  readonly seed: string
  /** The time of the seed by the server's clock, as `touchedAt`. */
  readonly seededAt: Date
  /** `NOBODY` once released or done. */
  readonly holder: string
  /** The lease lasts so long from `touchedAt`. */
  readonly leaseMs: number
  readonly touchedAt: Date
  readonly isDone: boolean
  /** Whose answer it is: after a lost answer of the server it tells whether the write was carried out. */
  readonly doneBy?: string
  /** The answer is absent beside `isDone` if it was too large to keep. */
  readonly reply?: ReplyInRecord
}

interface ReplyInRecord {
  readonly status: number
  /** JSON: a name may hold a dot or begin with a dollar sign. */
  readonly headers: string
  readonly contentType?: string
  readonly encoding: string
  readonly body: Binary
}

export function replyToRecord(reply: StoredReply): ReplyInRecord {
  const { status, headers, contentType, encoding, body } = reply
  const typed = contentType === null ? {} : { contentType }
  return { status, headers: JSON.stringify(headers), ...typed, encoding, body: new Binary(body) }
}

export function replyOfRecord(kept: ReplyInRecord | undefined): StoredReply | null {
  if (kept === undefined) return null
  const { status, headers, contentType = null, encoding, body } = kept
  return { status, headers: JSON.parse(headers), contentType, encoding, body: body.value() }
}

/** What makes a record unusable, changed by hand or by another program as it may be; null if nothing does. */
export function faultOfReply(record: ReplyRecord): RecordFault {
  const { fingerprint, seed, seededAt, holder, leaseMs, touchedAt, isDone, reply } = record
  if (typeof fingerprint !== 'string' || typeof seed !== 'string' || typeof holder !== 'string')
    return 'its fingerprint, seed or holder is no text'
  if (!(seededAt instanceof Date && touchedAt instanceof Date)) return 'one of its times is none'
  if (!Number.isFinite(leaseMs) || typeof isDone !== 'boolean')
    return 'it does not say whether it is done, or held'
  return reply === undefined || isReply(reply) ? null : 'its answer cannot be read'
}

function isReply({ status, headers, encoding, body }: ReplyInRecord): boolean {
  try {
    JSON.parse(headers)
  } catch {
    return false
  }
  return Number.isInteger(status) && typeof encoding === 'string' && body instanceof Binary
}
