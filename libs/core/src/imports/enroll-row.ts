import { staleId } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { addImage } from '../images/add-image.ts'
import { withinRoom } from '../images/enrollment-room.ts'
import { sha256Hex } from '../images/read-picture.ts'
import type { Person } from '../persons/person.ts'
import type { EngineWork, FaceEngine } from '../ports/face-engine.ts'
import type { ImportStore } from '../ports/import-store.ts'
import { personKeyOf } from './import-row.ts'
import { likePersonOf, lookAtPicture, type SeenFace } from './look-at-picture.ts'
import { personOfRow, type RowWork } from './person-of-row.ts'
import { restoreGroup } from './restore-group.ts'
import { otherImage } from './restore-image.ts'
import { restorePerson } from './restore-person.ts'
import { comparedAlone, withPictureAlone } from './row-leases.ts'
import { type LikePerson, PERSON_DELETED, ROW_OF_DELETED, type RowOutcome } from './row-outcome.ts'
import { deletedHere, isPersonDeletedHere, type RestoredImage } from './row-restore.ts'
import type { RowPictureBytes } from './same-picture.ts'
import { settleDeleted, unlessMerged } from './settle-deleted.ts'
import { writePersonOfRow } from './write-person-of-row.ts'

export interface EnrollRowDeps {
  readonly gallery: GalleryPorts
  readonly engine: FaceEngine
  readonly imports: Pick<ImportStore, 'rows' | 'persons'>
  /** Called once all work of this machine is done, and what is left waits for stores; they are written to once it resolves. */
  readonly onWriting?: () => Promise<void>
}

/** Its import was deleted, or its person, who is taken out of all imports by whoever deletes them. Nobody is told. */
const ROW_GONE = { kind: 'failed', why: 'the row is gone', isPassing: false } as const satisfies RowOutcome

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
  const carryOut = async () => {
    const outcome = await carryOutRow(deps, job, work)
    if (outcome === PERSON_DELETED) return settleDeleted(deps, job, work)
    return isPersonDeletedHere(outcome) ? unlessMerged(deps, { job, outcome }, work) : outcome
  }
  return job.policies.dryRun ? carryOut() : withinRoom(deps.gallery.room, carryOut)
}

async function carryOutRow(deps: EnrollRowDeps, job: RowJob, work: EngineWork): Promise<RowOutcome> {
  const { picture, policies, row } = job
  const { group, person: restored } = row.restore ?? {}
  if (group !== undefined) return restoreGroup(deps.gallery, { ...job, group }, work)
  const person = await personOfRow(deps, job, work)
  if (person.is === 'impossible') return person.outcome
  const { personId, hasRecord } = person
  const seen =
    picture === null ? null : await lookAtPicture(deps, { ...job, picture, personId, hasRecord }, work)
  // In a dry run nobody has the id of a person who would be made.
  const isNobody = policies.dryRun && person.is === 'to-be-made'
  if (seen !== null && seen.is === 'refused') return isNobody ? withoutIds(seen.outcome) : seen.outcome
  await deps.onWriting?.()
  const write = async (likePerson: LikePerson | null): Promise<RowOutcome> => {
    const ended = policies.dryRun ? null : await outcomeMeanwhile(deps, job, work)
    if (ended !== null) return ended
    const written =
      restored === undefined
        ? await writePersonOfRow(deps.gallery, { ...job, person }, work)
        : await restorePerson(deps, { ...job, personId, restored }, work)
    if (written.is === 'refused') return written.outcome
    const toldId = isNobody ? null : personId
    if (seen === null || picture === null) return { kind: 'person-written', personId: toldId }
    if (policies.dryRun) return enrolled({ personId: toldId, imageId: null, seen, likePerson })
    const restoredImage = row.restore?.image
    const imageId = restoredImage?.id ?? imageIdOf(job)
    const { person: known } = written
    const addition = { imageId, picture: picture.shrunk, personId, person: known, seen, restoredImage }
    return addSeen(deps.gallery, { ...addition, likePerson })
  }
  if (seen === null || picture === null) return write(null)
  const writeSeen = () => unlikeOthers(deps, { ...job, personId, seen, write }, work)
  return withPictureAlone(deps, { ...job, picture, personId, write: writeSeen }, work)
}

/**
 * How the row ended while it was looked at; null: it has not, or nobody asks. Of a row of an export somebody may have taken it for one
 * that nobody works on; the id of the image of any other row is used up then. Of a row that was erased with its person, the picture
 * must not come to somebody who was made since, for rows that came later.
 */
async function outcomeMeanwhile(
  { imports }: EnrollRowDeps,
  { importId: id, row }: RowJob,
  work: EngineWork,
): Promise<RowOutcome | null> {
  const now = await imports.rows.find(id, row.key, work)
  const isThere = now?.position === row.position
  if (row.restore?.image !== undefined) return isThere ? now.outcome : ROW_GONE
  if (isThere) return null
  // It may have been bound after that, and nobody would ever look for it.
  const bound = await imports.persons.find(id, personKeyOf(row.person), work)
  if (bound !== null) await imports.persons.unbind({ id, ...bound }, work)
  return ROW_OF_DELETED
}

interface SeenRow extends RowJob {
  readonly personId: PersonId
  readonly seen: SeenFace
  readonly write: (likePerson: LikePerson | null) => Promise<RowOutcome>
}

/** Compares the face with those of others, where the policy asks for it, and has the row written. */
async function unlikeOthers(deps: EnrollRowDeps, row: SeenRow, work: EngineWork): Promise<RowOutcome> {
  const { policies, personId, seen, write } = row
  const compared = async () => {
    const likePerson = await likePersonOf(deps, { ...row, ...seen, personId }, work)
    if (likePerson === null || policies.samePerson !== 'refuse') return write(likePerson)
    return { kind: 'same-person', likePerson, face: seen.face } as const
  }
  if (policies.samePerson === 'off' || policies.dryRun) return compared()
  return comparedAlone(deps.gallery, compared, work)
}

interface Addition {
  readonly imageId: ImageId
  readonly picture: Uint8Array
  readonly personId: PersonId
  /** As last seen; null: it is to be looked at. */
  readonly person: Person | null
  readonly seen: SeenFace
  readonly restoredImage: RestoredImage | undefined
  readonly likePerson: LikePerson | null
}

/** A caller who leaves must not stop this half way. What a crash leaves, the reconciler finishes. */
async function addSeen(gallery: GalleryPorts, addition: Addition): Promise<RowOutcome> {
  const { imageId, picture, personId, person, seen, restoredImage, likePerson } = addition
  const { descriptor, quality, damage = null, contentType } = seen
  const draft = {
    id: imageId,
    personId,
    contentType,
    bytes: picture.byteLength,
    sha256: sha256Hex(picture),
    createdAt: Math.min(restoredImage?.createdAt ?? Number.POSITIVE_INFINITY, gallery.clock.now()),
    descriptor,
    quality,
    damage,
  }
  const isRestored = restoredImage !== undefined
  const added = await addImage(gallery, {
    draft,
    picture,
    ...(person === null ? {} : { person }),
    isRestored,
  })
  if (added.outcome === 'person-not-found') return isRestored ? deletedHere('person') : PERSON_DELETED
  if (added.outcome === 'image-not-found' && isRestored) return deletedHere('image')
  // Somebody else's image got the id while this one was looked at.
  if (added.outcome === 'added' && isRestored && added.image.sha256 !== draft.sha256) return otherImage()
  // Of whoever has the images by now, if the person was merged meanwhile.
  if (added.outcome === 'added')
    return enrolled({ personId: added.image.personId, imageId, seen, likePerson })
  // An earlier run of this row died half way, and what it left was withdrawn: its id is used up, and lets nobody in.
  throw staleId(imageId)
}

/** The same picture may come twice for somebody who would be made. */
function withoutIds(outcome: RowOutcome): RowOutcome {
  return outcome.kind === 'same-picture' ? { ...outcome, personId: null, imageId: null } : outcome
}

function enrolled(
  given: Pick<Addition, 'seen' | 'likePerson'> & {
    readonly personId: PersonId | null
    readonly imageId: ImageId | null
  },
): RowOutcome {
  const { personId, imageId, seen, likePerson } = given
  const like = likePerson === null ? {} : { likePerson }
  return { kind: 'enrolled', personId, imageId, face: seen.face, ...like, ...seen.origin }
}

/** A claimed row has one: see `ImportRows.claim`. */
function imageIdOf({ row }: RowJob): ImageId {
  if (row.imageId === null) throw new Error('a row is worked on that nobody has claimed')
  return row.imageId
}
