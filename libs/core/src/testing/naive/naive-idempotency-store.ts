import type { Clock } from '../../ports/clock.ts'
import type {
  ClaimOutcome,
  ClaimRequest,
  HeldClaim,
  IdempotencyStore,
  StoredReply,
} from '../../ports/idempotency-store.ts'

interface ClaimRecord {
  readonly fingerprint: string
  readonly seed: string
  readonly seededAt: number
  readonly holder: string | null
  readonly leaseUntil: number
  readonly touchedAt: number
  /** Undefined: not done. */
  readonly reply?: StoredReply | null
}

export type NaiveClaims = Map<string, ClaimRecord>

/** The plainest store that keeps the contract. Several over one map are several connections to the same data. */
export function createNaiveIdempotencyStore(
  clock: Clock,
  claims: NaiveClaims = new Map(),
): IdempotencyStore & { readonly claims: NaiveClaims } {
  const change = (held: HeldClaim, changes: Partial<ClaimRecord>): boolean => {
    const record = claims.get(held.key)
    if (record?.holder !== held.holder) return false
    claims.set(held.key, { ...record, touchedAt: clock.now(), ...changes })
    return true
  }
  return {
    claims,
    claim: async (request, waiting) => {
      waiting?.signal?.throwIfAborted()
      return claim(claims, request, clock.now())
    },
    isDone: async (key) => claims.get(key)?.reply !== undefined,
    extend: async (held, leaseMs) => change(held, { leaseUntil: clock.now() + leaseMs }),
    reseed: async (held, seed) => change(held, { seed, seededAt: clock.now() }),
    complete: async (held, reply) => change(held, { holder: null, reply }),
    release: async (held) => void change(held, { holder: null, leaseUntil: 0 }),
    forget: async ({ untouchedMs, limit }) => {
      const old = [...claims].filter(([, { touchedAt }]) => touchedAt <= clock.now() - untouchedMs)
      for (const [key] of old.slice(0, limit)) claims.delete(key)
      return Math.min(old.length, limit)
    },
  }
}

function claim(claims: NaiveClaims, request: ClaimRequest, nowMs: number): ClaimOutcome {
  const { key, fingerprint, holder, leaseMs } = request
  const found = claims.get(key)
  if (found !== undefined && found.fingerprint !== fingerprint) return { outcome: 'mismatch' }
  if (found?.reply !== undefined) return { outcome: 'done', seed: found.seed, reply: found.reply }
  const isTaken = found !== undefined && found.holder !== null && found.holder !== holder
  if (isTaken && found.leaseUntil > nowMs) return { outcome: 'running' }
  const { seed, seededAt } = found ?? { seed: request.seed, seededAt: nowMs }
  claims.set(key, { fingerprint, seed, seededAt, holder, leaseUntil: nowMs + leaseMs, touchedAt: nowMs })
  return { outcome: 'begun', seed, ageMs: nowMs - seededAt }
}
