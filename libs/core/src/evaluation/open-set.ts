import { Largest } from './comparisons.ts'

/** One photo of a subject; null where no face was found. */
export interface Sample {
  readonly subject: string
  readonly descriptor: Float32Array | null
}

export interface OpenSet {
  /** The gallery. */
  readonly enrolled: readonly Sample[]
  /** Probes of subjects who are to be found. */
  readonly mated: readonly Sample[]
  /** Probes of subjects who are not in the gallery. */
  readonly nonMated: readonly Sample[]
  /** Each mated probe is also searched as if its subject were not in the gallery. */
  readonly leavesMatesOut: boolean
}

export interface OpenSetFigures {
  readonly nonMatedSearches: number
  /** Share of mated probes whose subject comes first, whatever the cosine. */
  readonly rank1: number
  /** The cosine that is exceeded by no more than that share of non-mated searches; null if there are too few to say. */
  readonly thresholdAt: (fpir: number) => number | null
  /**
   * Share of mated probes whose subject does not come first with a cosine above that threshold. A probe without a face is
   * missed. Of too few non-mated searches it is what a threshold would give that stops all of them.
   */
  readonly fnirAt: (fpir: number) => number
  /** The largest cosines of the gallery against probes of others. */
  readonly impostors: Largest
}

/** More than one in 100,000 of the comparisons of any set that fits in memory. */
const KEPT_COMPARISONS = 10_000

/** Searches every probe in the whole gallery. Probes without a face are turned away, mated or not. */
export function evaluateOpenSet({ enrolled, mated, nonMated, leavesMatesOut }: OpenSet): OpenSetFigures {
  const impostors = new Largest(KEPT_COMPARISONS)
  const search = bestOf(enrolled, impostors)
  const found = mated.map(search)
  const others = nonMated.map((probe) => search(probe).other)
  const strangers = [...others, ...(leavesMatesOut ? found.map(({ other }) => other) : [])]
  const falls = strangers.toSorted((one, other) => other - one)
  const mates = found.filter(({ mate, other }) => mate > other).map(({ mate }) => mate)
  const thresholdOf = (fpir: number) => falls[Math.floor(fpir * falls.length)] ?? Number.NEGATIVE_INFINITY
  return {
    nonMatedSearches: falls.length,
    rank1: mates.length / mated.length,
    thresholdAt: (fpir) => (fpir * falls.length < 1 ? null : thresholdOf(fpir)),
    fnirAt: (fpir) => 1 - mates.filter((score) => score > thresholdOf(fpir)).length / mated.length,
    impostors,
  }
}

interface Best {
  /** Of the probe's own subject, and of anybody else; -Infinity for none. */
  readonly mate: number
  readonly other: number
}

function bestOf(enrolled: readonly Sample[], impostors: Largest): (probe: Sample) => Best {
  return ({ subject, descriptor }) => {
    let [mate, other] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
    if (descriptor === null) return { mate, other }
    for (const entry of enrolled) {
      if (entry.descriptor === null) continue
      const cosine = cosineOf(entry.descriptor, descriptor)
      if (entry.subject === subject) mate = Math.max(mate, cosine)
      else {
        other = Math.max(other, cosine)
        impostors.add(cosine)
      }
    }
    return { mate, other }
  }
}

/** Of unit vectors. */
export function cosineOf(one: Float32Array, other: Float32Array): number {
  let sum = 0
  for (let i = 0; i < one.length; i++) sum += (one[i] ?? 0) * (other[i] ?? 0)
  return sum
}
