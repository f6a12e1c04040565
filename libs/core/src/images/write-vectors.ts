import { type GalleryPorts, indexPayloadOf } from '../gallery-ports.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { findOwners } from '../persons/merged-persons.ts'
import type { Person } from '../persons/person.ts'
import type { EnrolledRow } from '../ports/image-records.ts'
import type { ObserveDamage } from '../ports/observe-damage.ts'
import type { IndexCopy } from '../ports/rebuildable-index.ts'
import type { Waiting } from '../ports/waiting.ts'
import { settlePayload } from './settle-payload.ts'
import { upsertUsable } from './upsert-usable.ts'

/** A store, and the index, or one copy of it, that is written to. */
export interface WrittenCopy {
  readonly records: GalleryPorts['records']
  readonly copy: Pick<IndexCopy, 'upsert' | 'updatePayload' | 'remove'>
  readonly onDamage?: ObserveDamage | undefined
}

/**
 * Writes the rows' vectors as the adding of an image does, so that it cannot undo what others do meanwhile: whoever
 * changes, merges or deletes the person or image either meets our vector or is seen here afterwards. `kept`: how many stayed.
 */
export async function writeVectors(
  gallery: WrittenCopy,
  all: readonly EnrolledRow[],
  waiting?: Waiting,
): Promise<{ readonly kept: number; readonly unusable: ReadonlySet<ImageId> }> {
  if (all.length === 0) return { kept: 0, unusable: new Set() }
  const { records, copy } = gallery
  const entries = all.map(({ image, person }) => ({
    imageId: image.id,
    descriptor: image.descriptor,
    payload: indexPayloadOf(person),
  }))
  const unusable = await upsertUsable(gallery, entries, waiting)
  const rows = all.filter(({ image }) => !unusable.has(image.id))
  const heirs = await settlePersons(gallery, rows, waiting)
  const known = await records.images.findMany(
    rows.map(({ image }) => image.id),
    waiting,
  )
  const standing = new Set(
    known.filter(({ state }) => state === 'pending' || state === 'ready').map(({ id }) => id),
  )
  const [lost, moved]: [ImageId[], EnrolledRow[]] = [[], []]
  for (const { image, person } of rows) {
    const heir = heirs.get(person.id)
    if (heir === null || !standing.has(image.id)) lost.push(image.id)
    else if (heir !== undefined) moved.push({ image, person: heir })
  }
  await copy.remove(lost, waiting)
  const again = await writeVectors(gallery, moved, waiting)
  return { kept: rows.length - lost.length - moved.length + again.kept, unusable }
}

/**
 * Brings the payloads up to persons who moved on since they were read. Answers those who are there no more, with whoever has
 * their images now: null if nobody has.
 */
async function settlePersons(
  { records, copy }: WrittenCopy,
  rows: readonly EnrolledRow[],
  waiting?: Waiting,
): Promise<ReadonlyMap<PersonId, Person | null>> {
  const written = new Map(rows.map(({ person }) => [person.id, person]))
  const now = await records.persons.findMany([...written.keys()], waiting)
  const revs = new Map(now.map(({ id, rev }) => [id, rev]))
  const gone = new Set<PersonId>()
  for (const person of written.values()) {
    if (revs.get(person.id) === person.rev) continue
    if (!(await settlePayload({ records, index: copy }, { person, isCurrent: hasImages }, waiting)))
      gone.add(person.id)
  }
  const owners = await findOwners(records, { ids: gone }, waiting)
  const heirOf = (id: PersonId) => {
    const owner = owners.get(id)
    return owner !== undefined && hasImages(owner) ? owner : null
  }
  return new Map([...gone].map((id) => [id, heirOf(id)]))
}

function hasImages({ state }: Person): boolean {
  return state === 'live' || state === 'pending'
}
