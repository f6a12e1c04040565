import type { Descriptor } from '../descriptor.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import { identify } from '../identification/identify.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { addImage } from '../images/add-image.ts'
import { withinRoom } from '../images/enrollment-room.ts'
import { sha256Hex } from '../images/read-picture.ts'
import type { EngineWork, FaceEngine } from '../ports/face-engine.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { faultOfRowPicture, judgeRowFace } from './judge-row-face.ts'
import { personDeleted, personOfRow, type RowWork, writePersonOfRow } from './person-of-row.ts'
import type { LikePerson, RowFace, RowOutcome } from './row-outcome.ts'
import { type RowPictureBytes, samePicture } from './same-picture.ts'

export interface EnrollRowDeps {
  readonly gallery: GalleryPorts
  readonly engine: FaceEngine
  readonly imports: Pick<ImportStore, 'rows' | 'persons'>
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
 * E_STORAGE_FULL before the work where that is known.
 */
export function enrollRow(deps: EnrollRowDeps, job: RowJob, work: EngineWork): Promise<RowOutcome> {
  const carryOut = () => carryOutRow(deps, job, work)
  return job.policies.dryRun ? carryOut() : withinRoom(deps.gallery.room, carryOut)
}

async function carryOutRow(deps: EnrollRowDeps, job: RowJob, work: EngineWork): Promise<RowOutcome> {
  const person = await personOfRow(deps, job, work)
  if (person.is === 'impossible') return person.outcome
  const { personId } = person
  const { picture, policies } = job
  const seen = picture === null ? null : await lookAt(deps, { ...job, picture, personId }, work)
  if (seen !== null && seen.is === 'refused') return seen.outcome
  if (!policies.dryRun) {
    const refused = await writePersonOfRow(deps.gallery, { ...job, person }, work)
    if (refused !== null) return refused
  }
  if (seen === null || picture === null) return { kind: 'person-written', personId }
  if (policies.dryRun) return enrolled({ personId, imageId: null, seen })
  return addSeen(deps.gallery, { imageId: imageIdOf(job), picture: picture.shrunk, personId, seen })
}

/** A face that is to be enrolled, with what is told of it. */
interface SeenFace {
  readonly is: 'seen'
  readonly descriptor: Descriptor
  readonly contentType: string
  readonly face: RowFace
  readonly likePerson: LikePerson | null
}

type Looked = SeenFace | { readonly is: 'refused'; readonly outcome: RowOutcome }
type PictureJob = RowJob & { readonly picture: RowPictureBytes; readonly personId: PersonId }

/** Judges a picture by the import's policies, the cheapest first; nothing is written but its digest. */
async function lookAt(deps: EnrollRowDeps, job: PictureJob, work: EngineWork): Promise<Looked> {
  const { policies, picture } = job
  const same = await samePicture(deps, job, work)
  if (same !== null) return { is: 'refused', outcome: same }
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
  const likePerson = await likePersonOf(deps, { ...job, descriptor }, work)
  if (likePerson !== null && policies.samePerson === 'refuse')
    return { is: 'refused', outcome: { kind: 'same-person', likePerson, face } }
  return { is: 'seen', descriptor, contentType: report.picture.contentType, face, likePerson }
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
  readonly seen: SeenFace
}

/** A caller who leaves must not stop this half way. What a crash leaves, the reconciler finishes. */
async function addSeen(gallery: GalleryPorts, addition: Addition): Promise<RowOutcome> {
  const { imageId, picture, personId, seen } = addition
  const { descriptor, contentType } = seen
  const draft = {
    id: imageId,
    personId,
    contentType,
    bytes: picture.byteLength,
    sha256: sha256Hex(picture),
    createdAt: gallery.clock.now(),
    descriptor,
  }
  const added = await addImage(gallery, { draft, picture })
  if (added.outcome === 'added') return enrolled({ personId, imageId, seen })
  if (added.outcome === 'person-not-found') return personDeleted()
  return { kind: 'failed', why: 'the image was deleted before it was complete', isPassing: false }
}

function enrolled(
  given: Omit<Addition, 'imageId' | 'picture'> & { readonly imageId: ImageId | null },
): RowOutcome {
  const { personId, imageId, seen } = given
  const like = seen.likePerson === null ? {} : { likePerson: seen.likePerson }
  return { kind: 'enrolled', personId, imageId, face: seen.face, ...like }
}

/** A claimed row has one: see `ImportRows.claim`. */
function imageIdOf({ row }: RowJob): ImageId {
  if (row.imageId === null) throw new Error('a row is worked on that nobody has claimed')
  return row.imageId
}
