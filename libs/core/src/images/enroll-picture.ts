import { type DetectedFace, judgeExamined } from '../detection/detect-faces.ts'
import { comparedQuality } from '../detection/face-quality.ts'
import { type BrokenLimit, judgeGate, needsOfGate, type QualityGate } from '../detection/quality-gate.ts'
import { checksOf } from '../detection/quality-profiles.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { findVisiblePerson } from '../persons/find-visible-person.ts'
import type { Person } from '../persons/person.ts'
import type { EngineWork, FaceEngine, FaceReport, PictureFault } from '../ports/face-engine.ts'
import { type AddImageOutcome, addImage } from './add-image.ts'
import { withinRoom } from './enrollment-room.ts'
import type { Image } from './image.ts'
import { sha256Hex } from './read-picture.ts'

/** The face by which a picture is found from now on. */
export interface EnrolledFace extends DetectedFace {
  /** Seen while it was looked for, itself among them; `ExaminedFirstFace` tells which are not. */
  readonly faceCount: number
}

export type EnrollOutcome =
  | {
      readonly outcome: 'added'
      readonly image: Image
      /** Null if what is enrolled is what an earlier run of this job got, and that were other bytes. */
      readonly enrolled: EnrolledFace | null
    }
  | Exclude<AddImageOutcome, { outcome: 'added' }>
  | { readonly outcome: 'no-face' }
  | LowQuality
  | PictureFault

/** The face breaks limits of the gate, so that nothing is stored. */
export interface LowQuality {
  readonly outcome: 'low-quality'
  /** At least one, in the order of the gate. */
  readonly broken: readonly BrokenLimit[]
}

/** What can be judged of any picture; the others are for portraits of a given format. */
const CHECKS = checksOf('recommended').filter(({ range }) => range !== null)

/**
 * Finds the central face, describes it richly and adds the picture to the person; nothing is stored without a face, or of one
 * that the gate refuses. Throws E_STORAGE_FULL before the work where that is known.
 */
export async function enrollPicture(
  deps: { readonly gallery: GalleryPorts; readonly engine: FaceEngine },
  job: {
    readonly imageId: ImageId
    readonly personId: PersonId
    readonly picture: Uint8Array
    /** Left out: every face is taken. */
    readonly gate?: QualityGate | undefined
  },
  work: EngineWork,
): Promise<EnrollOutcome> {
  const { gallery } = deps
  const { imageId, personId, picture, gate = [] } = job
  const person = await findVisiblePerson(gallery, personId, work)
  if (person === null) return { outcome: 'person-not-found' }
  return withinRoom(gallery.room, () => describeAndAdd(deps, { imageId, person, picture, gate }, work))
}

async function describeAndAdd(
  { gallery, engine }: { readonly gallery: GalleryPorts; readonly engine: FaceEngine },
  addition: {
    readonly imageId: ImageId
    readonly person: Person
    readonly picture: Uint8Array
    readonly gate: QualityGate
  },
  work: EngineWork,
): Promise<EnrollOutcome> {
  const { imageId, person, picture, gate } = addition
  const looks = { faces: 'central', effort: 'rich', crop: null, examineFirst: true } as const
  const report = await engine.findFaces(picture, { ...looks, ...needsOfGate(gate) }, work)
  if (report.outcome !== 'faces') return report.outcome === 'no-face' ? { outcome: 'no-face' } : report
  const broken = brokenBy(report, gate)
  if (broken.length > 0) return { outcome: 'low-quality', broken }
  const draft = {
    id: imageId,
    personId: person.id,
    contentType: report.picture.contentType,
    bytes: picture.byteLength,
    sha256: sha256Hex(picture),
    createdAt: gallery.clock.now(),
    descriptor: report.faces[0].descriptor,
    ...comparedQuality(report.faces[0].quality),
  }
  // A caller who leaves must not stop this half way from here on. What a crash leaves, the reconciler finishes.
  const outcome = await addImage(gallery, { draft, picture, person })
  if (outcome.outcome !== 'added') return outcome
  const isOurs = outcome.image.sha256 === draft.sha256
  return { ...outcome, enrolled: isOurs ? enrolledFaceOf(report) : null }
}

/** What of the gate the first face breaks. */
export function brokenBy(
  { examined, faces: [{ quality }] }: Extract<FaceReport, { outcome: 'faces' }>,
  gate: QualityGate,
): readonly BrokenLimit[] {
  return examined === undefined ? [] : judgeGate(gate, { examined, quality }).broken
}

function enrolledFaceOf({
  examined,
  faces: [described],
}: Extract<FaceReport, { outcome: 'faces' }>): EnrolledFace | null {
  if (examined === undefined) return null
  const { picture } = examined
  const { quality } = described
  const face = quality === undefined ? examined.face : { ...examined.face, quality }
  return { ...judgeExamined(picture, face, CHECKS), faceCount: picture.faceCount ?? 1 }
}
