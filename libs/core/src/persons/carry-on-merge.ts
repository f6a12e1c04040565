import { conflict } from '../errors.ts'
import { type GalleryPorts, indexPayloadOf } from '../gallery-ports.ts'
import type { ImageId, PackId, PersonId } from '../ids.ts'
import type { EnrolledImage } from '../images/image.ts'
import { writeVectors } from '../images/write-vectors.ts'
import { handOverPairs } from '../operations/hand-over-pairs.ts'
import { descriptorBy } from '../packs/descriptor-by.ts'
import { hasMoved } from '../packs/gallery-packs.ts'
import type { EnrolledRow } from '../ports/image-records.ts'
import type { Waiting } from '../ports/waiting.ts'
import { PERSON_TOMBSTONE } from '../records/tombstones.ts'
import { changePerson, dropDeadGroups, MAX_LOST_RACES } from './change-person.ts'
import { findOwners, isAboutToBeMerged, mergedIntoOf, personsBehind } from './merged-persons.ts'
import type { Person } from './person.ts'
import { type UnitedFields, unitedFields } from './united-fields.ts'

type Gallery = Pick<
  GalleryPorts,
  'records' | 'index' | 'clock' | 'onDamage' | 'eraseFromOperations' | 'handOverPairs'
>

/** Images whose vectors are written at a time: 0.1 MB of 512 numbers. */
const BATCH = 50

type MergeEnd =
  | { readonly outcome: 'merged' }
  /** There is nobody to merge into any more, or nobody to merge; the person who is left is as before. */
  | { readonly outcome: 'given-up' }
  | Exclude<UnitedFields, { outcome: 'united' }>

/**
 * Goes on with the merging of this person from where it stands, to its end. Each step may run twice, and in two processes.
 *
 * 1. The one who stays gets the fields of both, by compare-and-set.
 * 2. The vectors of the other one get the groups of both, so that a search in any of them goes on finding these faces.
 * 3. The other one becomes `merging`, by compare-and-set on the very record whose fields were united. This is the moment at
 *    which all images change hands: readers look up whose an image is by this record.
 * 4. The vectors get the payload of the one who stays, and pairs of duplicates name that one.
 * 5. The other one becomes `merged`, and stays so for as long as the images are there.
 *
 * Two who are merged into each other at once: step 1 moves the record that the other call needs unmoved for its step 3, and
 * each call has read that record before. So at most one of the two gets through, and no circle comes about.
 */
export async function carryOnMerge(gallery: Gallery, id: PersonId, waiting?: Waiting): Promise<MergeEnd> {
  for (let race = 0; race < MAX_LOST_RACES; race++) {
    const other = await gallery.records.persons.find(id, waiting)
    if (other !== null && mergedIntoOf(other) !== null) return finishMerge(gallery, other, waiting)
    if (other === null || other.mergedInto == null || !isAboutToBeMerged(other))
      return { outcome: 'given-up' }
    const united = await unite(gallery, other, waiting)
    if (united.outcome !== 'united') {
      if (await giveUp(gallery, other, waiting)) return united
      continue
    }
    const { staying } = united
    await widenGroups(gallery, { other, staying }, waiting)
    const merging = await gallery.records.persons.update(
      { id, rev: other.rev },
      { ...PERSON_TOMBSTONE, state: 'merging', mergedInto: staying.id, updatedAt: gallery.clock.now() },
      waiting,
    )
    if (merging !== null) return finishMerge(gallery, merging, waiting)
  }
  throw conflict('this person')
}

/** Carries on every merge into this person that has not ended yet. */
export async function carryOnMergesInto(gallery: Gallery, id: PersonId, waiting?: Waiting): Promise<void> {
  for (const merged of await gallery.records.persons.listMerged([id], waiting))
    if (merged.state !== 'merged') await carryOnMerge(gallery, merged.id, waiting)
}

type Unified =
  | { readonly outcome: 'united'; readonly staying: Person }
  | Exclude<MergeEnd, { outcome: 'merged' }>

/** Step 1. Whoever was merged into somebody else meanwhile is followed. */
async function unite(gallery: Gallery, other: Person, waiting?: Waiting): Promise<Unified> {
  const into = other.mergedInto as PersonId
  const owners = await findOwners(gallery.records, { ids: [into] }, waiting)
  const owner = owners.get(into)
  if (owner === undefined || owner.id === other.id) return { outcome: 'given-up' }
  const { id } = owner
  if (isAboutToBeMerged(owner) && id > other.id) {
    // Of two who are to be merged into each other, or of several in a circle, the one with the greatest id goes first.
    await carryOnMerge(gallery, id, waiting)
    return unite(gallery, other, waiting)
  }
  let refused: Exclude<MergeEnd, { outcome: 'merged' }> = { outcome: 'given-up' }
  const decide = (person: Person) => {
    if (person.state !== 'live') return null
    const united = unitedFields(person, other)
    if (united.outcome === 'united') return { ...united.fields, updatedAt: gallery.clock.now() }
    refused = united
    return null
  }
  const staying = await changePerson(gallery, { id, decide }, waiting)
  if (staying === null) return refused
  await dropDeadGroups(gallery, staying, waiting)
  return { outcome: 'united', staying }
}

/**
 * Step 2. The rev is that of step 3, so that no payload of the record as it is now takes the place of this one, whoever writes
 * it and when.
 */
async function widenGroups(
  { index }: Gallery,
  { other, staying }: { readonly other: Person; readonly staying: Person },
  waiting?: Waiting,
): Promise<void> {
  const groups = [...new Set([...other.groups, ...staying.groups])]
  await index.updatePayload({ ...indexPayloadOf(other), groups, rev: other.rev + 1 }, waiting)
}

/** False if somebody else wrote to the person meanwhile. */
async function giveUp(gallery: Gallery, { id, rev }: Person, waiting?: Waiting): Promise<boolean> {
  const freed = await gallery.records.persons.update({ id, rev }, { mergedInto: null, dirty: true }, waiting)
  if (freed === null) return false
  // Once more, since an earlier try may have written its payload under this rev already.
  await changePerson(gallery, { id, decide: ({ groups }) => ({ groups }) }, waiting)
  return true
}

/** Steps 4 and 5. */
async function finishMerge(gallery: Gallery, other: Person, waiting?: Waiting): Promise<MergeEnd> {
  if (other.state === 'merged') return { outcome: 'merged' }
  const owner = (await findOwners(gallery.records, { ids: [other.id] }, waiting)).get(other.id)
  if (owner?.state !== 'live') {
    // Whoever was deleted takes along all who were merged into them, as of the same time; the reconciler erases what is marked here.
    const marked = { state: 'deleting', updatedAt: owner?.updatedAt ?? other.updatedAt } as const
    await gallery.records.persons.update(other, marked, waiting)
    return { outcome: 'merged' }
  }
  for (const id of await personsBehind(gallery.records, other.id, waiting))
    await giveVectors(gallery, { from: id, to: owner }, waiting)
  await giveFoundPairs(gallery, other.id, waiting)
  await gallery.records.persons.update(other, { state: 'merged' }, waiting)
  return { outcome: 'merged' }
}

async function giveFoundPairs(gallery: Gallery, from: PersonId, waiting?: Waiting): Promise<void> {
  const { records, eraseFromOperations: erase, handOverPairs: handOver } = gallery
  if (erase === undefined || handOver === undefined) return
  await handOverPairs({ records, pairs: { erase, handOver } }, from, waiting)
}

/**
 * Pending images, too: whoever is adding one either has written its vector by now, or sees that the person is merged. Whoever
 * describes one by another pack does the same, also for a pack that comes after this list was read.
 */
async function giveVectors(
  { records, index, onDamage }: Gallery,
  { from, to }: { readonly from: PersonId; readonly to: Person },
  waiting?: Waiting,
): Promise<void> {
  const packs = await packsOfVectors(records, waiting)
  const ids = await records.images.listIds(from, waiting)
  for (let at = 0; at < ids.length; at += BATCH) {
    const images = await standingOf(records, ids.slice(at, at + BATCH), waiting)
    for (const packId of packs) {
      const rows = await rowsOf(records, { images, packId, person: to }, waiting)
      await writeVectors({ records, copy: index, onDamage }, rows, waiting)
    }
  }
}

/** The packs in whose indexes an image may have a vector. Null: that of the image itself, in a gallery that never had another one. */
async function packsOfVectors(
  { settings }: Pick<GalleryPorts['records'], 'settings'>,
  waiting?: Waiting,
): Promise<readonly (PackId | null)[]> {
  const packs = await settings.readPacks(waiting)
  if (packs === null || !hasMoved(packs)) return [null]
  return packs.other === null ? [packs.serving] : [packs.serving, packs.other]
}

async function standingOf(
  { images }: Pick<GalleryPorts['records'], 'images'>,
  ids: readonly ImageId[],
  waiting?: Waiting,
): Promise<readonly EnrolledImage[]> {
  const found = await Promise.all(ids.map((id) => images.find(id, waiting)))
  return found.flatMap((image) => (image?.state === 'ready' || image?.state === 'pending' ? [image] : []))
}

/** Images that this pack made nothing of are left out: they have no vector in its index. */
async function rowsOf(
  records: GalleryPorts['records'],
  given: {
    readonly images: readonly EnrolledImage[]
    readonly packId: PackId | null
    readonly person: Person
  },
  waiting?: Waiting,
): Promise<readonly EnrolledRow[]> {
  const { images, packId, person } = given
  const rows = images.map(async (image): Promise<readonly EnrolledRow[]> => {
    const descriptor = await descriptorBy(packId, { records, image }, waiting)
    return descriptor === null ? [] : [{ image: { ...image, descriptor }, person }]
  })
  return (await Promise.all(rows)).flat()
}
