import { cosineOf, evaluateOpenSet, Largest, operatingPoint } from '@semblance/core'
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
  const samples = (photos: readonly Photo[], made: ReadonlyMap<string, Float32Array | null>) =>
    photos.map(({ person, path }) => ({ subject: person, descriptor: made.get(path) ?? null }))
  const { rank1, fnirAt, impostors } = evaluateOpenSet({
    enrolled: samples(set.enrolled, rich),
    mated: samples(set.mated, cheap),
    nonMated: samples(set.nonMated, cheap),
    leavesMatesOut: false,
  })
  return { rank1, fnirAt, richCheap: operatingPoint(impostors, FALSE_MATCH_RATE) }
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
      if (one.photo.person !== other.photo.person) impostors.add(cosineOf(one.descriptor, other.descriptor))
    }
  }
  return operatingPoint(impostors, FALSE_MATCH_RATE)
}
