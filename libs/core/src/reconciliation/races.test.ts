import { expect } from 'vitest'
import type { GalleryPorts } from '../gallery-ports.ts'
import { changeMembers } from '../groups/change-members.ts'
import { ensureDefaultGroup } from '../groups/default-group.ts'
import { deleteGroup } from '../groups/delete-group.ts'
import type { GroupId, ImageId, PersonId } from '../ids.ts'
import { addImage } from '../images/add-image.ts'
import { deleteImage } from '../images/delete-image.ts'
import { createPerson } from '../persons/create-person.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { updatePerson } from '../persons/update-person.ts'
import {
  aDraft,
  anEnrollment,
  describeRace,
  enroll,
  type FamilyGallery,
  makeGroup,
  makePerson,
  shownPerson,
  shownPersons,
} from '../testing/index.ts'
import { reconcile } from './reconcile.ts'

const MINUTE = 60_000

async function imagesOf(gallery: GalleryPorts, id: PersonId): Promise<readonly ImageId[]> {
  return (await shownPerson(gallery, id))?.images.map((image) => image.id) ?? []
}

async function expectNobodyNames(gallery: FamilyGallery, group: GroupId): Promise<void> {
  for (const { person } of await shownPersons(gallery)) expect(person.groups).not.toContain(group)
}

await describeRace('adding a picture and deleting the person', async (gallery) => {
  const { id } = await makePerson(gallery)
  const enrollment = anEnrollment(gallery, id)
  return {
    first: (from) => addImage(from, enrollment),
    second: (from) => deletePerson(from, id),
    check: async (to, { second }) => {
      expect(second.outcome).toBe('deleted')
      expect(await shownPerson(to, id)).toBeNull()
    },
  }
})

await describeRace('deleting the person and adding a picture', async (gallery) => {
  const { id } = await makePerson(gallery)
  await enroll(gallery, id, { variation: 1 })
  const enrollment = anEnrollment(gallery, id, { variation: 2 })
  return {
    first: (from) => deletePerson(from, id),
    second: (from) => addImage(from, enrollment),
    check: async (to, { first }) => {
      if (first !== null) expect(await shownPerson(to, id)).toBeNull()
    },
  }
})

await describeRace('adding a picture and changing name and groups', async (gallery) => {
  const { id } = await makePerson(gallery)
  const group = await makeGroup(gallery)
  const enrollment = anEnrollment(gallery, id)
  return {
    first: (from) => addImage(from, enrollment),
    second: (from) => updatePerson(from, { id, name: 'Grace', groups: [group] }),
    check: async (to, { first }) => {
      expect((await shownPerson(to, id))?.person).toMatchObject({ name: 'Grace', groups: [group] })
      if (first !== null) expect(await imagesOf(to, id)).toEqual([enrollment.draft.id])
    },
  }
})

await describeRace('adding a picture, and its repetition with a delete', async (gallery) => {
  const { id } = await makePerson(gallery)
  const enrollment = anEnrollment(gallery, id)
  return {
    first: (from) => addImage(from, enrollment),
    second: async (from) => {
      await addImage(from, enrollment)
      return deleteImage(from, { personId: id, imageId: enrollment.draft.id })
    },
    check: async (to, { second }) => {
      expect(second.outcome).toBe('deleted')
      expect(await imagesOf(to, id)).toEqual([])
    },
  }
})

await describeRace('adding a picture, and its repetition with a change of groups', async (gallery) => {
  const { id } = await makePerson(gallery)
  const group = await makeGroup(gallery)
  const enrollment = anEnrollment(gallery, id)
  return {
    first: (from) => addImage(from, enrollment),
    second: async (from) => {
      await addImage(from, enrollment)
      await updatePerson(from, { id, groups: [group] })
    },
    check: async (to) => {
      expect(await imagesOf(to, id)).toEqual([enrollment.draft.id])
      expect((await shownPerson(to, id))?.person.groups).toEqual([group])
    },
  }
})

await describeRace('adding the same picture twice', async (gallery) => {
  const { id } = await makePerson(gallery)
  const enrollment = anEnrollment(gallery, id)
  return {
    first: (from) => addImage(from, enrollment),
    second: (from) => addImage(from, enrollment),
    check: async (to, answers) => {
      expect(answers.second.outcome).toBe('added')
      expect(answers.first?.outcome ?? 'added').toBe('added')
      expect(await imagesOf(to, id)).toEqual([enrollment.draft.id])
    },
  }
})

await describeRace('two changes of one person', async (gallery) => {
  const { id } = await makePerson(gallery)
  const [one, other] = [await makeGroup(gallery), await makeGroup(gallery)]
  await enroll(gallery, id)
  return {
    first: (from) => updatePerson(from, { id, name: 'First', groups: [one] }),
    second: (from) => updatePerson(from, { id, externalId: 'second', groups: [other] }),
    check: async (to, { first }) => {
      const person = (await shownPerson(to, id))?.person
      expect(person?.externalId).toBe('second')
      if (first !== null) expect(person?.name).toBe('First')
    },
  }
})

await describeRace('changing a person and deleting it', async (gallery) => {
  const { id } = await makePerson(gallery)
  const group = await makeGroup(gallery)
  await enroll(gallery, id)
  return {
    first: (from) => updatePerson(from, { id, name: 'Grace', groups: [group] }),
    second: (from) => deletePerson(from, id),
    check: async (to, { second }) => {
      expect(second.outcome).toBe('deleted')
      expect(await shownPerson(to, id)).toBeNull()
    },
  }
})

await describeRace('changing the members of a group and deleting it', async (gallery) => {
  const group = await makeGroup(gallery)
  const [joining, leaving] = [await makePerson(gallery), await makePerson(gallery, { groups: [group] })]
  for (const { id } of [joining, leaving]) await enroll(gallery, id)
  return {
    first: (from) => changeMembers(from, { groupId: group, add: [joining.id], remove: [leaving.id] }),
    second: (from) => deleteGroup(from, group),
    check: async (to, { first }) => {
      expect(await to.records.groups.find(group)).not.toMatchObject({ state: 'live' })
      if (first !== null) await expectNobodyNames(to, group)
    },
  }
})

await describeRace('deleting a group and changing its members', async (gallery) => {
  const group = await makeGroup(gallery)
  const [joining, member] = [await makePerson(gallery), await makePerson(gallery, { groups: [group] })]
  for (const { id } of [joining, member]) await enroll(gallery, id)
  return {
    first: (from) => deleteGroup(from, group),
    second: (from) => changeMembers(from, { groupId: group, add: [joining.id], remove: [] }),
    check: async (to, { first }) => {
      if (first !== null) await expectNobodyNames(to, group)
    },
  }
})

await describeRace('changing the groups of a person and deleting one of them', async (gallery) => {
  const [doomed, kept] = [await makeGroup(gallery), await makeGroup(gallery)]
  const { id } = await makePerson(gallery)
  await enroll(gallery, id)
  return {
    first: (from) => updatePerson(from, { id, groups: [doomed, kept] }),
    second: (from) => deleteGroup(from, doomed),
    check: async (to, { first }) => {
      if (first?.outcome === 'updated') {
        expect((await shownPerson(to, id))?.person.groups).toEqual([kept])
      }
    },
  }
})

await describeRace('making a person and deleting its group', async (gallery) => {
  const [doomed, kept] = [await makeGroup(gallery), await makeGroup(gallery)]
  const draft = aDraft(gallery, { groups: [kept, doomed] })
  return {
    first: (from) => createPerson(from, draft),
    second: (from) => deleteGroup(from, doomed),
    check: async (to, { first }) => {
      if (first?.outcome === 'created') {
        expect((await shownPerson(to, draft.id))?.person.groups).toEqual([kept])
      }
    },
  }
})

await describeRace('two callers in need of the Default group', async () => ({
  first: (from) => ensureDefaultGroup(from),
  second: (from) => ensureDefaultGroup(from),
  check: async (to, { first, second }) => {
    const { items } = await to.records.groups.list({ page: 1, size: 10 })
    expect(items.map(({ id }) => id)).toEqual([second])
    expect(first ?? second).toBe(second)
  },
}))

/** A picture whose writer died after so many steps: 2 leave the record alone, 3 the picture, too. */
async function leavePending(
  gallery: FamilyGallery,
  enrollment: ReturnType<typeof anEnrollment>,
  steps: 2 | 3,
) {
  const image = { ...enrollment.draft, state: 'pending' as const }
  await gallery.records.images.insert(image)
  if (steps === 3) await gallery.pictures.put(image.id, enrollment.picture)
}

await describeRace('finishing a picture that was left behind and deleting the person', async (gallery) => {
  const { id } = await makePerson(gallery)
  await leavePending(gallery, anEnrollment(gallery, id), 3)
  return {
    first: (from) => reconcile(from, { waitsForOthers: false }),
    second: (from) => deletePerson(from, id),
    check: async (to, { second }) => {
      expect(second.outcome).toBe('deleted')
      expect(await shownPerson(to, id)).toBeNull()
    },
  }
})

await describeRace('deleting the person and finishing a picture that was left behind', async (gallery) => {
  const { id } = await makePerson(gallery)
  await leavePending(gallery, anEnrollment(gallery, id), 3)
  return {
    first: (from) => deletePerson(from, id),
    second: (from) => reconcile(from, { waitsForOthers: false }),
    check: async (to, { first }) => {
      if (first !== null) expect(await shownPerson(to, id)).toBeNull()
    },
  }
})

await describeRace(
  'finishing a picture that was left behind, its repetition and a change',
  async (gallery) => {
    const { id } = await makePerson(gallery)
    const group = await makeGroup(gallery)
    const enrollment = anEnrollment(gallery, id)
    await leavePending(gallery, enrollment, 3)
    return {
      first: (from) => reconcile(from, { waitsForOthers: false }),
      second: async (from) => {
        const added = await addImage(from, enrollment)
        await updatePerson(from, { id, groups: [group] })
        return added
      },
      check: async (to, { second }) => {
        expect(second.outcome).toBe('added')
        expect(await imagesOf(to, id)).toEqual([enrollment.draft.id])
      },
    }
  },
)

await describeRace('giving up a picture that was left behind and adding it after all', async (gallery) => {
  const { id } = await makePerson(gallery)
  const enrollment = anEnrollment(gallery, id)
  await leavePending(gallery, enrollment, 2)
  return {
    first: (from) => reconcile(from, { waitsForOthers: false }),
    second: (from) => addImage(from, enrollment),
    check: async (to, { second }) => {
      const isAdded = second.outcome === 'added'
      expect(await imagesOf(to, id)).toEqual(isAdded ? [enrollment.draft.id] : [])
    },
  }
})

await describeRace('adding a picture, and the reconciler after minutes of silence', async (gallery) => {
  const { id } = await makePerson(gallery)
  const enrollment = anEnrollment(gallery, id)
  return {
    first: (from) => addImage(from, enrollment),
    second: async (from) => {
      gallery.clock.advance(3 * MINUTE)
      await reconcile(from, { waitsForOthers: true })
    },
    check: async (to, { first }) => {
      if (first?.outcome === 'added') expect(await imagesOf(to, id)).toEqual([enrollment.draft.id])
      if (first?.outcome === 'image-not-found') expect(await imagesOf(to, id)).toEqual([])
    },
  }
})
