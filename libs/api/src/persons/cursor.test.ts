import { aPicture, newTestId } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

const post = async (path: string, body: object) => (await api.ask('POST', path, { body })).json
const deleted = (path: string) => api.ask('DELETE', path)

/** Ids of one millisecond follow in any order. */
const newestFirst = (made: readonly { readonly id: string }[]) =>
  made
    .map(({ id }) => id)
    .toSorted()
    .toReversed()

/** Reads a list two at a time by its cursor, and deletes what it has read. */
async function readAndDelete(list: string, itemPath: string): Promise<readonly string[]> {
  const ids: string[] = []
  for (let cursor = ''; ; ) {
    const { status, json } = await api.ask('GET', `${list}?size=2${cursor}`)
    expect(status).toBe(200)
    ids.push(...json.items.map(({ id }: { id: string }) => id))
    for (const { id } of json.items) await deleted(`${itemPath}/${id}`)
    if (json.nextCursor === undefined) return ids
    cursor = `&cursor=${json.nextCursor.toUpperCase()}`
  }
}

describe('a list read by its cursor misses nothing while what it held is deleted', () => {
  it('of persons and of the persons of a group', async () => {
    const group = await post('/api/groups', { name: 'Staff', metadata: {} })
    for (const list of ['/api/persons', `/api/groups/${group.id}/persons`]) {
      const made = []
      for (let i = 0; i < 5; i++)
        made.unshift(await post('/api/persons', { name: 'Ada', groups: [group.id] }))
      expect(await readAndDelete(list, '/api/persons')).toEqual(newestFirst(made))
    }
  })

  it('of groups and of the groups of a person', async () => {
    for (const list of [null, '/groups']) {
      const made = []
      for (let i = 0; i < 5; i++) made.unshift(await post('/api/groups', { name: 'Staff', metadata: {} }))
      const ids = newestFirst(made)
      const person = list === null ? null : await post('/api/persons', { name: 'Ada', groups: ids })
      const path = person === null ? '/api/groups' : `/api/persons/${person.id}${list}`
      expect(await readAndDelete(path, '/api/groups')).toEqual(ids)
    }
  })

  it('of the pictures of a person', async () => {
    const { id } = await post('/api/persons', { name: 'Ada' })
    const made = []
    for (let i = 0; i < 5; i++) {
      const picture = aPicture({ identities: ['ada'], variation: i })
      const content = Buffer.from(picture).toString('base64')
      made.unshift(await post(`/api/persons/${id}/images`, { image: { content } }))
    }
    const path = `/api/persons/${id}/images`
    expect(await readAndDelete(path, path)).toEqual(newestFirst(made))
  })
})

describe('nextCursor', () => {
  it('is left out on the last page, and an unknown id is as good as any', async () => {
    await post('/api/persons', { name: 'Ada' })
    expect(Object.keys((await api.ask('GET', '/api/persons')).json)).toEqual(['items', 'page', 'totalPages'])
    const { json } = await api.ask('GET', `/api/persons?cursor=${newTestId()}`)
    expect(json).toMatchObject({ items: [{ name: 'Ada' }], page: 1, totalPages: 1 })
  })

  it('is refused if no page can have given it', async () => {
    const { status, json } = await api.ask('GET', '/api/persons?cursor=2')
    expect([status, json.msg]).toEqual([400, 'cursor must be the nextCursor of a page'])
  })
})
