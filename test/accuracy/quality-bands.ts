import {
  cosineOf,
  type PairShift,
  pairShift,
  type QualityModel,
  type QualityShift,
  qualityOfSigns,
} from '@semblance/core'
import { cosineRows } from './cosine-rows.ts'
import type { SeenPhoto } from './damaged-photos.ts'
import { fitParabola } from './fit-parabola.ts'

/** A face with the quality that a pack tells of it. */
export interface RatedFace {
  readonly person: string
  /** `clean`, or the damage that was made. */
  readonly kind: string
  readonly role: SeenPhoto['role']
  readonly quality: number
  readonly damage: number
  readonly descriptor: Float32Array
}

/** Widths of the bands in which the shift is learnt: each needs some millions of pairs. */
const EDGES = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
const CENTRES = EDGES.slice(1).map((to, at) => ((EDGES[at] ?? 0) + to) / 2)
/** From here on nothing is shifted, so that good pictures lose nothing. */
const GOOD = 80
const RATE_TEN = -5
/** The fit goes through rates from one in a hundred down, in steps of a quarter of a ten, as far as so many pairs were counted. */
const FROM_TEN = -2
const STEP_TEN = 0.25
const LEAST_PAIRS = 12
/** Cosines to a ten-thousandth. */
const STEPS = 10_000

export function rateFaces(photos: readonly SeenPhoto[], model: QualityModel): readonly RatedFace[] {
  return photos.flatMap(({ person, kind, role, face }) => {
    if (face === null) return []
    const { value: quality, damage = 0 } = qualityOfSigns(face.signs, model)
    return [{ person, kind, role, quality, damage, descriptor: face.descriptor }]
  })
}

/** Calls back for every pair of different people. */
function eachStrangers(
  faces: readonly RatedFace[],
  tell: (one: RatedFace, other: RatedFace, cosine: number) => void,
): void {
  const rows = cosineRows(faces.map(({ descriptor }) => descriptor))
  for (const [at, one] of faces.entries()) {
    const cosines = rows.cosinesOf(one.descriptor, at + 1)
    for (let next = 0; next < cosines.length; next++) {
      const other = faces[at + 1 + next]
      if (other !== undefined && other.person !== one.person) tell(one, other, cosines[next] ?? 0)
    }
  }
}

/** How much more alike two faces must be for one false match in 100,000, by the quality of the better one. */
export function learnShift(faces: readonly RatedFace[], operatingPoint: number): QualityShift {
  const counts = CENTRES.map(() => new Float64Array(2 * STEPS + 1))
  eachStrangers(faces, (one, other, cosine) => {
    const band = Math.min(CENTRES.length - 1, Math.floor(Math.max(one.quality, other.quality) / 10))
    const place = Math.round((cosine + 1) * STEPS)
    const own = counts[band]
    if (own !== undefined) own[place] = (own[place] ?? 0) + 1
  })
  const points: { quality: number; shift: number }[] = [{ quality: GOOD, shift: 0 }]
  let shift = 0
  // From the best band down: the shift never falls with the quality.
  for (const band of CENTRES.keys().toArray().toReversed()) {
    const quality = CENTRES[band] ?? 0
    const wanted = cosineAtRate(counts[band] ?? new Float64Array())
    if (quality >= GOOD || wanted === null) continue
    shift = Math.max(shift, Math.round((wanted - operatingPoint) * STEPS) / STEPS)
    points.unshift({ quality, shift })
  }
  return points as unknown as QualityShift
}

/** What is told of by a damage; each makes strangers alike. */
const DAMAGED = ['bar over the eyes', 'bar over the mouth', 'noise']
/** Both faces as damaged as this: in proportion to it the shift is learnt. */
const LEAST_DAMAGE = 0.5

/**
 * How much more alike two damaged faces must be beyond that, so that even where both have the same damage one pair in 100,000
 * is taken for one person: of the kinds of damage that wants the most.
 */
export function learnDamageShift(
  faces: readonly RatedFace[],
  judged: { readonly operatingPoint: number; readonly qualityShift: QualityShift },
): number {
  const { operatingPoint, ...shift } = judged
  const wanted = DAMAGED.map((kind) => {
    const own = faces.filter((face) => face.kind === kind && face.damage >= LEAST_DAMAGE)
    const counts = new Float64Array(2 * STEPS + 1)
    eachStrangers(own, (one, other, cosine) => {
      const beyond = Math.max(-1, cosine - pairShift(shift, one, other))
      const place = Math.round((beyond + 1) * STEPS)
      counts[place] = (counts[place] ?? 0) + 1
    })
    return (cosineAtRate(counts) ?? operatingPoint) - operatingPoint
  })
  return Math.round(Math.max(0, ...wanted) * STEPS) / STEPS
}

/** Counted where there are pairs enough, and else where the fit through what was counted leads. Null: too few pairs. */
function cosineAtRate(counts: Float64Array): number | null {
  const pairs = counts.reduce((sum, count) => sum + count, 0)
  const least = Math.log10(LEAST_PAIRS / Math.max(1, pairs))
  if (least <= RATE_TEN) return cosineOfTen(counts, 10 ** RATE_TEN * pairs)
  const tens: number[] = []
  for (let ten = FROM_TEN; ten >= least; ten -= STEP_TEN) tens.push(ten)
  if (tens.length < 5) return null
  const points = tens.map((ten) => [cosineOfTen(counts, 10 ** ten * pairs), ten] as const)
  const fitted = fitParabola(points).inverse(RATE_TEN)
  const [last = 0] = points.at(-1) ?? []
  return fitted > last ? fitted : straightOn(points)
}

/** Where no falling parabola fits: as the last two tens lead, which is too strict if anything, since rates fall ever faster. */
function straightOn(points: readonly (readonly [number, number])[]): number {
  const [from, to] = [points.at(-5) ?? [0, 0], points.at(-1) ?? [0, 0]]
  return to[0] + ((RATE_TEN - to[1]) * (to[0] - from[0])) / (to[1] - from[1])
}

/** The cosine that so many of the counted pairs reach. */
function cosineOfTen(counts: Float64Array, wanted: number): number {
  let above = 0
  for (let place = counts.length - 1; place >= 0; place--) {
    above += counts[place] ?? 0
    if (above > wanted) return place / STEPS - 1
  }
  return -1
}

export interface BandFigures {
  readonly name: string
  readonly pairs: number
  /** Pairs of strangers within distance 1, without the shift and with it. */
  readonly before: number
  readonly after: number
}

interface Judged {
  readonly operatingPoint: number
  readonly shift: PairShift
}

/** Strangers within distance 1, by the quality of the better face, and where both have the same damage. */
export function countStrangers(
  faces: readonly RatedFace[],
  judged: Judged,
): { readonly bands: readonly BandFigures[]; readonly kinds: readonly BandFigures[] } {
  const { operatingPoint, shift } = judged
  const tables = { bands: new Map<string, Counted>(), kinds: new Map<string, Counted>() }
  const count = (table: Map<string, Counted>, name: string, near: { isNear: boolean; stays: boolean }) => {
    const known = table.get(name) ?? { pairs: 0, before: 0, after: 0 }
    if (known.pairs === 0) table.set(name, known)
    known.pairs++
    if (near.isNear) known.before++
    if (near.stays) known.after++
  }
  eachStrangers(faces, (one, other, cosine) => {
    const isNear = cosine >= operatingPoint
    const stays = isNear && cosine >= operatingPoint + pairShift(shift, one, other)
    count(tables.bands, bandName(Math.max(one.quality, other.quality)), { isNear, stays })
    if (one.kind === other.kind) count(tables.kinds, one.kind, { isNear, stays })
  })
  const figures = (table: Map<string, Counted>): BandFigures[] =>
    [...table].map(([name, counted]) => ({ name, ...counted })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return { bands: figures(tables.bands), kinds: figures(tables.kinds) }
}

/** Pairs, and those within distance 1 without the shift and with it. */
interface Counted {
  pairs: number
  before: number
  after: number
}

const BANDS = ['00 to 20', '20 to 40', '40 to 60', '60 to 80', '80 to 100'] as const

function bandName(quality: number): string {
  return BANDS[Math.min(4, Math.floor(quality / 20))] ?? BANDS[0]
}

/** Photos of one person within distance 1 of the enrolled one, without the shift and with it. */
export function countMates(faces: readonly RatedFace[], judged: Judged): readonly BandFigures[] {
  const { operatingPoint, shift } = judged
  const enrolled = new Map(faces.flatMap((face) => (face.role === 'gallery' ? [[face.person, face]] : [])))
  const rows = faces.flatMap((face) => {
    const own = enrolled.get(face.person)
    if (face.role !== 'probe' || own === undefined) return []
    const cosine = cosineOf(face.descriptor, own.descriptor)
    const point = operatingPoint + pairShift(shift, face, own)
    const name = face.kind === 'clean' ? 'as they are' : 'made worse'
    return [{ name, before: cosine >= operatingPoint ? 1 : 0, after: cosine >= point ? 1 : 0 }]
  })
  return [...Map.groupBy(rows, ({ name }) => name)].map(([name, own]) => ({
    name,
    pairs: own.length,
    before: own.reduce((sum, { before }) => sum + before, 0),
    after: own.reduce((sum, { after }) => sum + after, 0),
  }))
}
