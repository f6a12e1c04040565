import type { Kind, OldThing } from './move-log.ts'

/** What became of something; `refused`: the target will not have it; `failed`: another run may do better. */
export type Fate = 'moved' | 'alreadyThere' | 'refused' | 'failed' | 'expired' | 'gone'

const NONE: Readonly<Record<Fate, number>> = {
  moved: 0,
  alreadyThere: 0,
  refused: 0,
  failed: 0,
  expired: 0,
  gone: 0,
}

export type Counts = Readonly<Record<`${Kind}s`, Readonly<Record<Fate, number>>>>

export interface TallyOptions {
  readonly say: (line: string) => void
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number
  readonly sayEveryMs: number
}

/** Counts, and tells whoever waits: everything that was not moved at once, the counts now and then. */
export class Tally {
  readonly #options: TallyOptions
  readonly #counts = { group: { ...NONE }, person: { ...NONE }, image: { ...NONE } }
  #saidAt: number

  constructor(options: TallyOptions) {
    this.#options = options
    this.#saidAt = options.monotonic()
  }

  get counts(): Counts {
    const { group, person, image } = this.#counts
    return { groups: group, persons: person, images: image }
  }

  /** Something was refused or failed, now or in an earlier run. */
  get hasLosses(): boolean {
    return Object.values(this.#counts).some(({ refused, failed }) => refused + failed > 0)
  }

  count(thing: OldThing, fate: Fate, reason?: string): void {
    this.#counts[thing.kind][fate]++
    if (reason !== undefined) this.#options.say(`${fate}: ${thing.kind} ${thing.from}: ${reason}`)
    this.#sayProgress()
  }

  #sayProgress(): void {
    const now = this.#options.monotonic()
    if (now - this.#saidAt < this.#options.sayEveryMs) return
    this.#saidAt = now
    const { person, image } = this.#counts
    this.#options.say(`${lineOf('persons', person)}; ${lineOf('images', image)}`)
  }
}

function lineOf(what: string, counts: Readonly<Record<Fate, number>>): string {
  const { moved, alreadyThere, refused, failed } = counts
  return `${what}: ${moved} moved, ${alreadyThere} already there, ${refused + failed} not moved`
}
