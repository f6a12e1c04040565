import type { GroupId, ImageId } from '../ids.ts'
import type { Person } from '../persons/person.ts'
import { aPerson } from './builders/a-person.ts'
import { anEnrollment, enroll, makeGroup, makePerson } from './gallery-acts.ts'
import type { FamilyGallery } from './test-gallery.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

export interface Debris {
  /** Images that a reconciler has to finish. */
  readonly shown: readonly ImageId[]
  /** Images that nobody may ever see. */
  readonly hidden: readonly ImageId[]
}

/**
 * One record of every kind that the reconciler mends, each as some crash leaves it, old enough to be mended, in a
 * gallery with a group and a person that nothing is wrong with.
 */
export async function leaveDebris(gallery: FamilyGallery): Promise<Debris> {
  const group = await makeGroup(gallery)
  await enroll(gallery, (await makePerson(gallery, { groups: [group] })).id)
  await leaveTombstones(gallery)
  const putBack = await leaveWhatZombiesPutBack(gallery)
  const hidden = [putBack, ...(await leaveDeleting(gallery)), await leaveGivenUp(gallery)]
  await leaveDirty(gallery, group)
  const merging = await leaveMerging(gallery)
  const shown = [...merging, await leavePictured(gallery), ...(await leaveNewcomers(gallery, hidden))]
  await gallery.age(6 * MINUTE)
  return { shown, hidden: [...hidden, await leaveExpired(gallery)] }
}

/** A day old, and the group is still named by a person whose writer died. */
async function leaveTombstones(gallery: FamilyGallery): Promise<void> {
  const { records } = gallery
  const person = await makePerson(gallery)
  const image = { ...anEnrollment(gallery, person.id).draft, state: 'ready' as const }
  const groupId = gallery.newId<GroupId>()
  const gone = aPerson({ id: gallery.newId() })
  await records.persons.insert(gone)
  await records.persons.update(gone, { state: 'gone' })
  await records.images.insert(image)
  await records.images.move(image.id, { from: ['ready'], to: 'gone' })
  await records.images.move(image.id, { from: ['gone'], to: 'erased' })
  await records.groups.insert({ id: groupId, name: '', metadata: '{}', createdAt: 0, state: 'live' })
  await records.groups.move(groupId, { from: ['live'], to: 'gone' })
  await records.persons.update(person, { groups: [...person.groups, groupId] })
  await gallery.age(DAY)
}

async function leaveWhatZombiesPutBack(gallery: FamilyGallery): Promise<ImageId> {
  const person = await makePerson(gallery)
  const image = await enroll(gallery, person.id)
  await gallery.records.images.move(image.id, { from: ['ready'], to: 'gone' })
  return image.id
}

/** An image, a person and a group with their mark, and nothing done yet. */
async function leaveDeleting(gallery: FamilyGallery): Promise<readonly ImageId[]> {
  const group = await makeGroup(gallery)
  const [loser, doomed] = [await makePerson(gallery), await makePerson(gallery, { groups: [group] })]
  const images = [await enroll(gallery, loser.id), await enroll(gallery, doomed.id)] as const
  await gallery.records.images.move(images[0].id, { from: ['ready'], to: 'deleting' })
  await change(gallery, doomed, { state: 'deleting' })
  await enroll(gallery, (await makePerson(gallery, { groups: [group] })).id)
  await gallery.records.groups.move(group, { from: ['live'], to: 'deleting' })
  return images.map(({ id }) => id)
}

/** A record without its picture. */
async function leaveGivenUp(gallery: FamilyGallery): Promise<ImageId> {
  const { id } = await makePerson(gallery)
  const { draft } = anEnrollment(gallery, id)
  await gallery.records.images.insert({ ...draft, state: 'pending' })
  return draft.id
}

/** A record with its picture, and no vector. */
async function leavePictured(gallery: FamilyGallery): Promise<ImageId> {
  const { id } = await makePerson(gallery)
  return leavePending(gallery, anEnrollment(gallery, id))
}

async function leavePending(
  gallery: FamilyGallery,
  { draft, picture }: ReturnType<typeof anEnrollment>,
): Promise<ImageId> {
  await gallery.records.images.insert({ ...draft, state: 'pending' })
  await gallery.pictures.put(draft.id, picture)
  return draft.id
}

/** One who is about to be merged, and one whose images have changed hands just now. */
async function leaveMerging(gallery: FamilyGallery): Promise<readonly ImageId[]> {
  const staying = await makePerson(gallery)
  const others = [await makePerson(gallery), await makePerson(gallery)] as const
  const images = [await enroll(gallery, others[0].id), await enroll(gallery, others[1].id)]
  await change(gallery, others[0], { mergedInto: staying.id })
  await change(gallery, others[1], { state: 'merging', mergedInto: staying.id, groups: [] })
  return images.map(({ id }) => id)
}

async function leaveDirty(gallery: FamilyGallery, group: GroupId): Promise<void> {
  const person = await makePerson(gallery)
  await enroll(gallery, person.id)
  await change(gallery, person, { name: 'Grace', groups: [group], dirty: true })
}

/** Two that nobody sees yet, complete. The one is committed, and answered; the other is not, and added to `hidden`. */
async function leaveNewcomers(gallery: FamilyGallery, hidden: ImageId[]): Promise<readonly ImageId[]> {
  const committed = await leaveNewcomer(gallery)
  hidden.push((await leaveNewcomer(gallery)).imageId)
  await gallery.exclusive.run('newcomer', async (lease) => {
    await lease.commit(`${committed.person.id} ${committed.imageId}`)
  })
  return [committed.imageId]
}

async function leaveNewcomer(gallery: FamilyGallery) {
  const person = aPerson({ id: gallery.newId(), state: 'pending', groups: [] })
  await gallery.records.persons.insert(person)
  const enrollment = anEnrollment(gallery, person.id)
  const imageId = await leavePending(gallery, enrollment)
  const { id: personId, groups, name, externalId, rev } = person
  const payload = { personId, groups, name, externalId, rev }
  await gallery.index.upsert([{ imageId, descriptor: enrollment.draft.descriptor, payload }])
  return { person, imageId }
}

async function leaveExpired(gallery: FamilyGallery): Promise<ImageId> {
  const person = await makePerson(gallery)
  const image = await enroll(gallery, person.id)
  await change(gallery, person, { expireAt: gallery.clock.now() - MINUTE })
  return image.id
}

async function change(
  gallery: FamilyGallery,
  { id }: Person,
  changes: Parameters<FamilyGallery['records']['persons']['update']>[1],
): Promise<void> {
  const current = await gallery.records.persons.find(id)
  if (current !== null) await gallery.records.persons.update(current, changes)
}
