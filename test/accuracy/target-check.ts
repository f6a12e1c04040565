import { cosineAtRate, falseMatchRateFor, type ImpostorTail } from '@semblance/core'
import { cosineRows } from './cosine-rows.ts'
import type { PhotoDescriptors } from './describe-photos.ts'
import type { LfwSet, Photo } from './lfw-set.ts'

/** What came of a target among strangers. */
export interface KeptTarget {
  /** Images in the gallery, one of each person. */
  readonly images: number
  readonly target: number
  readonly cosine: number
  readonly searches: number
  readonly falsePositives: number
  /** Share of the searches, and between which the true one lies at 95 %. */
  readonly realised: number
  readonly interval: readonly [number, number]
}

const TARGETS = [0.1, 0.01, 0.003]
/** Galleries of less than everybody are drawn so often. */
const DRAWS = 10

/**
 * Searches galleries of one photo of each person with photos of others. Of everybody: with each photo, its own person left
 * out. Of fewer: with the photos of all who were not drawn.
 */
export function checkTargets(
  set: LfwSet,
  found: PhotoDescriptors,
  { tail, sizes }: { readonly tail: ImpostorTail; readonly sizes: readonly number[] },
): readonly KeptTarget[] {
  const albums = [
    ...Map.groupBy([...set.enrolled, ...set.mated, ...set.nonMated], ({ person }) => person).values(),
  ]
  const gallery = albums.flatMap(([first]) => enrolledOf(first, found))
  const probes = albums.flat().flatMap(({ person, path }) => {
    const values = found.cheap.get(path) ?? null
    return values === null ? [] : [{ person, values }]
  })
  const random = mulberry(1)
  const draws = (size: number) => (size < gallery.length ? DRAWS : 1)
  return sizes.flatMap((size) => {
    const images = Math.min(size, gallery.length)
    const nearest = Array.from({ length: draws(size) }, () => drawn(gallery, images, random)).flatMap(
      (some) => strangersNearest(some, probes, images < gallery.length),
    )
    return TARGETS.map((target) => keptTarget(nearest, { images, target, tail }))
  })
}

interface Described {
  readonly person: string
  readonly values: Float32Array
}

function enrolledOf(photo: Photo | undefined, { rich }: PhotoDescriptors): readonly Described[] {
  const values = photo === undefined ? null : (rich.get(photo.path) ?? null)
  return photo === undefined || values === null ? [] : [{ person: photo.person, values }]
}

/** The greatest cosine of each search. */
function strangersNearest(
  gallery: readonly Described[],
  probes: readonly Described[],
  isOfOthers: boolean,
): readonly number[] {
  const enrolled = new Set(gallery.map(({ person }) => person))
  const rows = cosineRows(gallery.map(({ values }) => values))
  return probes.flatMap(({ person, values }) => {
    if (isOfOthers && enrolled.has(person)) return []
    const cosines = rows.cosinesOf(values)
    let nearest = -1
    for (let at = 0; at < cosines.length; at++)
      if (gallery[at]?.person !== person) nearest = Math.max(nearest, cosines[at] ?? -1)
    return [nearest]
  })
}

function keptTarget(
  nearest: readonly number[],
  { images, target, tail }: { readonly images: number; readonly target: number; readonly tail: ImpostorTail },
): KeptTarget {
  const cosine = cosineAtRate(falseMatchRateFor(target, images), tail)
  const falsePositives = nearest.filter((score) => score >= cosine).length
  const searches = nearest.length
  const realised = falsePositives / searches
  return {
    images,
    target,
    cosine,
    searches,
    falsePositives,
    realised,
    interval: wilson(falsePositives, searches),
  }
}

/** Of a share, at 95 %. Searches of one gallery are not independent, so the truth may lie a little farther. */
export function wilson(events: number, trials: number): readonly [number, number] {
  const [z, share] = [1.96, events / trials]
  const middle = (share + z ** 2 / (2 * trials)) / (1 + z ** 2 / trials)
  const reach =
    (z / (1 + z ** 2 / trials)) * Math.sqrt((share * (1 - share)) / trials + (z / (2 * trials)) ** 2)
  return [Math.max(0, middle - reach), middle + reach]
}

function drawn<T>(all: readonly T[], count: number, random: () => number): readonly T[] {
  const left = [...all]
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(random() * (left.length - at))
    const [one, two] = [left[at] as T, left[other] as T]
    left[at] = two
    left[other] = one
  }
  return left.slice(0, count)
}

/** The same numbers each time. */
export function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
