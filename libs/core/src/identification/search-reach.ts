import { cosineAt, distanceOf, type Pairing } from '../calibration.ts'
import { roundCosine } from '../descriptor.ts'
import { packUnmeasured } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import { cosineAtRate, falseMatchRateAt, falseMatchRateFor, type ImpostorTail } from '../impostor-tail.ts'
import type { FaceEngine } from '../ports/face-engine.ts'
import type { Waiting } from '../ports/waiting.ts'
import { countSearched } from './count-searched.ts'
import type { IdentifyQuery } from './identify.ts'

/** How far a search went that was asked for a share of false positives. */
export interface SearchReach {
  /** The greatest distance that counted, 0..2. */
  readonly threshold: number
  /** How many images of strangers are to be expected within it, for each face searched with. */
  readonly expectedFalseMatches: number
}

interface ReachDeps {
  readonly gallery: Pick<GalleryPorts, 'records' | 'index' | 'clock'>
  readonly engine: Pick<FaceEngine, 'calibration' | 'packId'>
}

interface Aim {
  /** How the descriptors of both sides were made. */
  readonly pairing: Pairing
  /** Descriptors that are searched with; whoever is nearest to any of them counts. 1 if left out. */
  readonly probes?: number
}

type Aimed<Query> = { readonly query: Query; readonly reach: SearchReach | null }

/**
 * Turns `targetFpir`, if the query has one, into the distance for the images that it lets through. Each image counts as a
 * comparison of its own: of several images of one person that says a little too much, which errs on the strict side.
 * @throws AppError E_PACK_UNMEASURED if nobody has measured how strangers compare by this pack
 */
export async function aimSearch<Query extends IdentifyQuery>(
  { gallery, engine }: ReachDeps,
  { query, pairing, probes = 1 }: Aim & { readonly query: Query },
  waiting?: Waiting,
): Promise<Aimed<Query>> {
  const { targetFpir } = query
  if (targetFpir === undefined) return { query, reach: null }
  const operatingPoint = engine.calibration[pairing]
  const tail = engine.calibration.impostorTails?.[pairing]
  if (tail === undefined) throw packUnmeasured(engine.packId)
  const images = await countSearched(gallery, query, waiting)
  const comparisons = images * probes
  const threshold = thresholdFor(falseMatchRateFor(targetFpir, comparisons), tail, operatingPoint)
  const rate = falseMatchRateAt(cosineAt(threshold, operatingPoint), tail)
  return { query: { ...query, threshold }, reach: { threshold, expectedFalseMatches: comparisons * rate } }
}

/** On the grid of distances, so that a search with the distance that is answered finds the same. */
function thresholdFor(falseMatchRate: number, tail: ImpostorTail, operatingPoint: number): number {
  return roundCosine(distanceOf(cosineAtRate(falseMatchRate, tail), operatingPoint))
}
