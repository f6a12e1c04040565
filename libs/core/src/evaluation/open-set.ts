import type { Calibration } from '../calibration.ts'
import { roundCosine } from '../descriptor.ts'
import { likenessTo } from '../identification/probe.ts'
import type { KnownQuality } from '../quality-shift.ts'
import { Largest } from './comparisons.ts'

/** One photo of a subject. `descriptor`: of unit length; null where no face was found. */
export interface Sample extends KnownQuality {
  readonly subject: string
  readonly descriptor: Float32Array | null
}

/** How near an enrolled face is to a probe, by the cosine of their descriptors: more is nearer. */
export type NearnessTo = (probe: Sample) => (entry: Sample, cosine: number) => number

const BY_COSINE: NearnessTo = () => (_entry, cosine) => cosine

/**
 * As a search of the server judges: by the distance, which counts how bad both faces are, and not by the cosine alone. The
 * nearness is the distance below zero, 0 to -2.
 */
export function bySearchDistance(calibration: Calibration): NearnessTo {
  const { richCheap: operatingPoint, qualityShift, damageShift } = calibration
  return ({ quality, damage }) => {
    const probe = { operatingPoint, qualityShift, damageShift, quality, damage }
    return (entry, cosine) =>
      -likenessTo(probe, {
        cosine: roundCosine(cosine),
        quality: entry.quality,
        damage: entry.damage,
      }).distance
  }
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
  /** What a search goes by; left out: the cosine. */
  readonly nearnessTo?: NearnessTo
}

export interface OpenSetFigures {
  readonly nonMatedSearches: number
  /** Share of mated probes whose subject comes first, however near. */
  readonly rank1: number
  /** The nearness (the cosine, if nothing else was asked for) that is exceeded by no more than that share of non-mated searches; null if there are too few to say. */
  readonly thresholdAt: (fpir: number) => number | null
  /**
   * Share of mated probes whose subject does not come first with a nearness above that threshold. A probe without a face is
   * missed. Of too few non-mated searches it is what a threshold would give that stops all of them.
   */
  readonly fnirAt: (fpir: number) => number
  /** The largest cosines of the gallery against probes of others. */
  readonly impostors: Largest
}

/** More than one in 100,000 of the comparisons of any set that fits in memory. */
const KEPT_COMPARISONS = 10_000

/** Searches every probe in the whole gallery. Probes without a face are turned away, mated or not. */
export function evaluateOpenSet(set: OpenSet): OpenSetFigures {
  const { enrolled, mated, nonMated, leavesMatesOut, nearnessTo = BY_COSINE } = set
  const impostors = new Largest(KEPT_COMPARISONS)
  const search = bestOf(enrolled, { impostors, nearnessTo })
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

function bestOf(
  enrolled: readonly Sample[],
  { impostors, nearnessTo }: { readonly impostors: Largest; readonly nearnessTo: NearnessTo },
): (probe: Sample) => Best {
  return (probe) => {
    const { subject, descriptor } = probe
    let [mate, other] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
    if (descriptor === null) return { mate, other }
    const nearnessOf = nearnessTo(probe)
    for (const entry of enrolled) {
      if (entry.descriptor === null) continue
      const cosine = cosineOf(entry.descriptor, descriptor)
      const nearness = nearnessOf(entry, cosine)
      if (entry.subject === subject) mate = Math.max(mate, nearness)
      else {
        other = Math.max(other, nearness)
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
