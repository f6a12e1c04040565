import { mergePersons, type PersonChanges, type PersonId } from '@semblance/core'
import { aPicture } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openImportApi, type TestImportApi } from '../testing/open-import-api.ts'

const picture = (identity: string, variation = 0) =>
  Buffer.from(aPicture({ identities: identity === '' ? [] : [identity], variation })).toString('base64')

let api: TestImportApi
let path: string
beforeEach(async () => {
  api = await openImportApi()
  path = await api.begin({ samePerson: 'report' })
})
afterEach(() => api.close())

async function send(...rows: readonly object[]) {
  const raw = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  await api.ask('POST', `${path}/rows`, { headers: { 'content-type': 'application/x-ndjson' }, raw })
}

/** Ada has two rows, of which one came to nothing, and Bob has a face like hers. */
async function sendAdaAndBob() {
  await send(
    { key: 'a1', person: { externalId: 'ada' }, picture: picture('ada') },
    { key: 'a2', person: { externalId: 'ada' }, picture: picture('') },
  )
  await expect.poll(async () => (await api.ask('GET', path)).json.rows.ended, { timeout: 5_000 }).toBe(2)
  await send({ key: 'b1', person: { externalId: 'bob' }, picture: picture('ada', 1) })
  const [ada, noFace, bob] = await api.finish(path)
  expect([ada.outcome, noFace.outcome, bob.outcome]).toEqual(['enrolled', 'no-face', 'enrolled'])
  expect(bob.likePersonId).toBe(ada.personId)
  return { ada: ada.personId as PersonId, bob: bob.personId as PersonId }
}

async function report() {
  const { text } = await api.ask('GET', `${path}/report`)
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

async function change(id: PersonId, changes: PersonChanges) {
  const { persons } = api.gallery.records
  const { rev } = (await persons.find(id))!
  expect(await persons.update({ id, rev }, changes)).not.toBeNull()
}

describe('a report', () => {
  // The erasure has not come to them: nobody has called it.
  it.each([
    ['was deleted', { state: 'deleting' }],
    ['has expired', { expireAt: 1 }],
  ] as const)('tells no more of somebody who %s than that there were rows', async (_, changes) => {
    const { ada, bob } = await sendAdaAndBob()
    await change(ada, changes)
    const lines = await report()
    expect(lines).toMatchObject([
      { position: 1, key: 'erased:1', person: 'key:erased:1', outcome: 'enrolled' },
      { position: 2, key: 'erased:2', person: 'key:erased:2', outcome: 'no-face' },
      { position: 3, key: 'b1', person: 'externalId:bob', outcome: 'enrolled', personId: bob },
    ])
    for (const field of ['personId', 'imageId', 'box', 'quality']) expect(lines[0]).not.toHaveProperty(field)
    for (const field of ['likePersonId', 'likeDistance']) expect(lines[2]).not.toHaveProperty(field)
    const { text } = await api.ask('GET', `${path}/report?format=csv`)
    expect(text).toContain('externalId:bob')
    expect(text).not.toMatch(/ada/)
    expect(text).not.toContain(ada)
  })

  it('names nobody as alike who was erased, nor in the rows of whoever was', async () => {
    const { ada, bob } = await sendAdaAndBob()
    await api.ask('DELETE', `/api/persons/${bob}`)
    await expect
      .poll(async () => (await api.gallery.records.persons.find(bob))?.state, { timeout: 10_000 })
      .toBe('gone')
    const [, , erased] = await report()
    expect(erased).toMatchObject({ key: 'erased:3', outcome: 'enrolled' })
    expect(erased).not.toHaveProperty('likePersonId')
    await api.ask('DELETE', `/api/persons/${ada}`)
    await expect
      .poll(async () => (await api.gallery.records.persons.find(ada))?.state, { timeout: 10_000 })
      .toBe('gone')
    expect(JSON.stringify(await report())).not.toContain(ada)
  })

  it('names whom somebody was merged into, who is not like another one', async () => {
    const { ada, bob } = await sendAdaAndBob()
    await change(ada, { externalId: null })
    const merged = await mergePersons(api.gallery, { id: bob, otherId: ada })
    expect(merged.outcome).toBe('merged')
    const [one, , other] = await report()
    expect([one.personId, other.personId]).toEqual([bob, bob])
    expect(other).not.toHaveProperty('likePersonId')
  })

  it('names whom the other one was merged into', async () => {
    const { ada, bob } = await sendAdaAndBob()
    const { json: eve } = await api.ask('POST', '/api/persons', { body: { name: 'Eve' } })
    expect(await mergePersons(api.gallery, { id: eve.id, otherId: ada })).toMatchObject({ outcome: 'merged' })
    const [, , other] = await report()
    expect(other).toMatchObject({ personId: bob, likePersonId: eve.id })
  })
})
