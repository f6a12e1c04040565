import type { LeaseRecord, SeenLease } from './lease-records.ts'

export type Verdict =
  /** Nobody holds it, or its holder is dead: it may be taken as it was seen. */
  | { readonly act: 'take'; readonly seen: SeenLease }
  | { readonly act: 'wait'; readonly delayMs: number; readonly seen: LeaseRecord }

export interface LeaseWatchOptions {
  readonly leaseMs: number
  /** Name of this process. */
  readonly process: string
}

/** A record, when it was asked for and when it came, both by the monotonic clock of this process. */
export interface LeaseReading {
  readonly record: LeaseRecord
  readonly askedAt: number
  readonly cameAt: number
}

/** A free key is left for so long to the process that is next in line; then it is taken for dead. */
const COURTESY_MS = 500
const FASTEST_MS = 25
const SLOWEST_MS = 2000
/**
 * A key that has been held for a second is looked at each eighth of a second: waiting costs an eighth more at most.
 */
const PATIENCE = 1 / 8

/**
 * One process's view of the record of one key over time. It compares no times of other machines: a holder is dead when
 * its counter was seen to stand still for a whole lease between two looks.
 */
export class LeaseWatch {
  readonly #options: LeaseWatchOptions
  #still: { readonly seen: SeenLease; readonly since: number } | null = null
  #turn: { readonly holder: string | null; readonly since: number } | null = null

  constructor(options: LeaseWatchOptions) {
    this.#options = options
  }

  judge({ record, askedAt, cameAt }: LeaseReading): Verdict {
    const { holder, counter, wanted } = record
    const seen = { holder, counter }
    if (this.#still?.seen.holder !== holder || this.#still.seen.counter !== counter) {
      this.#still = { seen, since: cameAt }
    }
    if (this.#turn?.holder !== holder) this.#turn = { holder, since: cameAt }
    const stillMs = askedAt - this.#still.since
    const isFree = holder === null || isTurnOf(this.#options.process, holder)
    const patienceMs = isFree ? this.#courtesyFor(wanted) : this.#options.leaseMs
    if (stillMs >= patienceMs) return { act: 'take', seen }
    const delayMs = Math.min((cameAt - this.#turn.since) * PATIENCE, SLOWEST_MS)
    // A holder that has died is robbed as soon as it may be, and not at the next look after that.
    const untilDeadMs = this.#still.since + patienceMs - cameAt
    return { act: 'wait', delayMs: Math.max(Math.min(delayMs, untilDeadMs), FASTEST_MS), seen: record }
  }

  #courtesyFor(wanted: string | null): number {
    return wanted === null || wanted === this.#options.process ? Number.NEGATIVE_INFINITY : COURTESY_MS
  }
}

/** Makes a name unlike any other turn's. */
export function nameTurn(process: string, n: number): string {
  return `${process}#${n}`
}

export function processOfTurn(holder: string): string {
  return holder.slice(0, holder.lastIndexOf('#'))
}

/** A process asks for the next turn only when its last one is over: what still bears its name then holds nothing. */
function isTurnOf(process: string, holder: string): boolean {
  return holder.startsWith(`${process}#`)
}
