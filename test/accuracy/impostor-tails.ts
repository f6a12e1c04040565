import type { ImpostorTail, Pairing, TailPoint } from '@semblance/core'
import { cosineRows } from './cosine-rows.ts'
import type { PhotoDescriptors } from './describe-photos.ts'
import { fitParabola } from './fit-parabola.ts'
import type { LfwSet, Photo } from './lfw-set.ts'

/** Tens of the rates at which the tail of a pack has points. */
const COUNTED = [-1, -1.5, -2, -2.5, -3, -3.5, -4, -4.5, -5]
const BEYOND = [-5.5, -6, -6.5, -7, -7.5, -8]
/** The fit goes through rates from one in a hundred to one in 100,000, in steps of a quarter of a ten. */
const FITTED = Array.from({ length: 13 }, (_, step) => -2 - step / 4)

/** Cosines to a ten-thousandth. */
const STEPS = 10_000

export interface MeasuredTail {
  readonly tail: ImpostorTail
  readonly pairs: number
  /** By what factor the fit is off at most, where pairs were counted. */
  readonly fitError: number
}

/** Counts how near the photos of different people come, and goes on by a fit where there are too few pairs to count. */
export function measureTails(set: LfwSet, found: PhotoDescriptors): Readonly<Record<Pairing, MeasuredTail>> {
  const everybody = [...set.enrolled, ...set.mated, ...set.nonMated]
  const [rich, cheap] = [described(everybody, found.rich), described(everybody, found.cheap)]
  return {
    richCheap: measureTail(rich, cheap),
    cheapCheap: measureTail(cheap, cheap),
    richRich: measureTail(rich, rich),
  }
}

interface Described {
  readonly person: string
  readonly values: Float32Array
}

function described(
  photos: readonly Photo[],
  made: ReadonlyMap<string, Float32Array | null>,
): readonly Described[] {
  return photos.flatMap(({ person, path }) => {
    const values = made.get(path) ?? null
    return values === null ? [] : [{ person, values }]
  })
}

export function measureTail(some: readonly Described[], others: readonly Described[]): MeasuredTail {
  const counts = new Float64Array(2 * STEPS + 1)
  let pairs = 0
  const rows = cosineRows(others.map(({ values }) => values))
  for (const [at, one] of some.entries()) {
    const from = some === others ? at + 1 : 0
    const cosines = rows.cosinesOf(one.values, from)
    for (let next = 0; next < cosines.length; next++) {
      if (others[from + next]?.person === one.person) continue
      const place = Math.round(((cosines[next] ?? 0) + 1) * STEPS)
      counts[place] = (counts[place] ?? 0) + 1
      pairs++
    }
  }
  const counted = (ten: number): TailPoint => ({
    cosine: cosineOfTen(counts, 10 ** ten * pairs),
    rate: 10 ** ten,
  })
  const fit = fitParabola(FITTED.map((ten) => [counted(ten).cosine, ten]))
  const fitError = 10 ** Math.max(...FITTED.map((ten) => Math.abs(fit.at(counted(ten).cosine) - ten)))
  const beyond = BEYOND.map((ten) => ({ cosine: round(fit.inverse(ten)), rate: 10 ** ten }))
  const tail = [...COUNTED.map(counted), ...beyond] as unknown as ImpostorTail
  return { tail, pairs, fitError }
}

/** The cosine that so many of the counted pairs reach. */
function cosineOfTen(counts: Float64Array, wanted: number): number {
  let above = 0
  for (let place = counts.length - 1; place >= 0; place--) {
    above += counts[place] ?? 0
    if (above > wanted) return round(place / STEPS - 1)
  }
  return -1
}

function round(cosine: number): number {
  return Math.round(cosine * STEPS) / STEPS
}
