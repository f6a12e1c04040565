import type { Descriptor } from '../descriptor.ts'
import { staleId } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import { identify } from '../identification/identify.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { addImage } from '../images/add-image.ts'
import { withinRoom } from '../images/enrollment-room.ts'
import { sha256Hex } from '../images/read-picture.ts'
import type { Person } from '../persons/person.ts'
import type { EngineWork, FaceEngine } from '../ports/face-engine.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { faultOfRowPicture, judgeRowFace } from './judge-row-face.ts'
import { personDeleted, personOfRow, type RowWork, writePersonOfRow } from './person-of-row.ts'
import { restoreGroup } from './restore-group.ts'
import { descriptorOfExport, judgeRestoredImage, otherImage } from './restore-image.ts'
import { restorePerson } from './restore-person.ts'
import type { LikePerson, RowFace, RowOutcome } from './row-outcome.ts'
import { deletedHere, type RestoredImage } from './row-restore.ts'
import { type RowPictureBytes, samePicture } from './same-picture.ts'

export interface EnrollRowDeps {
  readonly gallery: GalleryPorts
  readonly engine: FaceEngine
  readonly imports: Pick<ImportStore, 'rows' | 'persons'>
  /** Called once all work of this machine is done, and what is left waits for stores: another row may be worked on. */
  readonly onWriting?: () => void
}

export interface RowJob extends RowWork {
  /** Null: the row is about the person alone. */
  readonly picture: RowPictureBytes | null
  /** The distance, 0..2, within which another person's face counts as the same person's. */
  readonly threshold: number
}

/**
 * Does what a row asks for, and tells what came of it. It may be run again after a crash at any step, in another process
 * too: the ids of the person and of the image stay those that the import's store has given, and each step has one effect. Throws
 * E_STORAGE_FULL before the work where that is known, and E_STALE_ID if nothing can come of the row's image id any more.
 */
export function enrollRow(deps: EnrollRowDeps, job: RowJob, work: EngineWork): Promise<RowOutcome> {
  const carryOut = () => carryOutRow(deps, job, work)
  return job.policies.dryRun ? carryOut() : withinRoom(deps.gallery.room, carryOut)
}

async function carryOutRow(deps: EnrollRowDeps, job: RowJob, work: EngineWork): Promise<RowOutcome> {
  const { picture, policies, row } = job
  const { group, person: restored } = row.restore ?? {}
  if (group !== undefined) return restoreGroup(deps.gallery, { ...job, group }, work)
  const person = await personOfRow(deps, job, work)
  if (person.is === 'impossible') return person.outcome
  const { personId, hasRecord } = person
  const seen = picture === null ? null : await lookAt(deps, { ...job, picture, personId, hasRecord }, work)
  if (seen !== null && seen.is === 'refused') return seen.outcome
  deps.onWriting?.()
  const written =
    restored === undefined
      ? await writePersonOfRow(deps.gallery, { ...job, person }, work)
      : await restorePerson(deps, { ...job, personId, restored }, work)
  if (written.is === 'refused') return written.outcome
  if (seen === null || picture === null) return { kind: 'person-written', personId }
  if (policies.dryRun) return enrolled({ personId, imageId: null, seen })
  const restoredImage = row.restore?.image
  const imageId = restoredImage?.id ?? imageIdOf(job)
  const addition = { imageId, picture: picture.shrunk, personId, person: written.person, seen, restoredImage }
  return addSeen(deps.gallery, addition)
}

/** A face that is to be enrolled, with what is told of it. */
interface SeenFace {
  readonly is: 'seen'
  readonly descriptor: Descriptor
  readonly contentType: string
  readonly face: RowFace | null
  readonly likePerson: LikePerson | null
  readonly origin: DescriptorOrigin
}

/** Told of the descriptor of a restored image; empty for others. */
type DescriptorOrigin = Pick<Extract<RowOutcome, { kind: 'enrolled' }>, 'descriptorFrom' | 'why'>

type Looked = SeenFace | { readonly is: 'refused'; readonly outcome: RowOutcome }
interface PictureJob extends RowJob {
  readonly picture: RowPictureBytes
  readonly personId: PersonId
  /** As `PersonOfRow` has it. */
  readonly hasRecord: boolean
}

/** Judges a picture by the import's policies, the cheapest first; nothing is written but its digest. */
async function lookAt(deps: EnrollRowDeps, job: PictureJob, work: EngineWork): Promise<Looked> {
  const image = job.row.restore?.image
  const same =
    image === undefined
      ? await samePicture(deps, job, work)
      : await judgeRestoredImage(deps.gallery, { ...job, image, picture: job.picture.sent }, work)
  if (same !== null) return { is: 'refused', outcome: same }
  const face =
    image === undefined ? await findFace(deps, job, work) : await faceOfExport(deps, { ...job, image }, work)
  if (face.is === 'refused') return face
  const likePerson = await likePersonOf(deps, { ...job, descriptor: face.descriptor }, work)
  if (likePerson !== null && job.policies.samePerson === 'refuse')
    return { is: 'refused', outcome: { kind: 'same-person', likePerson, face: face.face } }
  return { ...face, likePerson }
}

type FoundFace = Omit<SeenFace, 'likePerson'> | { readonly is: 'refused'; readonly outcome: RowOutcome }

/** The face of an image that is brought back: by the descriptor that came with it, or else by its picture. */
async function faceOfExport(
  deps: EnrollRowDeps,
  job: PictureJob & { readonly image: RestoredImage },
  work: EngineWork,
): Promise<FoundFace> {
  const { image, picture, policies } = job
  const came = descriptorOfExport(deps.engine, { image, picture: picture.sent }, policies)
  if (came.is === 'refused') return came
  if (came.is === 'taken') {
    const { descriptor, contentType } = came
    return { is: 'seen', descriptor, contentType, face: null, origin: { descriptorFrom: 'export' } }
  }
  const found = await findFace(deps, job, work)
  return found.is === 'refused' ? found : { ...found, origin: { descriptorFrom: 'picture', why: came.why } }
}

/** Has the engine find and describe the face, and holds it against the import's policies. */
async function findFace(
  deps: EnrollRowDeps,
  { policies, picture }: PictureJob,
  work: EngineWork,
): Promise<FoundFace> {
  const report = await deps.engine.findFaces(
    picture.shrunk,
    {
      faces: policies.faces === 'largest' ? 'all' : 'central',
      effort: 'rich',
      crop: null,
      examineCentral: true,
    },
    work,
  )
  if (report.outcome === 'no-face') return { is: 'refused', outcome: { kind: 'no-face' } }
  if (report.outcome !== 'faces') return { is: 'refused', outcome: faultOfRowPicture(report) }
  const judged = judgeRowFace(report, policies)
  if (judged.is === 'refused') return judged
  const { face } = judged
  const [{ descriptor }] = report.faces
  return { is: 'seen', descriptor, contentType: report.picture.contentType, face, origin: {} }
}

/** The nearest other person within the threshold; null if there is none, or nobody asked. */
async function likePersonOf(
  deps: EnrollRowDeps,
  job: PictureJob & { readonly descriptor: Descriptor },
  waiting: Waiting,
): Promise<LikePerson | null> {
  const { policies, descriptor, personId, threshold } = job
  if (policies.samePerson === 'off') return null
  const probe = { descriptor, operatingPoint: deps.engine.calibration.richRich }
  const query = { groupIds: [], field: null, threshold, limit: 1, exclude: [personId] }
  const [nearest] = await identify(deps.gallery, { probe, query }, waiting)
  return nearest === undefined ? null : { personId: nearest.person.id, distance: nearest.images[0].distance }
}

interface Addition {
  readonly imageId: ImageId
  readonly picture: Uint8Array
  readonly personId: PersonId
  /** As last seen; null: it is to be looked at. */
  readonly person: Person | null
  readonly seen: SeenFace
  readonly restoredImage: RestoredImage | undefined
}

/** A caller who leaves must not stop this half way. What a crash leaves, the reconciler finishes. */
async function addSeen(gallery: GalleryPorts, addition: Addition): Promise<RowOutcome> {
  const { imageId, picture, personId, person, seen, restoredImage } = addition
  const { descriptor, contentType } = seen
  const draft = {
    id: imageId,
    personId,
    contentType,
    bytes: picture.byteLength,
    sha256: sha256Hex(picture),
    createdAt: Math.min(restoredImage?.createdAt ?? Number.POSITIVE_INFINITY, gallery.clock.now()),
    descriptor,
  }
  const isRestored = restoredImage !== undefined
  const added = await addImage(gallery, {
    draft,
    picture,
    ...(person === null ? {} : { person }),
    isRestored,
  })
  if (added.outcome === 'person-not-found') return isRestored ? deletedHere('person') : personDeleted()
  if (added.outcome === 'image-not-found' && isRestored) return deletedHere('image')
  // Somebody else's image got the id while this one was looked at.
  if (added.outcome === 'added' && isRestored && added.image.sha256 !== draft.sha256) return otherImage()
  if (added.outcome === 'added') return enrolled({ personId, imageId, seen })
  // An earlier run of this row died half way, and what it left was withdrawn: its id is used up, and lets nobody in.
  throw staleId(imageId)
}

function enrolled(
  given: Pick<Addition, 'personId' | 'seen'> & { readonly imageId: ImageId | null },
): RowOutcome {
  const { personId, imageId, seen } = given
  const like = seen.likePerson === null ? {} : { likePerson: seen.likePerson }
  return { kind: 'enrolled', personId, imageId, face: seen.face, ...like, ...seen.origin }
}

/** A claimed row has one: see `ImportRows.claim`. */
function imageIdOf({ row }: RowJob): ImageId {
  if (row.imageId === null) throw new Error('a row is worked on that nobody has claimed')
  return row.imageId
}
