/** The data of a job. Redis keeps it in clear text: it has ids, references and settings, no picture and no descriptor. */
export interface JobEnvelope {
  /** Left out if it lies under a key of its own. */
  readonly payload?: unknown
  /** The gateway process that waits for the answer. */
  readonly replyTo: string
  /** That process gives signs of life (`gateway-beat.ts`). Left out by gateways of an older version, which give none. */
  readonly beats?: boolean
  /** On the Redis server's clock. */
  readonly deadlineAt: number
}

/** BullMQ refuses a longer envelope (`sizeLimit`): its scripts read and write the hash of a job whole. */
export const MAX_ENVELOPE_BYTES = 4096

/** Takes the payload out of an envelope that would be too long. `aside` is its JSON, or null if it fits. */
export function sealEnvelope(envelope: JobEnvelope): {
  readonly envelope: JobEnvelope
  readonly aside: string | null
} {
  const { payload, ...rest } = envelope
  if (Buffer.byteLength(JSON.stringify(envelope)) <= MAX_ENVELOPE_BYTES) return { envelope, aside: null }
  return { envelope: rest, aside: JSON.stringify(payload) }
}

/** Null for data that no gateway of ours has written. */
export function readEnvelope(data: unknown): JobEnvelope | null {
  if (typeof data !== 'object' || data === null) return null
  if (!('replyTo' in data) || typeof data.replyTo !== 'string') return null
  if (!('deadlineAt' in data) || typeof data.deadlineAt !== 'number') return null
  const { replyTo, deadlineAt } = data
  const beats = 'beats' in data && data.beats === true
  const envelope = { replyTo, deadlineAt, beats }
  return 'payload' in data ? { payload: data.payload, ...envelope } : envelope
}
