import type { Descriptor } from '../descriptor.ts'
import { comparedQuality } from '../detection/face-quality.ts'
import { needsOfGate } from '../detection/quality-gate.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import { identify } from '../identification/identify.ts'
import { probeOf } from '../identification/probe.ts'
import type { EngineWork, FaceEngine } from '../ports/face-engine.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { faultOfRowPicture, judgeRowFace } from './judge-row-face.ts'
import { descriptorOfExport, judgeRestoredImage } from './restore-image.ts'
import type { LikePerson, RowFace, RowOutcome } from './row-outcome.ts'
import type { RestoredImage } from './row-restore.ts'
import { type PictureOfPerson, samePicture } from './same-picture.ts'

export interface LookDeps {
  readonly gallery: GalleryPorts
  readonly engine: FaceEngine
  readonly imports: Pick<ImportStore, 'rows'>
}

/** A face that is to be enrolled, with what is told of it. */
export interface SeenFace {
  readonly is: 'seen'
  readonly descriptor: Descriptor
  /** 0 to 100; null: nobody judged it. */
  readonly quality: number | null
  /** 0 to 1; null or left out: nobody knows. */
  readonly damage?: number | null
  readonly contentType: string
  readonly face: RowFace | null
  readonly origin: DescriptorOrigin
}

/** Told of the descriptor of a restored image; empty for others. */
type DescriptorOrigin = Pick<Extract<RowOutcome, { kind: 'enrolled' }>, 'descriptorFrom' | 'why'>

export type Looked = SeenFace | { readonly is: 'refused'; readonly outcome: RowOutcome }
export interface PictureJob extends PictureOfPerson {
  /** The distance, 0..2, within which another person's face counts as the same person's. */
  readonly threshold: number
}

/** Judges a picture by the import's policies, the cheapest first; nothing is written but its digest. */
export async function lookAtPicture(deps: LookDeps, job: PictureJob, work: EngineWork): Promise<Looked> {
  const image = job.row.restore?.image
  const same =
    image === undefined
      ? await samePicture(deps, job, work)
      : await judgeRestoredImage(deps.gallery, { ...job, image, picture: job.picture.sent }, work)
  if (same !== null) return { is: 'refused', outcome: same }
  return image === undefined ? findFace(deps, job, work) : faceOfExport(deps, { ...job, image }, work)
}

/** The face of an image that is brought back: by the descriptor that came with it, or else by its picture. */
async function faceOfExport(
  deps: LookDeps,
  job: PictureJob & { readonly image: RestoredImage },
  work: EngineWork,
): Promise<Looked> {
  const { image, picture, policies } = job
  const came = descriptorOfExport(deps.engine, { image, picture: picture.sent }, policies)
  if (came.is === 'refused') return came
  if (came.is === 'taken') {
    const { descriptor, judged, contentType } = came
    return {
      is: 'seen',
      descriptor,
      ...judged,
      contentType,
      face: null,
      origin: { descriptorFrom: 'export' },
    }
  }
  const found = await findFace(deps, job, work)
  return found.is === 'refused' ? found : { ...found, origin: { descriptorFrom: 'picture', why: came.why } }
}

/** Has the engine find and describe the face, and holds it against the import's policies. */
async function findFace(
  deps: LookDeps,
  { policies, picture }: PictureJob,
  work: EngineWork,
): Promise<Looked> {
  const report = await deps.engine.findFaces(
    picture.shrunk,
    {
      faces: policies.faces === 'largest' ? 'all' : 'central',
      effort: 'rich',
      crop: null,
      examineFirst: true,
      // A picture of a crowd must not be taken for that of one person.
      countsEveryFace: policies.faces === 'one' || needsOfGate(policies.quality).countsEveryFace,
    },
    work,
  )
  if (report.outcome === 'no-face') return { is: 'refused', outcome: { kind: 'no-face' } }
  if (report.outcome !== 'faces') return { is: 'refused', outcome: faultOfRowPicture(report) }
  const judged = judgeRowFace(report, policies)
  if (judged.is === 'refused') return judged
  const { face } = judged
  const [{ descriptor, quality }] = report.faces
  const { contentType } = report.picture
  return { is: 'seen', descriptor, ...comparedQuality(quality), contentType, face, origin: {} }
}

/** The nearest other person of the gallery within the threshold; null if there is none, or nobody asked. */
export async function likePersonOf(
  deps: Pick<LookDeps, 'gallery' | 'engine'>,
  job: Omit<PictureJob, 'picture' | 'hasRecord'> & Pick<SeenFace, 'descriptor' | 'quality' | 'damage'>,
  waiting: Waiting,
): Promise<LikePerson | null> {
  const { policies, personId, threshold } = job
  if (policies.samePerson === 'off') return null
  const probe = probeOf(deps.engine.calibration, 'richRich', job)
  const query = { groupIds: [], field: null, threshold, limit: 1, exclude: [personId] }
  const [nearest] = await identify(deps.gallery, { probe, query }, waiting)
  return nearest === undefined ? null : { personId: nearest.person.id, distance: nearest.images[0].distance }
}
