import type { BackgroundWork } from './background-work.ts'
import type { Descriptor } from './descriptor.ts'
import type { PersonId } from './ids.ts'
import type { EnrollmentRoom } from './images/enrollment-room.ts'
import type { EnrolledImage } from './images/image.ts'
import { comparedName } from './persons/compared-name.ts'
import type { Person } from './persons/person.ts'
import type { Clock, NewId } from './ports/clock.ts'
import type { DescriptorIndex, IndexPayload } from './ports/descriptor-index.ts'
import type { Exclusive } from './ports/exclusive.ts'
import type { ImageStore } from './ports/image-store.ts'
import type { GoingPerson } from './ports/import-store.ts'
import type { ObserveDamage } from './ports/observe-damage.ts'
import type { DuplicatePairs } from './ports/operation-store.ts'
import type { RecordStore } from './ports/record-store.ts'
import type { Waiting } from './ports/waiting.ts'

/** Who is about to go. The external id is null where nobody could be found by it. */
export type GoingByName = Pick<Person, 'id' | 'externalId'> & Pick<GoingPerson, 'beforeMs' | 'insteadOf'>

/** The ports through which use cases reach one gallery: its records, vectors and pictures, and what changing them takes. */
export interface GalleryPorts {
  readonly records: RecordStore
  readonly index: DescriptorIndex
  readonly pictures: ImageStore
  readonly exclusive: Exclusive
  readonly clock: Clock
  readonly newId: NewId
  /** This is told of a fault in work that the reconciler will finish, and whose caller has its answer already. */
  readonly onDeferred: (step: string, fault: unknown) => void
  /** Erases what was marked as deleted. Without it a delete erases before it answers, as a command that ends then must. */
  readonly background?: BackgroundWork | undefined
  /** Takes whatever tells of a person out of the imports. Left out where there are none. */
  readonly eraseFromImports?: ((id: PersonId, waiting?: Waiting) => Promise<void>) | undefined
  /**
   * A person is about to go: the rows that imports have now mean that person, those by external id included, and none that comes
   * later does. Left out where there are none. Answers whom imports were to make by the external id instead.
   */
  readonly bindInImports?:
    | ((going: GoingByName, waiting?: Waiting) => Promise<readonly PersonId[]>)
    | undefined
  /** The time by which rows of imports are added. */
  readonly nowInImports?: ((waiting?: Waiting) => Promise<number>) | undefined
  /** Takes whatever tells of a person out of what operations found. Left out where there are none. */
  readonly eraseFromOperations?: ((id: PersonId, waiting?: Waiting) => Promise<void>) | undefined
  /** Pairs of somebody who is merged go over to the one who stays. Left out where there are no operations. */
  readonly handOverPairs?: DuplicatePairs['handOver'] | undefined
  /**
   * Has a `pending` image described by the other packs of the gallery before it is enrolled, so that it is found whichever of them
   * serves by then; answers what they made of it. A pack that fails on it is reported and left out. Left out where nothing is enrolled.
   */
  readonly describeBeside?: ((image: EnrolledImage) => Promise<readonly Descriptor[]>) | undefined
  /** Left out where nothing is known of the room that the stores have. */
  readonly room?: EnrollmentRoom | undefined
  /** This is told of what is stored and cannot be used. */
  readonly onDamage?: ObserveDamage | undefined
}

export function indexPayloadOf(person: Person): IndexPayload {
  return {
    personId: person.id,
    groups: person.groups,
    name: comparedName(person.name),
    externalId: person.externalId,
    rev: person.rev,
  }
}

/**
 * Does at once what the reconciler would do later, and lets the caller be answered meanwhile. The caller's promise is
 * kept by a durable mark already, so a fault here is only reported.
 */
export function finishAfterAnswer(
  gallery: GalleryPorts,
  step: string,
  work: (waiting: Waiting) => Promise<unknown>,
): Promise<void> {
  const attempt = async (waiting: Waiting) => {
    try {
      await work(waiting)
    } catch (fault) {
      if (waiting.signal?.aborted !== true) gallery.onDeferred(step, fault)
    }
  }
  return gallery.background === undefined ? attempt({}) : gallery.background.begin(attempt)
}
