import { describe, expect, it } from 'vitest'
import type { PersonId } from '../ids.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { mergePersons } from '../persons/merge-persons.ts'
import { makePerson, newTestId, openTestGallery } from '../testing/index.ts'
import { handOverPairs } from './hand-over-pairs.ts'

/** Ada, into whom Bob was merged, and Eve; `meanwhile` happens just before the first pairs come. */
async function handOverOfBob(meanwhile: (gallery: ReturnType<typeof openTestGallery>, ids: Ids) => unknown) {
  const gallery = openTestGallery()
  const [ada, bob, eve] = [await makePerson(gallery), await makePerson(gallery), await makePerson(gallery)]
  const ids = { ada: ada.id, bob: bob.id, eve: eve.id }
  await mergePersons(gallery, { id: ada.id, otherId: bob.id })
  const done: string[] = []
  const nameOf = (id: PersonId) => Object.entries(ids).find(([, known]) => known === id)?.[0]
  const pairs = {
    handOver: async ({ from, to }: { readonly from: PersonId; readonly to: PersonId }) => {
      if (done.length === 0) await meanwhile(gallery, ids)
      done.push(`${nameOf(from)} -> ${nameOf(to)}`)
    },
    erase: async (id: PersonId) => void done.push(`${nameOf(id)} -> nobody`),
  }
  await handOverPairs({ records: gallery.records, pairs }, bob.id)
  return done
}
type Ids = Readonly<Record<'ada' | 'bob' | 'eve', PersonId>>

describe('pairs of somebody who was merged', () => {
  it('go over to whoever has the images', async () => {
    expect(await handOverOfBob(() => {})).toEqual(['bob -> ada'])
  })

  it('go on to whoever that one was merged into just before they came', async () => {
    const done = await handOverOfBob((gallery, { ada, eve }) =>
      mergePersons(gallery, { id: eve, otherId: ada }),
    )
    expect(done).toEqual(['bob -> ada', 'ada -> eve'])
  })

  it('are erased if that one was deleted just before they came', async () => {
    const done = await handOverOfBob((gallery, { ada }) => deletePerson(gallery, ada))
    expect(done).toEqual(['bob -> ada', 'ada -> nobody'])
  })

  it('are erased if nothing is known of the person', async () => {
    const { records } = openTestGallery()
    const erased: PersonId[] = []
    const pairs = { handOver: async () => {}, erase: async (id: PersonId) => void erased.push(id) }
    const id = newTestId<PersonId>()
    await handOverPairs({ records, pairs }, id)
    expect(erased).toEqual([id])
  })
})
