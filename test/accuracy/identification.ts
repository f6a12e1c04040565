import { cosine, Largest, operatingPoint } from './comparisons.ts'
import type { PhotoDescriptors } from './describe-photos.ts'
import type { LfwSet, Photo } from './lfw-set.ts'

const FALSE_MATCH_RATE = 1e-5

/** More than FALSE_MATCH_RATE of the comparisons of any set that fits in memory. */
const KEPT_COMPARISONS = 10_000

export interface Identification {
  /** Share of mated probes whose mate comes first, whatever its cosine. */
  readonly rank1: number
  /** Share of mated probes whose mate does not come first above the threshold that lets that share of non-mated
   *  probes through. */
  readonly fnirAt: (fpir: number) => number
  /** Cosine at a false match rate of 1e-5, enrolled against probes. */
  readonly richCheap: number
}

/** Probes without a face are missed when mated and turned away when not. */
export function identify(set: LfwSet, { rich, cheap }: PhotoDescriptors): Identification {
  const gallery = set.enrolled.flatMap((photo) => withDescriptor(photo, rich))
  const impostors = new Largest(KEPT_COMPARISONS)
  const search = (photo: Photo): { readonly person: string; readonly cosine: number } => {
    let best = { person: '', cosine: Number.NEGATIVE_INFINITY }
    for (const { descriptor } of withDescriptor(photo, cheap)) {
      for (const entry of gallery) {
        const score = cosine(entry.descriptor, descriptor)
        if (entry.photo.person !== photo.person) impostors.add(score)
        if (score > best.cosine) best = { person: entry.photo.person, cosine: score }
      }
    }
    return best
  }
  const found = set.mated.map((photo) => ({ photo, best: search(photo) }))
  const mates = found.filter(({ photo, best }) => best.person === photo.person).map(({ best }) => best.cosine)
  const strangers = set.nonMated.map((photo) => search(photo).cosine).toSorted((one, other) => other - one)
  return {
    rank1: mates.length / set.mated.length,
    fnirAt: (fpir) => {
      const threshold = strangers[Math.floor(fpir * strangers.length)] ?? Number.NEGATIVE_INFINITY
      return 1 - mates.filter((score) => score > threshold).length / set.mated.length
    },
    richCheap: operatingPoint(impostors, FALSE_MATCH_RATE),
  }
}

function withDescriptor(
  photo: Photo,
  descriptors: ReadonlyMap<string, Float32Array | null>,
): { readonly photo: Photo; readonly descriptor: Float32Array }[] {
  const descriptor = descriptors.get(photo.path) ?? null
  return descriptor === null ? [] : [{ photo, descriptor }]
}

/** Cosine at a false match rate of 1e-5 between photos of different people, all made with the same effort. */
export function pairsPoint(set: LfwSet, descriptors: ReadonlyMap<string, Float32Array | null>): number {
  const all = [...set.enrolled, ...set.mated, ...set.nonMated].flatMap((photo) =>
    withDescriptor(photo, descriptors),
  )
  const impostors = new Largest(KEPT_COMPARISONS)
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      if (one.photo.person !== other.photo.person) impostors.add(cosine(one.descriptor, other.descriptor))
    }
  }
  return operatingPoint(impostors, FALSE_MATCH_RATE)
}
