import { createHash } from 'node:crypto'

/** Lower-case hex; tells whether a stored picture is still what was enrolled. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
