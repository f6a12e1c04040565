import { describe, expect, it } from 'vitest'
import { changesOf, draftOf, rebased } from '../../apps/console/src/routes/people/person/person-draft.ts'
import type { WholePerson } from '../../apps/console/src/routes/people/person/whole-person.ts'

const TIME = '2026-01-01T00:00:00.000Z'
const person: WholePerson = {
  ...{ id: 'p', name: 'Ada', groups: ['a'], metadata: { floor: 3 }, metadataText: '{"floor":3}' },
  ...{ createdAt: TIME, updatedAt: TIME, etag: '"1"' },
}

describe('a form of a person who is changed elsewhere meanwhile', () => {
  it('keeps what was typed, and shows all the rest as it is now', () => {
    const now = { ...person, name: 'Ada King', groups: ['a', 'b'], metadataText: '{"floor":4}' }
    const typed = { ...draftOf(person), name: 'Ada Lovelace', externalId: '7' }
    expect(rebased(typed, person, now)).toEqual({
      ...draftOf(now),
      name: 'Ada Lovelace',
      externalId: '7',
    })
  })

  it('sends what was typed alone, and takes nothing back that others did', () => {
    const now = { ...person, groups: ['b'], metadataText: '{"floor":4}' }
    const next = rebased({ ...draftOf(person), name: 'Ada Lovelace' }, person, now)
    expect(JSON.parse(changesOf(next, now) ?? '')).toEqual({ name: 'Ada Lovelace' })
    expect(changesOf(rebased(draftOf(person), person, now), now)).toBeNull()
  })
})
