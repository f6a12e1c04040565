import { comparedQuality } from '../detection/face-quality.ts'
import type { IdentifiedPerson, IdentifyQuery } from '../identification/identify.ts'
import { type IdentifyFacesDeps, identifyFaces } from '../identification/identify-faces.ts'
import { aimSearch, type SearchReach } from '../identification/search-reach.ts'
import type {
  CropRequest,
  EngineWork,
  Face,
  FaceEngine,
  FaceReport,
  PictureFault,
} from '../ports/face-engine.ts'
import { type Comparison, compareFaces, countPairs, type FaceToCompare } from './compare-faces.ts'

export interface PictureToCompare {
  /** What the answer calls it by. */
  readonly position: number
  readonly bytes: Uint8Array
  readonly faces: 'central' | 'all'
  /** Its faces are compared with one another, too. */
  readonly isComparedWithin: boolean
}

export interface CompareRequest {
  readonly crop: CropRequest | null
  /** Whom each face is looked for among; null: nobody is searched. */
  readonly search: IdentifyQuery | null
}

export interface ComparedFace {
  readonly face: Face
  /** Null if nobody was searched. */
  readonly persons: readonly IdentifiedPerson[] | null
}

export type ComparedPicture = { readonly position: number } & (
  | { readonly outcome: 'faces'; readonly faces: readonly ComparedFace[] }
  | { readonly outcome: 'no-face' }
  | PictureFault
)

export type CompareOutcome =
  /** Both lists are in the order in which the pictures were given. */
  | {
      readonly outcome: 'compared'
      readonly pictures: readonly ComparedPicture[]
      readonly comparisons: readonly Comparison[]
      /** How far was searched; null if nobody was, or if the search was asked for a distance. */
      readonly reach: SearchReach | null
    }
  | { readonly outcome: 'too-many-pairs'; readonly pairs: number; readonly maxPairs: number }

export interface CompareDeps extends IdentifyFacesDeps {
  readonly engine: FaceEngine
}

/**
 * The most pairs in an answer: two crowds of a hundred faces each. Their cosines take about 10 ms, here, on the event
 * loop.
 */
const MAX_PAIRS = 10_000

/**
 * Do these pictures show the same person, and, if a search is asked for, who is it? Each face is described once,
 * cheaply, for both. A picture that cannot be used keeps the others from nothing.
 */
export async function comparePictures(
  deps: CompareDeps,
  job: { readonly pictures: readonly PictureToCompare[]; readonly request: CompareRequest },
  work: EngineWork,
): Promise<CompareOutcome> {
  const { request } = job
  const reports = await Promise.all(
    job.pictures.map((picture) => findFaces(deps, { picture, request }, work)),
  )
  const faces = reports.flatMap(facesToCompare)
  const pairs = countPairs(faces)
  if (pairs > MAX_PAIRS) return { outcome: 'too-many-pairs', pairs, maxPairs: MAX_PAIRS }
  const { query, reach } = await aim(deps, request.search, work)
  const pictures: ComparedPicture[] = []
  for (const { picture, report } of reports) {
    const { position } = picture
    if (report.outcome === 'faces') {
      const { faces } = report
      const identified =
        query === null
          ? faces.map((face) => ({ face, persons: null }))
          : await identifyFaces(deps, { faces, query }, work)
      pictures.push({ position, outcome: 'faces', faces: identified })
    } else pictures.push({ position, ...(report.outcome === 'no-face' ? { outcome: 'no-face' } : report) })
  }
  const comparisons = compareFaces(faces, deps.engine.calibration)
  return { outcome: 'compared', pictures, comparisons, reach }
}

async function aim(deps: CompareDeps, query: IdentifyQuery | null, work: EngineWork) {
  if (query === null) return { query, reach: null }
  return aimSearch(deps, { query, pairing: 'richCheap' }, work)
}

interface ReportedPicture {
  readonly picture: PictureToCompare
  readonly report: FaceReport
}

async function findFaces(
  { engine }: CompareDeps,
  job: { readonly picture: PictureToCompare; readonly request: CompareRequest },
  work: EngineWork,
): Promise<ReportedPicture> {
  const { picture, request } = job
  const wanted = { faces: picture.faces, effort: 'cheap', crop: request.crop } as const
  return { picture, report: await engine.findFaces(picture.bytes, wanted, work) }
}

function facesToCompare({ picture, report }: ReportedPicture): readonly FaceToCompare[] {
  if (report.outcome !== 'faces') return []
  const { position, isComparedWithin } = picture
  return report.faces.map(({ descriptor, quality }, face) => ({
    picture: position,
    face,
    descriptor,
    ...comparedQuality(quality),
    isComparedWithin,
  }))
}
