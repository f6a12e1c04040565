import { expect } from 'vitest'
import { deleteGroup } from '../groups/delete-group.ts'
import { identifyOrCreate } from '../identification/identify-or-create.ts'
import { addImage } from '../images/add-image.ts'
import { deletePerson } from '../persons/delete-person.ts'
import {
  aCandidacy,
  anEnrollment,
  describeRace,
  makeGroup,
  shownPerson,
  shownPersons,
} from '../testing/index.ts'
import { reconcile } from './reconcile.ts'

const MINUTE = 60_000

await describeRace('two searches for one stranger', async (gallery) => {
  const groupIds = [await makeGroup(gallery)]
  const one = aCandidacy(gallery, { identity: 'stranger', groupIds })
  const other = { ...one, newcomer: aCandidacy(gallery, { identity: 'stranger' }).newcomer }
  return {
    first: (from) => identifyOrCreate(from, one),
    second: (from) => identifyOrCreate(from, other),
    check: async (to, { first, second }) => {
      const shown = await shownPersons(to)
      expect(shown.map(({ images }) => images.length)).toEqual([1])
      const made = [first, second].flatMap((answer) =>
        answer?.outcome === 'created' ? [answer.created] : [],
      )
      expect(made.length).toBeLessThanOrEqual(1)
      for (const { person } of made) expect(shown[0]?.person.id).toBe(person.id)
      const found = [first, second].flatMap((answer) => (answer?.outcome === 'found' ? answer.persons : []))
      for (const { person } of found) expect(shown[0]?.person.id).toBe(person.id)
    },
  }
})

await describeRace('one search for a stranger, run twice', async (gallery) => {
  const candidacy = aCandidacy(gallery, { identity: 'stranger', groupIds: [await makeGroup(gallery)] })
  return {
    first: (from) => identifyOrCreate(from, candidacy),
    second: (from) => identifyOrCreate(from, candidacy),
    check: async (to, answers) => {
      expect(answers.second.outcome).toBe('created')
      expect(answers.first?.outcome ?? 'created').toBe('created')
      const shown = await shownPersons(to)
      expect(shown.map(({ images }) => images.map(({ id }) => id))).toEqual([[candidacy.newcomer.imageId]])
    },
  }
})

await describeRace('making a newcomer and deleting its group', async (gallery) => {
  const [doomed, kept] = [await makeGroup(gallery), await makeGroup(gallery)]
  const candidacy = aCandidacy(gallery, { identity: 'stranger', groupIds: [doomed, kept] })
  return {
    first: (from) => identifyOrCreate(from, candidacy),
    second: (from) => deleteGroup(from, doomed),
    check: async (to, { first }) => {
      if (first?.outcome !== 'created') return
      expect((await shownPerson(to, candidacy.newcomer.personId))?.person.groups).toEqual([kept])
    },
  }
})

await describeRace('making a newcomer and deleting the person', async (gallery) => {
  const candidacy = aCandidacy(gallery, { identity: 'stranger', groupIds: [await makeGroup(gallery)] })
  const { personId } = candidacy.newcomer
  return {
    first: (from) => identifyOrCreate(from, candidacy),
    second: (from) => deletePerson(from, personId),
    check: async (to, { first, second }) => {
      const shown = await shownPerson(to, personId)
      if (second.outcome === 'deleted') expect(shown).toBeNull()
      else if (first !== null) expect(shown?.images).toHaveLength(1)
    },
  }
})

await describeRace('making a newcomer, and the reconciler after minutes of silence', async (gallery) => {
  const candidacy = aCandidacy(gallery, { identity: 'stranger', groupIds: [await makeGroup(gallery)] })
  return {
    first: (from) => identifyOrCreate(from, candidacy),
    second: async (from) => {
      gallery.clock.advance(3 * MINUTE)
      await reconcile(from, { waitsForOthers: true })
    },
    check: async (to, { first }) => {
      const shown = await shownPersons(to)
      for (const { images } of shown) expect(images).toHaveLength(1)
      if (first?.outcome === 'created') expect(shown).toHaveLength(1)
      if (first?.outcome === 'not-created') expect(shown).toHaveLength(0)
    },
  }
})

await describeRace('making a newcomer, its repetition and a picture more', async (gallery) => {
  const candidacy = aCandidacy(gallery, { identity: 'stranger', groupIds: [await makeGroup(gallery)] })
  const { personId, imageId } = candidacy.newcomer
  const more = anEnrollment(gallery, personId, { identity: 'stranger', variation: 2 })
  return {
    first: (from) => identifyOrCreate(from, candidacy),
    second: async (from) => {
      await identifyOrCreate(from, candidacy)
      return addImage(from, more)
    },
    check: async (to, { second }) => {
      expect(second.outcome).toBe('added')
      const shown = await shownPerson(to, personId)
      expect(shown?.images.map(({ id }) => id).toSorted()).toEqual([imageId, more.draft.id].toSorted())
    },
  }
})

await describeRace(
  'adding a picture to a newcomer whose holder died, and the next search',
  async (gallery) => {
    const candidacy = aCandidacy(gallery, { identity: 'stranger', groupIds: [await makeGroup(gallery)] })
    const { personId, imageId } = candidacy.newcomer
    await identifyOrCreate(gallery, candidacy)
    await gallery.exclusive.run('newcomer', async (lease) => void (await lease.commit(personId)))
    const more = anEnrollment(gallery, personId, { identity: 'stranger', variation: 2 })
    return {
      first: (from) => addImage(from, more),
      second: (from) => identifyOrCreate(from, aCandidacy(gallery, { identity: 'somebody else' })),
      check: async (to, { first }) => {
        const shown = await shownPerson(to, personId)
        expect(shown?.images.map(({ id }) => id)).toContain(imageId)
        if (first !== null) expect(shown?.images.map(({ id }) => id)).toContain(more.draft.id)
      },
    }
  },
)
