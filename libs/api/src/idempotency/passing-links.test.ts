import type { ImageLinks, LinkRefusal } from '@semblance/core'
import { aPicture, makePerson } from '@semblance/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

const image = { imageUrl: 'https://photos.example/ada.jpg' }
const content = Buffer.from(aPicture({ identities: ['ada'] })).toString('base64')

let api: TestApi
let fetched = 0
afterEach(() => api.close())

/** A link that is refused the first time and gives its picture from then on. */
async function openBehind(reason: LinkRefusal): Promise<string> {
  fetched = 0
  const links: ImageLinks = {
    fetch: async () =>
      fetched++ === 0
        ? { outcome: 'refused', reason }
        : { outcome: 'fetched', bytes: aPicture({ identities: ['ada'] }) },
    close: async () => {},
  }
  api = await openTestApi({ links })
  return (await makePerson(api.gallery)).id
}

const calls = [
  ['an enrollment', (id: string) => `/api/persons/${id}/images`, { image }],
  ['a search', () => '/api/search', { image }],
  ['a search that makes a person', () => '/api/search', { image, createPerson: { name: 'Ada' } }],
  ['a detection', () => '/api/detect', { image }],
  ['a match', () => '/api/match', { images: [{ imageUrl: image.imageUrl }, { data: content }] }],
  ['a match with a search', () => '/api/match_and_search', { images: [image, { content }] }],
] as const

describe.each(calls)('%s whose link failed, sent again with its Idempotency-Key', (_, pathOf, body) => {
  const post = (path: string) => api.ask('POST', path, { body, headers: { 'idempotency-key': 'k' } })

  it.each(['unreachable', 'timeout', 'incomplete'] as const)('is carried out if it was %s', async (why) => {
    const path = pathOf(await openBehind(why))
    const failed = await post(path)
    const again = await post(path)
    expect(fetched).toBe(2)
    expect(again.text).not.toBe(failed.text)
    expect(again.headers.get('idempotency-replayed')).toBeNull()
    expect(again.status).toBeLessThan(300)
    const last = await post(path)
    expect([last.text, last.headers.get('idempotency-replayed')]).toEqual([again.text, 'true'])
  })

  it('is answered as before if the link is not allowed', async () => {
    const path = pathOf(await openBehind('address-not-allowed'))
    const refused = await post(path)
    const again = await post(path)
    expect(fetched).toBe(1)
    expect([again.text, again.headers.get('idempotency-replayed')]).toEqual([refused.text, 'true'])
  })
})
