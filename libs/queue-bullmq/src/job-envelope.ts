/** What travels in the job. Redis keeps it in clear text: ids, references and settings, no picture and no descriptor. */
export interface JobEnvelope {
  /** Left out where it lies under a key of its own. */
  readonly payload?: unknown
  /** The gateway process that waits for the answer. */
  readonly replyTo: string
  /** On the Redis server's clock. */
  readonly deadlineAt: number
}

/** BullMQ refuses longer ones: job hashes are read and written whole by its scripts. */
export const MAX_ENVELOPE_BYTES = 4096

/** The payload's own JSON if it does not fit into the envelope. */
export function sealEnvelope(envelope: JobEnvelope): {
  readonly envelope: JobEnvelope
  readonly aside: string | null
} {
  const { payload, ...rest } = envelope
  if (Buffer.byteLength(JSON.stringify(envelope)) <= MAX_ENVELOPE_BYTES) return { envelope, aside: null }
  return { envelope: rest, aside: JSON.stringify(payload) }
}

/** Null for what no gateway of ours has written. */
export function readEnvelope(data: unknown): JobEnvelope | null {
  if (typeof data !== 'object' || data === null) return null
  if (!('replyTo' in data) || typeof data.replyTo !== 'string') return null
  if (!('deadlineAt' in data) || typeof data.deadlineAt !== 'number') return null
  const { replyTo, deadlineAt } = data
  return 'payload' in data ? { payload: data.payload, replyTo, deadlineAt } : { replyTo, deadlineAt }
}
