import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ClaimOutcome,
  type Clock,
  deadlineMissed,
  type HeldClaim,
  type IdempotencyStore,
  type NewId,
  staleId,
} from '@semblance/core'
import type { RequestContext } from '../endpoint/endpoint.ts'
import { type Reply, refuse } from '../endpoint/reply.ts'
import { isConsumed } from './consumed-ids.ts'
import type { Ticket } from './idempotency-key.ts'
import { keepReply, markReplayed, replayReply } from './reply-at-rest.ts'

/** How long a request of a process that died keeps its successors waiting. Held by a heartbeat, so any job may last longer. */
const LEASE_MS = 10_000
const BEAT_MS = 3_000
const SHORTEST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 300

export interface OnceOnlyDeps {
  readonly store: IdempotencyStore
  readonly newId: NewId
  readonly clock: Clock
  /** How long a request waits for an earlier one with its key. */
  readonly waitMs: number
}

type Handle = (context: RequestContext) => Promise<Reply> | Reply
/** `isRepeat`: an earlier run had the same seed. */
type Begun = Extract<ClaimOutcome, { outcome: 'begun' }> & { readonly isRepeat: boolean }
type Turn = Exclude<ClaimOutcome, { outcome: 'running' | 'begun' }> | Begun

interface Work {
  readonly ticket: Ticket
  readonly handle: Handle
  readonly context: RequestContext
}

/** Carries a request with an `Idempotency-Key` out once, however often it comes, and gives all of them one answer. */
export class OnceOnly {
  readonly #deps: OnceOnlyDeps

  constructor(deps: OnceOnlyDeps) {
    this.#deps = deps
  }

  async run(work: Work): Promise<Reply> {
    const until = this.#deps.clock.monotonic() + this.#deps.waitMs
    for (;;) {
      const holder = this.#deps.newId()
      const claim = { key: work.ticket.key, holder }
      const turn = await this.#awaitTurn(work, claim, until)
      switch (turn.outcome) {
        case 'mismatch':
          return refuse('IdempotencyKeyReused', 'this Idempotency-Key belongs to another request')
        case 'done':
          if (turn.reply !== null) return replayReply(turn.reply)
          return markReplayed(await work.handle(contextOf(work.context, turn.seed, true)))
        case 'begun': {
          const reply = await this.#carryOut(work, claim, turn)
          if (reply !== null) return reply
        }
      }
    }
  }

  /** The wait of an earlier request's twin, in whatever process that one is. Not for p-retry: nothing failed. */
  async #awaitTurn(work: Work, claim: HeldClaim, until: number): Promise<Turn> {
    const { store, newId, clock } = this.#deps
    const { signal } = work.context
    const seed = newId()
    const { fingerprint } = work.ticket
    for (let pauseMs = SHORTEST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      signal.throwIfAborted()
      // The signal is left out: a claim that was given while its caller left would be in the way until its lease
      // ends.
      const outcome = await store.claim({ ...claim, fingerprint, seed, leaseMs: LEASE_MS })
      if (outcome.outcome === 'begun') return { ...outcome, isRepeat: outcome.seed !== seed }
      if (outcome.outcome !== 'running') return outcome
      if (clock.monotonic() >= until) throw deadlineMissed('the earlier request with this Idempotency-Key', 1)
      await sleep(pauseMs, undefined, { signal })
    }
  }

  /** Null if the claim was lost meanwhile: whoever has it gives the answer. */
  async #carryOut(work: Work, claim: HeldClaim, begun: Begun): Promise<Reply | null> {
    const { store } = this.#deps
    // A beat that fails is made up for by the next; a claim lost thereby is noticed at the end.
    const beat = setInterval(() => void store.extend(claim, LEASE_MS).catch(() => {}), BEAT_MS)
    beat.unref()
    try {
      const reply = await this.#runWithSeed(work, claim, begun)
      if (!isFinal(reply)) {
        await this.#release(claim)
        return reply
      }
      const { sent, kept } = await keepReply(reply)
      return (await store.complete(claim, kept)) ? sent : null
    } catch (fault) {
      await this.#release(claim)
      throw fault
    } finally {
      clearInterval(beat)
    }
  }

  async #runWithSeed(work: Work, claim: HeldClaim, begun: Begun): Promise<Reply> {
    const { store, newId } = this.#deps
    try {
      return await work.handle(contextOf(work.context, begun.seed, begun.isRepeat))
    } catch (fault) {
      if (!isConsumed(fault, begun.ageMs)) throw fault
      const fresh = newId()
      if (!(await store.reseed(claim, fresh))) throw staleId(begun.seed)
      return work.handle(contextOf(work.context, fresh, false))
    }
  }

  /** What cannot be released is free once its lease has run out. */
  async #release(claim: HeldClaim): Promise<void> {
    await this.#deps.store.release(claim).catch(() => {})
  }
}

function contextOf(context: RequestContext, seed: string, isRepeat: boolean): RequestContext {
  return { ...context, newId: idsOfSeed(seed), isRepeat }
}

/**
 * Whatever a retry could change is not remembered: the retry runs again, with the same ids. So is a refusal of rights, which
 * the settings of the server give: it wrote nothing, and whoever is given the right asks again with the same key. Nor is a
 * cookie, which is as good as a key: it must not lie in a store.
 */
function isFinal({ status, headers, isPassing = false }: Reply): boolean {
  if (isPassing) return false
  if (headers !== undefined && 'Set-Cookie' in headers) return false
  return status < 500 && ![401, 403, 408, 409, 429].includes(status)
}

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
