import type { GalleryPorts } from '../gallery-ports.ts'
import { changeMembers } from '../groups/change-members.ts'
import { ensureDefaultGroup } from '../groups/default-group.ts'
import { deleteGroup } from '../groups/delete-group.ts'
import { identify } from '../identification/identify.ts'
import { identifyOrCreate } from '../identification/identify-or-create.ts'
import type { GroupId, PersonId } from '../ids.ts'
import { addImage } from '../images/add-image.ts'
import { deleteImage } from '../images/delete-image.ts'
import type { EnrolledImage } from '../images/image.ts'
import { createPerson } from '../persons/create-person.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { mergePersons } from '../persons/merge-persons.ts'
import { updatePerson } from '../persons/update-person.ts'
import { reconcile } from '../reconciliation/reconcile.ts'
import { leaveDebris } from './debris.ts'
import { aCandidacy, aDraft, anEnrollment, enroll, makeGroup, makePerson } from './gallery-acts.ts'
import { shownPerson, shownPersons } from './gallery-claims.ts'
import type { PrepareCall, Seen } from './prepared-call.ts'

/** Each use case that writes, on the richest case that it has. */
export const USE_CASES: Readonly<Record<string, PrepareCall>> = {
  addImage: async (gallery) => {
    const { id } = await makePerson(gallery, { groups: [await makeGroup(gallery)] })
    const enrollment = anEnrollment(gallery, id)
    return {
      isDone: hasOutcome('added'),
      run: (from) => addImage(from, enrollment),
      seen: async (to) => amount([await isShown(to, enrollment.draft.id)]),
    }
  },

  deleteImage: async (gallery) => {
    const { id: personId } = await makePerson(gallery)
    const image = await enroll(gallery, personId, { variation: 1 })
    const kept = await enroll(gallery, personId, { variation: 2 })
    return {
      run: (from) => deleteImage(from, { personId, imageId: image.id }),
      seen: async (to) => {
        if (!(await isShown(to, kept.id))) throw new Error('the other image is lost')
        return amount([!(await isShown(to, image.id))])
      },
    }
  },

  deletePerson: async (gallery) => {
    const { id } = await makePerson(gallery, { groups: [await makeGroup(gallery)] })
    const images = [await enroll(gallery, id, { variation: 1 }), await enroll(gallery, id, { variation: 2 })]
    return {
      run: (from) => deletePerson(from, id),
      seen: async (to) => {
        const isGone = (await shownPerson(to, id)) === null
        return amount([
          isGone,
          ...(await Promise.all(images.map(async (image) => !(await isShown(to, image.id))))),
        ])
      },
    }
  },

  updatePerson: async (gallery) => {
    const [before, after] = [await makeGroup(gallery), await makeGroup(gallery)]
    const { id } = await makePerson(gallery, { groups: [before] })
    await enroll(gallery, id, { variation: 1 })
    await enroll(gallery, id, { variation: 2 })
    return {
      run: (from) => updatePerson(from, { id, name: 'Grace', groups: [after] }),
      seen: async (to) => {
        const shown = await shownPerson(to, id)
        return amount([shown?.person.name === 'Grace', shown?.person.groups.join() === after])
      },
    }
  },

  mergePersons: async (gallery) => {
    const [of, ofOther] = [await makeGroup(gallery), await makeGroup(gallery)]
    const { id } = await makePerson(gallery, { name: 'Ada', groups: [of] })
    const { id: otherId } = await makePerson(gallery, { name: 'A. K.', groups: [ofOther], externalId: 'a-1' })
    await enroll(gallery, id, { variation: 1 })
    for (const variation of [2, 3]) await enroll(gallery, otherId, { variation })
    return {
      isDone: hasOutcome('merged'),
      run: (from) => mergePersons(from, { id, otherId }),
      seen: (to) => seenOfMerge(to, { id, otherId, groups: [of, ofOther] }),
    }
  },

  createPerson: async (gallery) => {
    const draft = aDraft(gallery)
    return {
      run: (from) => createPerson(from, draft),
      seen: async (to) => amount([(await shownPerson(to, draft.id)) !== null]),
    }
  },

  changeMembers: async (gallery) => {
    const groupId = await makeGroup(gallery)
    const joining = [await makePerson(gallery), await makePerson(gallery)]
    const leaving = await makePerson(gallery, { groups: [groupId] })
    for (const { id } of [...joining, leaving]) await enroll(gallery, id)
    return {
      spansRecords: true,
      run: (from) => changeMembers(from, { groupId, add: joining.map(({ id }) => id), remove: [leaving.id] }),
      seen: async (to) => {
        const isMember = async (id: typeof leaving.id) =>
          (await shownPerson(to, id))?.person.groups.includes(groupId) === true
        const joined = await Promise.all(joining.map(({ id }) => isMember(id)))
        return amount([...joined, !(await isMember(leaving.id))])
      },
    }
  },

  deleteGroup: async (gallery) => {
    const [doomed, kept] = [await makeGroup(gallery), await makeGroup(gallery)]
    for (const groups of [[doomed], [kept, doomed]]) {
      const { id } = await makePerson(gallery, { groups })
      await enroll(gallery, id)
    }
    return {
      run: (from) => deleteGroup(from, doomed),
      seen: async (to) => {
        const groups = await to.records.groups.list({ page: 1, size: 1000 })
        if (!groups.items.some(({ id }) => id === kept)) throw new Error('the other group is lost')
        return amount([!groups.items.some(({ id }) => id === doomed)])
      },
    }
  },

  identifyOrCreate: async (gallery) => {
    const candidacy = aCandidacy(gallery, { identity: gallery.newId(), groupIds: [await makeGroup(gallery)] })
    const { personId, imageId } = candidacy.newcomer
    return {
      isDone: hasOutcome('created'),
      run: (from) => identifyOrCreate(from, candidacy),
      seen: async (to) => amount([(await shownPerson(to, personId)) !== null, await isShown(to, imageId)]),
    }
  },

  ensureDefaultGroup: async (gallery) => {
    const former = await gallery.records.settings.readDefaultGroup()
    if (former !== null) await deleteGroup(gallery, former)
    return {
      run: (from) => ensureDefaultGroup(from),
      seen: async (to) => {
        const id = await to.records.settings.readDefaultGroup()
        const { items } = await to.records.groups.list({ page: 1, size: 1000 })
        const made = items.filter(({ name }) => name === 'Default')
        if (made.length > 1) throw new Error('there are two Default groups')
        if (made.length === 1 && made[0]?.id !== id) throw new Error('a Default group that is none')
        return amount([made.length === 1])
      },
    }
  },

  reconcile: async (gallery) => {
    const { shown, hidden } = await leaveDebris(gallery)
    return {
      spansRecords: true,
      run: (from) => reconcile(from, { waitsForOthers: true }),
      seen: async (to) => {
        for (const id of hidden) if (await isShown(to, id)) throw new Error('what is to go is shown')
        return amount(await Promise.all(shown.map((id) => isShown(to, id))))
      },
    }
  },
}

/** How much of a merge is seen. Every picture is somebody's all the time, in every way to ask. */
async function seenOfMerge(
  gallery: GalleryPorts,
  merge: { readonly id: PersonId; readonly otherId: PersonId; readonly groups: readonly [GroupId, GroupId] },
): Promise<Seen> {
  const { id, otherId } = merge
  const [ownGroup, groupOfOther] = merge.groups
  const rows = await gallery.records.images.scanEnrolled({ after: null, limit: 100 })
  if (rows.length !== 3) throw new Error('a picture is lost')
  const owners: PersonId[] = []
  for (const { image } of rows) {
    const isOfOther = image.personId === otherId
    const [found, ...more] = await whoIsFound(gallery, image, [])
    if (found === undefined || more.length > 0) throw new Error('a picture is nobody’s, or two persons’')
    const groups = [...(found === id ? [ownGroup] : []), ...(isOfOther ? [groupOfOther] : [])]
    for (const group of groups)
      if (!(await whoIsFound(gallery, image, [group])).includes(found))
        throw new Error('a picture is not found in a group of its person')
    if (isOfOther) owners.push(found)
  }
  const [staying, other] = [await shownPerson(gallery, id), await shownPerson(gallery, otherId)]
  if (staying === null) throw new Error('the one who stays is lost')
  const counts = [staying.images.length, other?.images.length ?? 0]
  if (counts.join() !== (other === null ? '3,0' : '1,2')) throw new Error(`images in lists: ${counts}`)
  const isMerged = owners.map((owner) => owner === id)
  const { groups, externalId } = staying.person
  const hasFields = groups.includes(groupOfOther) && externalId === 'a-1'
  if (isMerged.includes(true) && !hasFields) throw new Error('the fields come after the pictures')
  return amount([other === null, ...isMerged])
}

async function whoIsFound(gallery: GalleryPorts, image: EnrolledImage, groupIds: readonly GroupId[]) {
  const probe = { descriptor: image.descriptor, operatingPoint: 0.6 }
  const persons = await identify(gallery, {
    probe,
    query: { groupIds, field: null, threshold: 0, limit: 10 },
  })
  for (const { person, images } of persons) {
    if (images[0].image.personId !== person.id) throw new Error('a picture is not the person’s own')
  }
  return persons.map(({ person }) => person.id)
}

function hasOutcome(wanted: string) {
  return (answer: unknown) => (answer as { readonly outcome: string }).outcome === wanted
}

async function isShown(gallery: GalleryPorts, imageId: string): Promise<boolean> {
  const shown = await shownPersons(gallery)
  return shown.some(({ images }) => images.some(({ id }) => id === imageId))
}

function amount(parts: readonly boolean[]): Seen {
  if (parts.every((part) => part)) return 'all'
  return parts.some((part) => part) ? 'part' : 'nothing'
}
