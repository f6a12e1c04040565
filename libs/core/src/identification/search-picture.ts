import { comparedQuality } from '../detection/face-quality.ts'
import { needsOfGate, type QualityGate } from '../detection/quality-gate.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { brokenBy, type LowQuality } from '../images/enroll-picture.ts'
import type {
  CropRequest,
  EngineWork,
  Face,
  FaceEngine,
  PictureFault,
  PictureInfo,
} from '../ports/face-engine.ts'
import type { ObserveStage } from '../ports/observer.ts'
import type { IdentifyQuery } from './identify.ts'
import { identifyFaces, type SearchedFace } from './identify-faces.ts'
import { type CreatedPerson, identifyOrCreate, type NewcomerOutcome } from './identify-or-create.ts'
import { probeOf } from './probe.ts'
import { aimSearch, type SearchReach } from './search-reach.ts'

/** Who is to be made if nobody is found. Ids come from the caller, so that a repeated job makes one person. */
export interface Newcomer {
  readonly personId: PersonId
  readonly imageId: ImageId
  readonly name: string
  readonly metadata: string
  readonly ttlSeconds: number | null
  /** What the face must comply with, or nobody is made; left out: every face will do. */
  readonly gate?: QualityGate | undefined
}

export interface SearchRequest extends IdentifyQuery {
  /** False: the most central face only. */
  readonly detectAll: boolean
  readonly crop: CropRequest | null
  readonly createPerson: Newcomer | null
}

export type SearchOutcome =
  | {
      readonly outcome: 'searched'
      readonly faces: readonly SearchedFace[]
      /** Null if the search was asked for a distance. */
      readonly reach: SearchReach | null
    }
  | { readonly outcome: 'created'; readonly created: CreatedPerson; readonly face: Face }
  | Exclude<NewcomerOutcome, { outcome: 'created' | 'found' }>
  /** Nobody was found, and the newcomer was not made. */
  | LowQuality
  | { readonly outcome: 'no-face' }
  | PictureFault

export interface SearchDeps {
  readonly gallery: GalleryPorts
  readonly engine: FaceEngine
  readonly observe: ObserveStage
}

/** Who is in this picture? With a newcomer given and nobody found: makes the person from this picture. */
export async function searchPicture(
  deps: SearchDeps,
  job: { readonly picture: Uint8Array; readonly request: SearchRequest },
  work: EngineWork,
): Promise<SearchOutcome> {
  const { picture } = job
  const { detectAll, crop, createPerson } = job.request
  const gate = createPerson?.gate ?? []
  const looks = gate.length === 0 ? {} : { examineFirst: true, ...needsOfGate(gate) }
  const report = await deps.engine.findFaces(
    picture,
    { faces: detectAll ? 'all' : 'central', effort: 'cheap', crop, ...looks },
    work,
  )
  if (report.outcome !== 'faces') return report.outcome === 'no-face' ? { outcome: 'no-face' } : report
  const { query: request, reach } = await aimSearch(deps, { query: job.request, pairing: 'richCheap' }, work)
  const faces = await identifyFaces(deps, { faces: report.faces, query: request }, work)
  const [first] = report.faces
  if (request.createPerson === null || !mayCreate(faces, request.createPerson))
    return { outcome: 'searched', faces, reach }
  // Whom an earlier run of this job made passed the gate then.
  const broken = faces.some(({ persons }) => persons.length > 0) ? [] : brokenBy(report, gate)
  if (broken.length > 0) return { outcome: 'low-quality', broken }
  return createNewcomer(
    deps,
    { picture, face: first, info: report.picture, request, reach, newcomer: request.createPerson },
    work,
  )
}

/** One face, and nobody found, or the very person that an earlier run of this job made. */
function mayCreate(faces: readonly SearchedFace[], newcomer: Newcomer): boolean {
  if (faces.length !== 1) return false
  const persons = faces.flatMap((face) => face.persons)
  return persons.length === 0 || persons.some(({ person }) => person.id === newcomer.personId)
}

async function createNewcomer(
  deps: SearchDeps,
  job: {
    readonly picture: Uint8Array
    readonly info: PictureInfo
    readonly face: Face
    readonly request: SearchRequest
    readonly reach: SearchReach | null
    readonly newcomer: Newcomer
  },
  work: EngineWork,
): Promise<SearchOutcome> {
  const { face, request, reach, newcomer, picture, info } = job
  const rich = await deps.engine.describeFace(picture, { face, effort: 'rich' }, work)
  const { descriptor } = face
  const compared = comparedQuality(face.quality)
  const probe = probeOf(deps.engine.calibration, 'richCheap', { descriptor, ...compared })
  const outcome = await identifyOrCreate(
    deps.gallery,
    {
      probe,
      query: request,
      newcomer,
      picture,
      contentType: info.contentType,
      descriptor: rich,
      ...compared,
    },
    work,
  )
  if (outcome.outcome === 'found')
    return { outcome: 'searched', faces: [{ face, persons: outcome.persons }], reach }
  if (outcome.outcome === 'created') return { outcome: 'created', created: outcome.created, face }
  return outcome
}
