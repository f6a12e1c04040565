import { describe, expect, it } from 'vitest'
import {
  begun,
  chosen,
  isTouched,
  moved,
  saved,
  typed,
} from '../../apps/console/src/routes/people/person/form-state.ts'
import type { WholePerson } from '../../apps/console/src/routes/people/person/whole-person.ts'

const TIME = '2026-01-01T00:00:00.000Z'
const person: WholePerson = {
  ...{ id: 'p', name: 'Ada', groups: ['a'], metadata: { floor: 3 }, metadataText: '{"floor":3}' },
  ...{ createdAt: TIME, updatedAt: TIME, etag: '"1"' },
}

describe('a form and somebody else who changes the same person', () => {
  it('conflict in what both changed, and in nothing else', () => {
    const form = typed(begun(person), { name: 'Ada King', externalId: '7', groups: ['a', 'b'] })
    const now = { ...person, name: 'Ada Byron', groups: ['b', 'a'], metadataText: '{"floor":4}' }
    const { conflicts, draft } = moved(form, now)
    expect(conflicts).toEqual(['name'])
    expect(draft).toMatchObject({ name: 'Ada King', externalId: '7', metadata: '{\n  "floor": 4\n}' })
  })

  it('agree where both wrote the same, however it was laid out', () => {
    const form = typed(begun(person), { name: 'Ada King', metadata: '{ "floor" : 4 }' })
    expect(moved(form, { ...person, name: 'Ada King', metadataText: '{"floor":4}' }).conflicts).toEqual([])
  })

  it('wait for a choice, also if the person is read once more, and end with it', () => {
    const now = { ...person, name: 'Ada Byron' }
    const form = moved(moved(typed(begun(person), { name: 'Ada King' }), now), { ...now, etag: '"3"' })
    expect(form.conflicts).toEqual(['name'])
    const mine = chosen(form, 'name', 'mine')
    expect([mine.conflicts, mine.draft.name, isTouched(mine)]).toEqual([[], 'Ada King', true])
    const theirs = chosen(form, 'name', 'stored')
    expect([theirs.conflicts, theirs.draft.name, isTouched(theirs)]).toEqual([[], 'Ada Byron', false])
    // What was chosen to stay is in question again only if it is changed again.
    expect(moved(mine, { ...now, etag: '"4"' }).conflicts).toEqual([])
    expect(moved(mine, { ...now, name: 'Ada Lovelace' }).conflicts).toEqual(['name'])
  })

  it('take what was just saved for no change of somebody else, though more is typed already', () => {
    const sent = typed(begun(person), { name: 'Ada King', metadata: '{"floor": 4}' })
    const more = typed(saved(sent, sent), { name: 'Ada King-Byron' })
    expect(isTouched(saved(sent, sent))).toBe(false)
    const form = moved(more, { ...person, name: 'Ada King', metadataText: '{"floor":4}' })
    expect([form.conflicts, form.draft.name]).toEqual([[], 'Ada King-Byron'])
    expect(form.draft.metadata).toBe('{\n  "floor": 4\n}')
  })
})
