import type { GalleryPorts } from '../gallery-ports.ts'
import { changeMembers } from '../groups/change-members.ts'
import { ensureDefaultGroup } from '../groups/default-group.ts'
import { deleteGroup } from '../groups/delete-group.ts'
import { identifyOrCreate } from '../identification/identify-or-create.ts'
import { addImage } from '../images/add-image.ts'
import { deleteImage } from '../images/delete-image.ts'
import { createPerson } from '../persons/create-person.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { mergePersons } from '../persons/merge-persons.ts'
import { updatePerson } from '../persons/update-person.ts'
import { reconcile } from '../reconciliation/reconcile.ts'
import { aCandidacy, aDraft, anEnrollment, enroll, makeGroup, makePerson } from './gallery-acts.ts'
import type { FamilyGallery } from './test-gallery.ts'

export type WorldAct = keyof Awaited<ReturnType<typeof aWorld>>['acts']

/** One small world that everybody fights over. */
export async function aWorld(gallery: FamilyGallery) {
  const groups = [await makeGroup(gallery), await makeGroup(gallery)] as const
  const { id } = await makePerson(gallery, { groups: [groups[0]] })
  const image = await enroll(gallery, id, { variation: 1 })
  const twin = await makePerson(gallery, { name: 'Twin' })
  const imageOfTwin = await enroll(gallery, twin.id, { variation: 3 })
  const enrollment = anEnrollment(gallery, id, { variation: 2 })
  const draft = aDraft(gallery, { groups: [...groups] })
  const newcomer = aCandidacy(gallery, { identity: 'stranger', groupIds: [groups[1]] })
  const rival = { ...newcomer, newcomer: aCandidacy(gallery, { identity: 'stranger' }).newcomer }
  const acts = {
    addImage: (from: GalleryPorts) => addImage(from, enrollment),
    deleteImage: (from: GalleryPorts) => deleteImage(from, { personId: id, imageId: image.id }),
    deleteNewImage: (from: GalleryPorts) => deleteImage(from, { personId: id, imageId: enrollment.draft.id }),
    deletePerson: (from: GalleryPorts) => deletePerson(from, id),
    mergeIntoTwin: (from: GalleryPorts) => mergePersons(from, { id: twin.id, otherId: id }),
    mergeTwin: (from: GalleryPorts) => mergePersons(from, { id, otherId: twin.id }),
    joinTwin: (from: GalleryPorts) => changeMembers(from, { groupId: groups[1], add: [twin.id], remove: [] }),
    deleteTwin: (from: GalleryPorts) => deletePerson(from, twin.id),
    rename: (from: GalleryPorts) => updatePerson(from, { id, name: 'Grace', groups: [groups[1]] }),
    moveGroups: (from: GalleryPorts) => updatePerson(from, { id, externalId: 'x', groups: [groups[0]] }),
    join: (from: GalleryPorts) => changeMembers(from, { groupId: groups[1], add: [id], remove: [] }),
    leave: (from: GalleryPorts) => changeMembers(from, { groupId: groups[0], add: [], remove: [id] }),
    deleteGroup: (from: GalleryPorts) => deleteGroup(from, groups[1]),
    createPerson: (from: GalleryPorts) => createPerson(from, draft),
    deleteDefault: async (from: GalleryPorts) => deleteGroup(from, await ensureDefaultGroup(from)),
    needDefault: (from: GalleryPorts) => ensureDefaultGroup(from),
    identifyOrCreate: (from: GalleryPorts) => identifyOrCreate(from, newcomer),
    identifyOrCreateToo: (from: GalleryPorts) => identifyOrCreate(from, rival),
    deleteNewcomer: (from: GalleryPorts) => deletePerson(from, newcomer.newcomer.personId),
    // As if everything half done were old enough already: the most impatient reconciler there can be.
    reconcile: (from: GalleryPorts) => reconcile(from, { waitsForOthers: false }),
  }
  /** The same name for the same thing in every world. */
  const names = new Map<string, string>([
    [id, 'person'],
    [image.id, 'image'],
    [enrollment.draft.id, 'new image'],
    [twin.id, 'twin'],
    [imageOfTwin.id, 'image of twin'],
    [groups[0], 'first group'],
    [groups[1], 'second group'],
    [draft.id, 'new person'],
    [newcomer.newcomer.personId, 'newcomer'],
    [newcomer.newcomer.imageId, 'image of newcomer'],
    [rival.newcomer.personId, 'rival'],
    [rival.newcomer.imageId, 'image of rival'],
  ])
  return { acts, names, newcomers: [newcomer.newcomer.personId, rival.newcomer.personId] }
}
