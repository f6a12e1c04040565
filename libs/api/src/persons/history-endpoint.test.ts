import { type ImportId, type PersonId, personKeyOf } from '@semblance/core'
import { anImport, createNaiveImportStore, enroll, makePerson, newTestId } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
let imports: ReturnType<typeof createNaiveImportStore>
beforeEach(async () => {
  imports = createNaiveImportStore({ now: () => Date.now(), monotonic: () => performance.now() })
  const importing = { imports, staged: {} as never, maxStagedBytes: 1 }
  api = await openTestApi({ deps: { importing } })
})
afterEach(() => api.close())

const historyOf = async (id: string) => (await api.ask('GET', `/api/persons/${id}/history`)).json.items

describe('GET /api/persons/{personId}/history', () => {
  it('tells the making alone of somebody with whom nothing has happened', async () => {
    const { id, createdAt } = await makePerson(api.gallery)
    expect(await historyOf(id)).toEqual([{ kind: 'made', at: new Date(createdAt).toISOString() }])
  })

  it('tells pictures, the last change, merges, imports and feedback, newest first', async () => {
    const { id } = await makePerson(api.gallery)
    const { id: otherId } = await makePerson(api.gallery)
    const own = await enroll(api.gallery, id, { variation: 1 })
    const theirs = await enroll(api.gallery, otherId, { variation: 2 })
    const made: ImportId = newTestId<ImportId>()
    await imports.records.insert({ ...anImport(), id: made, name: 'Crew' })
    const personKey = personKeyOf({ by: 'id', id: otherId as PersonId })
    await imports.persons.bind({ id: made, personKey, personId: otherId as PersonId, isMade: true })
    api.gallery.clock.advance(5)
    await api.ask('POST', `/api/persons/${id}/merge`, { body: { otherId } })
    const said = { personId: id, imageId: own.id, distance: 0.9, verdict: 'not-this-person' }
    const feedback = (await api.ask('POST', '/api/feedback', { body: said })).json
    const items: readonly { kind: string; at: string }[] = await historyOf(id)
    expect(items.map(({ at }) => at)).toEqual(
      items
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    )
    const { at: _, ...first } = items.find(({ kind }) => kind === 'feedback')!
    expect(first).toEqual({ kind: 'feedback', feedback })
    const told = items.map(({ at, ...event }) => event)
    expect(told).toContainEqual({ kind: 'changed' })
    expect(told).toContainEqual({ kind: 'merged', otherId })
    expect(told).toContainEqual({ kind: 'image-added', imageId: own.id })
    expect(told).toContainEqual({ kind: 'image-added', imageId: theirs.id })
    expect(told).toContainEqual({ kind: 'imported', importId: made, importName: 'Crew', madeByImport: true })
    expect(told).toHaveLength(7)
  })

  it('is not there for somebody who is not', async () => {
    const { id } = await makePerson(api.gallery)
    await api.ask('DELETE', `/api/persons/${id}`)
    for (const gone of [id, newTestId()])
      expect((await api.ask('GET', `/api/persons/${gone}/history`)).json.type).toBe('PersonNotFound')
  })
})
