import { aPicture } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

interface Listed {
  readonly id: string
  readonly name: string
}

const enroll = async (name: string): Promise<Listed> =>
  (await api.ask('POST', '/api/persons', { body: { name } })).json
const list = (query: string) => api.ask('GET', `/api/persons?${query}`)

/** Reads on to the end; `between` is carried out after each page. */
async function readAll(
  query: string,
  between: (page: readonly Listed[]) => Promise<unknown> = async () => {},
) {
  const names: string[] = []
  for (let cursor = ''; ; ) {
    // A cursor knows where it goes on.
    const asked = cursor === '' ? query : query.replace(/&skip=\d+/, '')
    const { status, json } = await list(`${asked}${cursor}`)
    expect(status).toBe(200)
    names.push(...json.items.map(({ name }: Listed) => name))
    await between(json.items)
    if (json.nextCursor === undefined) return names
    cursor = `&cursor=${json.nextCursor}`
  }
}

describe('a sorted list of persons', () => {
  it('goes by name, by the time of making and of the last change, either way', async () => {
    for (const name of ['Bea', 'Cem', 'Ada']) {
      await enroll(name)
      await api.gallery.age(5)
    }
    const [{ id }] = (await list('name=Bea')).json.items
    await api.ask('PUT', `/api/persons/${id}`, { body: { metadata: { floor: 3 } } })
    for (const size of [1, 2, 3]) {
      for (const [sort, names] of [
        ['name', ['Ada', 'Bea', 'Cem']],
        ['createdAt', ['Bea', 'Cem', 'Ada']],
        ['updatedAt', ['Cem', 'Ada', 'Bea']],
      ] as const) {
        expect(await readAll(`size=${size}&sort=${sort}`)).toEqual(names)
        expect(await readAll(`size=${size}&sort=-${sort}`)).toEqual(names.toReversed())
      }
    }
    expect(await readAll('sort=-name&namePrefix=B')).toEqual(['Bea'])
  })

  it('misses nobody who does not change while those of each page are deleted or renamed', async () => {
    const names = ['Ada', 'Bea', 'Cem', 'Dan', 'Eva', 'Fay', 'Gus']
    for (const name of names) await enroll(name)
    const seen = await readAll('sort=name&size=2', async ([first, last]) => {
      // The second is the one after whom the list goes on.
      await api.ask('DELETE', `/api/persons/${last?.id ?? first?.id}`)
      if (first !== undefined) await api.ask('PUT', `/api/persons/${first.id}`, { body: { name: 'AAA' } })
    })
    expect(seen).toEqual(names)
  })

  it('goes on after a person who was renamed since, from where they stood', async () => {
    for (const name of ['Ada', 'Bea', 'Cem']) await enroll(name)
    const seen = await readAll('sort=name&size=1', async ([person]) => {
      if (person?.name === 'Ada') await api.ask('PUT', `/api/persons/${person.id}`, { body: { name: 'Zoe' } })
    })
    expect(seen).toEqual(['Ada', 'Bea', 'Cem', 'Zoe'])
  })

  it('holds who has pictures, or none', async () => {
    for (const name of ['Ada', 'Bea', 'Cem', 'Dan']) {
      const { id } = await enroll(name)
      if (name === 'Ada' || name === 'Dan') continue
      const content = Buffer.from(aPicture({ identities: [name] })).toString('base64')
      await api.ask('POST', `/api/persons/${id}/images`, { body: { image: { content } } })
    }
    expect(await readAll('sort=-name&hasImages=true&size=1')).toEqual(['Cem', 'Bea'])
    expect(await readAll('sort=-name&hasImages=false&size=1')).toEqual(['Dan', 'Ada'])
  })

  it('holds nobody of a group that is not there', async () => {
    await enroll('Ada')
    const { json } = await list('sort=name&groupId=0192f5a0-0000-7000-8000-000000000000')
    expect(json).toEqual({ items: [], page: 1, totalPages: 0 })
  })
})

describe('the cursor of a sorted list', () => {
  it('holds no name that one can read, and is another one each time', async () => {
    for (const name of ['Ada', 'Bea']) await enroll(name)
    const next = async () => String((await list('sort=name&size=1')).json.nextCursor)
    const [one, other] = [await next(), await next()]
    expect(one).toMatch(/^[\w-]+$/)
    expect(one).not.toBe(other)
    expect(Buffer.from(one, 'base64url').includes('Ada')).toBe(false)
  })

  it('is refused in another order, if it was altered or is of another list, and with page', async () => {
    for (const name of ['Ada', 'Bea']) await enroll(name)
    const { nextCursor } = (await list('sort=name&size=1')).json
    const [{ id }] = (await list('size=1')).json.items
    const altered = `${nextCursor.slice(0, 30)}${nextCursor[30] === 'A' ? 'B' : 'A'}${nextCursor.slice(31)}`
    const wrong = 'cursor must be the nextCursor of a list of persons with the same sort'
    for (const query of [
      `sort=-name&cursor=${nextCursor}`,
      `sort=createdAt&cursor=${nextCursor}`,
      `sort=name&cursor=${altered}`,
      `sort=name&cursor=${nextCursor.slice(0, 20)}`,
      `sort=name&cursor=${id}`,
      'sort=name&cursor=',
    ]) {
      const { status, json } = await list(query)
      expect([query, status, json.msg]).toEqual([query, 400, wrong])
    }
    const unsorted = await list(`cursor=${nextCursor}`)
    expect([unsorted.status, unsorted.json.msg]).toEqual([400, 'cursor must be the nextCursor of a page'])
    const paged = await list('sort=name&page=2')
    expect([paged.status, paged.json.msg]).toEqual([400, 'page must be left out with sort; send cursor'])
    expect((await list('sort=age')).status).toBe(400)
  })

  it('may begin anywhere, and go on from there', async () => {
    const names = ['Ada', 'Bea', 'Cem', 'Dan', 'Eva']
    for (const name of names) await enroll(name)
    for (const skip of [0, 2, 4, 5, 99])
      expect(await readAll(`sort=name&size=2&skip=${skip}`)).toEqual(names.slice(skip))
    const { json } = await list('sort=-name&size=2&skip=1&namePrefix=E')
    expect(json).toEqual({ items: [], page: 1, totalPages: 0 })
    for (const query of [
      'skip=1',
      'sort=name&skip=1&hasImages=true',
      'sort=name&skip=-1',
      'sort=name&skip=x',
    ])
      expect([query, (await list(query)).status]).toEqual([query, 400])
    const { nextCursor } = (await list('sort=name&size=1')).json
    const both = await list(`sort=name&skip=1&cursor=${nextCursor}`)
    expect(both.json.msg).toBe('skip needs sort, and goes without cursor and hasImages')
  })
})
