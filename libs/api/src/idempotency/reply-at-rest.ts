import { promisify } from 'node:util'
import { constants, gunzip, gzip } from 'node:zlib'
import type { StoredReply } from '@semblance/core'
import { JsonContents } from '../endpoint/json-contents.ts'
import type { Reply } from '../endpoint/reply.ts'

/** Larger answers (pictures of a thousand hits) are not worth the time of packing them. */
const MAX_PLAIN_BYTES = 32_000_000
/** An answer rests for 24 h; this is half of what one MongoDB document takes. */
const MAX_KEPT_BYTES = 8_000_000
/** Below, the packing costs more than it saves. */
const PACKED_FROM_BYTES = 1_024
/** What Express sends for JSON. */
const JSON_TYPE = 'application/json; charset=utf-8'

const REPLAYED = { 'Idempotency-Replayed': 'true' }

const pack = promisify<Uint8Array, object, Buffer>(gzip)
const unpack = promisify<Uint8Array, object, Buffer>(gunzip)

/** The answer as bytes, to be sent, and as it is kept; null if it is too large for that. */
export async function keepReply(
  reply: Reply,
): Promise<{ readonly sent: Reply; readonly kept: StoredReply | null }> {
  const { status, headers = {} } = reply
  if (reply.body.kind === 'none') {
    const kept = { status, headers, contentType: null, encoding: 'identity', body: new Uint8Array() }
    return { sent: reply, kept }
  }
  // It is made while it is taken, and so made again for whoever asks again.
  if (reply.body.kind === 'stream') return { sent: reply, kept: null }
  const json = reply.body.kind === 'json' ? new JsonContents(reply.body.value, reply.body.contents) : null
  if (json !== null && json.byteLength > MAX_PLAIN_BYTES) return { sent: reply, kept: null }
  const { contentType, bytes } =
    reply.body.kind === 'json'
      ? { contentType: JSON_TYPE, bytes: Buffer.concat([...(json?.slices() ?? [])]) }
      : reply.body
  const sent: Reply = { status, headers, body: { kind: 'bytes', contentType, bytes } }
  const packed = await packBody(bytes)
  return { sent, kept: packed === null ? null : { status, headers, contentType, ...packed } }
}

async function packBody(bytes: Uint8Array): Promise<Pick<StoredReply, 'encoding' | 'body'> | null> {
  if (bytes.byteLength > MAX_PLAIN_BYTES) return null
  if (bytes.byteLength < PACKED_FROM_BYTES) return { encoding: 'identity', body: bytes }
  const body = await pack(bytes, { level: constants.Z_BEST_SPEED })
  return body.byteLength > MAX_KEPT_BYTES ? null : { encoding: 'gzip', body }
}

export async function replayReply(kept: StoredReply): Promise<Reply> {
  const { status, contentType, encoding, body } = kept
  const headers = { ...kept.headers, ...REPLAYED }
  if (contentType === null) return { status, headers, body: { kind: 'none' } }
  const bytes = encoding === 'gzip' ? await unpack(body, { maxOutputLength: MAX_PLAIN_BYTES }) : body
  return { status, headers, body: { kind: 'bytes', contentType, bytes } }
}

/** An answer that was made again, with the ids of the first, because it was too large to keep. */
export function markReplayed(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, ...REPLAYED } }
}
