import { createHash } from 'node:crypto'
import type { NewId } from '@semblance/core'

/**
 * The same UUIDv7s in the same order for the same seed, itself the first: a run after a crash writes what the run
 * before it wrote. All carry the seed's time, by which a write that comes too late is told.
 */
export function idsOfSeed(seed: string): NewId {
  let given = 0
  return () => {
    given += 1
    return given === 1 ? seed : derive(seed, given)
  }
}

/** Version and variant bits as RFC 9562 has them; the rest after the time is random to anybody else. */
function derive(seed: string, n: number): string {
  const hex = createHash('sha256').update(`${seed} ${n}`).digest('hex')
  const variant = (0x8 | (Number.parseInt(hex[3] ?? '0', 16) & 0x3)).toString(16)
  return `${seed.slice(0, 13)}-7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`
}
