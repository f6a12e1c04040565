import type { WireAnswer } from './wire-client.ts'

/** What our server, and the one whose contract it speaks, says of a call that it refuses. */
export interface ServerProblem {
  readonly type: string
  readonly msg: string
}

/** More of it is nothing for people. */
const MOST_LETTERS = 500

/** Null for an answer of another form: of a proxy, or of another program. */
export function problemIn({ bytes }: Pick<WireAnswer, 'bytes'>): ServerProblem | null {
  const { type, msg } = objectIn(bytes)
  if (typeof type !== 'string' || typeof msg !== 'string' || msg === '') return null
  return { type, msg: msg.slice(0, MOST_LETTERS) }
}

function objectIn(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(bytes.toString()) ?? {}) as Readonly<Record<string, unknown>>
  } catch {
    return {}
  }
}
