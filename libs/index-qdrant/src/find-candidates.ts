import {
  type Candidate,
  type CandidatePerson,
  cosineBetween,
  type Descriptor,
  type ImageId,
  type IndexQuery,
  type PersonId,
  roundCosine,
} from '@semblance/core'
import type { PointScope } from './point-filter.ts'

/** A point by Qdrant's own reckoning. */
export interface ScoredPoint {
  readonly imageId: ImageId
  readonly personId: PersonId
  /** Qdrant's score, within `SCORE_TOLERANCE` of the cosine on our grid. */
  readonly score: number
  /** The descriptor, read together with the person; null unless it was asked for. */
  readonly descriptor: Descriptor | null
}

/** A point read in one piece: the person and the descriptor belong together, whatever is written meanwhile. */
export interface StoredPoint {
  readonly imageId: ImageId
  readonly personId: PersonId
  readonly descriptor: Descriptor
}

export interface NearestQuestion {
  readonly scope: PointScope
  readonly minScore: number
  readonly limit: number
  /** Descriptors that come along need no later read, but many are dear: 5.6 KB each with 512 numbers. */
  readonly withDescriptors: boolean
}

export interface PointSource {
  /** The nearest ones at or above `minScore`, best first, fewer than `limit` only if there are no more. */
  nearest(question: NearestQuestion): Promise<readonly ScoredPoint[]>
  /** Answers the points that exist, in any order. */
  read(imageIds: readonly ImageId[]): Promise<readonly StoredPoint[]>
}

/** Half a step of the grid, and what sums of 512 float32 products differ by in another order (1e-7 measured). */
const SCORE_TOLERANCE = 2e-6
/** A score further off means that the point was replaced between two looks. */
const REPLACED_TOLERANCE = 1e-4
const MAX_LOOKS = 3
const FIRST_POINTS = 32
const MORE_POINTS = 4
/** Points of one question; the next one leaves out the persons seen. */
const MAX_POINTS = 4_096
const MAX_DESCRIPTORS = 128

/**
 * Answers distinct persons, complete and in the contract's order. Qdrant ranks points by float32 sums, with ties in any
 * order, so it only narrows down: first the persons who can be among the best, then their best images, with a margin
 * each time; the answer is reckoned from the descriptors themselves, as the other shape does.
 */
export async function findCandidates(
  source: PointSource,
  probe: Descriptor,
  query: IndexQuery,
): Promise<readonly CandidatePerson[]> {
  for (let looks = 1; ; looks++) {
    const finalists = await findFinalists(source, query)
    const exact = (await readFinalists(source, finalists)).map(({ imageId, personId, descriptor }) => ({
      personId,
      imageId,
      cosine: cosineBetween(probe, descriptor),
    }))
    // It looks once more, since what was replaced or removed in between may have kept somebody out.
    if (looks < MAX_LOOKS && !agree(finalists, exact)) continue
    return rank(exact, query)
  }
}

async function readFinalists(
  source: PointSource,
  finalists: readonly ScoredPoint[],
): Promise<readonly StoredPoint[]> {
  const [read, unread]: [StoredPoint[], ImageId[]] = [[], []]
  for (const { imageId, personId, descriptor } of finalists) {
    if (descriptor === null) unread.push(imageId)
    else read.push({ imageId, personId, descriptor })
  }
  return unread.length === 0 ? read : [...read, ...(await source.read(unread))]
}

function agree(finalists: readonly ScoredPoint[], exact: readonly Candidate[]): boolean {
  const cosines = new Map(exact.map(({ imageId, cosine }) => [imageId, cosine]))
  return finalists.every(({ imageId, score }) => {
    const cosine = cosines.get(imageId)
    return cosine !== undefined && Math.abs(cosine - score) <= REPLACED_TOLERANCE
  })
}

/** Every image that may be in the answer, and few others. */
async function findFinalists(source: PointSource, query: IndexQuery): Promise<readonly ScoredPoint[]> {
  const { best, all } = await findPersons(source, query)
  const ranked = [...best].toSorted(([, a], [, b]) => b - a)
  const cut = (ranked[query.limit - 1]?.[1] ?? Number.NEGATIVE_INFINITY) - 2 * SCORE_TOLERANCE
  const persons = ranked.filter(([, score]) => score >= cut).map(([personId]) => personId)
  const images =
    all !== null ? groupByPerson(all, new Set(persons)) : await findImages(source, query, persons)
  return [...images.values()].flatMap((points) => {
    const lowest = points[query.imagesPerPerson - 1]?.score ?? Number.NEGATIVE_INFINITY
    return points.filter(({ score }) => score >= lowest - 2 * SCORE_TOLERANCE)
  })
}

interface PersonsFound {
  /** Each person's best score. */
  readonly best: ReadonlyMap<PersonId, number>
  /** Every point there is, if the first question answered them all. */
  readonly all: readonly ScoredPoint[] | null
}

/** Asks until `limit` persons stand clearly ahead of whatever was not answered, leaving out those seen already. */
async function findPersons(source: PointSource, query: IndexQuery): Promise<PersonsFound> {
  const best = new Map<PersonId, number>()
  const minScore = roundCosine(query.minCosine) - SCORE_TOLERANCE
  // Strangers' cosines lie around 0, so a threshold above leaves few points to answer, however many are wanted, and most of them are
  // finalists.
  const leavesFew = query.minCosine > 0
  const most = Math.max(FIRST_POINTS, 2 * query.limit)
  let limit = leavesFew ? FIRST_POINTS : most
  let withDescriptors = leavesFew
  for (let round = 1; ; round++) {
    const except = [...query.exclude, ...best.keys()]
    const scope = { filter: query.filter, only: null, except }
    const points = await source.nearest({ scope, minScore, limit, withDescriptors })
    for (const { personId, score } of points)
      if (score > (best.get(personId) ?? Number.NEGATIVE_INFINITY)) best.set(personId, score)
    const last = points.at(-1)
    if (last === undefined || points.length < limit) return { best, all: round === 1 ? points : null }
    const isAhead = (score: number) => score > last.score + 2 * SCORE_TOLERANCE
    if ([...best.values()].filter(isAhead).length >= query.limit) return { best, all: null }
    limit = Math.min(Math.max(limit * MORE_POINTS, most), MAX_POINTS)
    withDescriptors = false
  }
}

/** The images of these persons, best first: all, or at least those that stand among the best ones of each. */
async function findImages(
  source: PointSource,
  query: IndexQuery,
  persons: readonly PersonId[],
): Promise<ReadonlyMap<PersonId, readonly ScoredPoint[]>> {
  const images = new Map<PersonId, readonly ScoredPoint[]>()
  const minScore = roundCosine(query.minCosine) - SCORE_TOLERANCE
  let open = persons
  let limit = Math.max(FIRST_POINTS, 4 * persons.length, 2 * query.imagesPerPerson)
  while (open.length > 0) {
    const scope = { filter: query.filter, only: open, except: query.exclude }
    const withDescriptors = limit <= MAX_DESCRIPTORS
    const points = await source.nearest({ scope, minScore, limit, withDescriptors })
    for (const [personId, own] of groupByPerson(points, new Set(open))) images.set(personId, own)
    const last = points.at(-1)
    if (last === undefined || points.length < limit) break
    open = open.filter((personId) => {
      const ahead = (images.get(personId) ?? []).filter((at) => at.score > last.score + 2 * SCORE_TOLERANCE)
      return ahead.length < query.imagesPerPerson
    })
    // No upper limit: images that tie can only be told apart by seeing them all.
    limit *= MORE_POINTS
  }
  return images
}

function groupByPerson(
  points: readonly ScoredPoint[],
  persons: ReadonlySet<PersonId>,
): Map<PersonId, readonly ScoredPoint[]> {
  const wanted = points.filter(({ personId }) => persons.has(personId))
  const sorted = wanted.toSorted((a, b) => b.score - a.score)
  return Map.groupBy(sorted, ({ personId }) => personId)
}

function rank(exact: readonly Candidate[], query: IndexQuery): readonly CandidatePerson[] {
  const floor = roundCosine(query.minCosine)
  const excluded = new Set(query.exclude)
  const passing = exact.filter(({ cosine, personId }) => cosine >= floor && !excluded.has(personId))
  const sorted = passing.toSorted((a, b) => b.cosine - a.cosine || compareText(a.imageId, b.imageId))
  return [...Map.groupBy(sorted, ({ personId }) => personId)]
    .map(([personId, images]) => ({ personId, images: images.slice(0, query.imagesPerPerson) }))
    .toSorted((a, b) => bestOf(b) - bestOf(a) || compareText(a.personId, b.personId))
    .slice(0, query.limit)
}

function bestOf({ images }: CandidatePerson): number {
  return images[0]?.cosine ?? Number.NEGATIVE_INFINITY
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
