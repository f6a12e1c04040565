import type { GroupId, PackId } from '@semblance/core'
import { aDescriptor, aGroup, anImage, aPerson, newTestId, TEST_PACK } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

async function stored() {
  const { records, clock } = api.gallery
  const [group, other] = [aGroup({ name: 'Staff' }), aGroup()]
  const dead = newTestId<GroupId>()
  const ada = aPerson({
    name: 'Ada',
    groups: [group.id, dead],
    metadata: '{ "a":\r\n 1.0 }',
    externalId: '7',
  })
  const bob = aPerson({ name: 'Bob', groups: [other.id] })
  const late = aPerson({ groups: [group.id], expireAt: clock.now() })
  const gone = aPerson({ groups: [group.id], state: 'deleting' })
  for (const one of [group, other]) await records.groups.insert(one)
  for (const person of [ada, bob, late, gone]) await records.persons.insert(person)
  const images = [ada, ada, bob, late, gone].map(({ id }, i) =>
    anImage({ personId: id, descriptor: aDescriptor(i) }),
  )
  for (const image of [...images, anImage({ personId: ada.id, state: 'pending' })])
    await records.images.insert(image)
  return { group, other, ada, bob, images }
}

async function exported(query = '') {
  const { status, text, headers } = await api.ask('GET', `/api/export${query}`)
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('application/x-ndjson')
  return {
    text,
    lines: text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  }
}

describe('an export', () => {
  it('has a line for each group, person and image that readers may see, and ends with their numbers', async () => {
    const { group, ada, bob, images } = await stored()
    const { lines, text } = await exported()
    const kinds = lines.map(({ type }) => type)
    expect(kinds).toEqual(['group', 'group', 'person', 'image', 'image', 'person', 'image', 'end'])
    expect(lines.at(-1)).toEqual({ type: 'end', groups: 2, persons: 2, images: 3 })
    expect(lines[2]).toMatchObject({ id: ada.id, name: 'Ada', externalId: '7', groups: [group.id] })
    expect(text).toContain('"metadata":{ "a":   1.0 }')
    expect(lines[5]).toMatchObject({ id: bob.id, name: 'Bob' })
    const [first] = images
    const path = `persons/${ada.id}/images/${first?.id}`
    const its = lines.find(({ id }) => id === first?.id)
    const { bytes, sha256, contentType } = first!
    expect(its).toMatchObject({ type: 'image', personId: ada.id, bytes, sha256, contentType, path })
    expect(text).not.toContain('descriptor')
  })

  it('of a person or a group has nothing of others', async () => {
    const { group, other, ada, bob } = await stored()
    const idsIn = async (query: string) => {
      const { lines } = await exported(query)
      return lines.filter(({ type }) => type === 'group' || type === 'person').map(({ id }) => id)
    }
    expect(await idsIn(`?personId=${ada.id.toUpperCase()}`)).toEqual([group.id, ada.id])
    expect(await idsIn(`?groupId=${other.id}`)).toEqual([other.id, bob.id])
  })

  it.each([
    ['namePrefix=A', 'Ada'],
    ['name=Bob', 'Bob'],
    ['externalId=7', 'Ada'],
    ['hasImages=true', 'Ada Bob'],
    ['hasImages=false', ''],
    ['metadata.a=1', 'Ada'],
    ['createdTo=2100-01-01', 'Ada Bob'],
    ['updatedFrom=2100-01-01', ''],
  ])('has whom the filter %s leaves, after the groups they are in', async (query, names) => {
    const { group, other } = await stored()
    const { lines } = await exported(`?${query}`)
    const persons = lines.filter(({ type }) => type === 'person')
    expect(persons.map(({ name }) => name).join(' ')).toBe(names)
    const groups = lines.flatMap(({ type, id }) => (type === 'group' ? [id] : []))
    const wanted = names
      .split(' ')
      .flatMap((name) => (name === 'Ada' ? [group.id] : name === 'Bob' ? [other.id] : []))
    expect(groups).toEqual(wanted)
    for (const { id, groups: its } of persons)
      for (const of of its)
        expect(lines.findIndex((line) => line.id === of)).toBeLessThan(
          lines.findIndex((line) => line.id === id),
        )
  })

  it('has descriptors to the bit, with their pack, if they are asked for', async () => {
    const { bob, images } = await stored()
    const { lines } = await exported(`?personId=${bob.id}&descriptors=true`)
    const { descriptor, pack } = lines.find(({ type }) => type === 'image')
    expect(pack).toBe(TEST_PACK)
    const { values } = images[2]!.descriptor
    expect(Buffer.from(descriptor, 'base64')).toEqual(
      Buffer.from(values.buffer, values.byteOffset, values.byteLength),
    )
  })

  it('has quality and damage beside the descriptor, by the pack that serves, and null where nobody knows', async () => {
    const { records } = api.gallery
    const ada = aPerson()
    await records.persons.insert(ada)
    const [judged, bare] = [
      anImage({ personId: ada.id, quality: 31.5, damage: 0.25 }),
      anImage({ personId: ada.id }),
    ]
    for (const image of [judged, bare]) await records.images.insert(image)
    const told = async () => {
      const { lines } = await exported('?descriptors=true')
      return [judged, bare].map(({ id }) => {
        const { pack, quality, damage } = lines.find((line) => line.id === id)
        return [pack, quality, damage]
      })
    }
    expect(await told()).toEqual([
      [TEST_PACK, 31.5, 0.25],
      [TEST_PACK, null, null],
    ])
    expect((await exported()).text).not.toMatch(/quality|damage/)
    const next = 'next@1' as PackId
    const { values } = judged.descriptor
    await records.descriptors.note({ imageId: judged.id, packId: next, values, quality: 70, damage: 0 })
    await records.settings.claimPack(TEST_PACK)
    expect(await records.settings.changePacks({ serving: next, other: TEST_PACK, rev: 1 })).toBe(true)
    expect(await told()).toEqual([
      [next, 70, 0],
      [TEST_PACK, null, null],
    ])
  })

  it('has descriptors only for a key that may have them', async () => {
    const config = { apiKeys: ['plain', 'special'], descriptorKeys: ['special'] }
    const guarded = await openTestApi({ config })
    const ask = async (query: string, key: string) => {
      const { status, json } = await guarded.ask('GET', `/api/export${query}`, {
        headers: { 'x-api-key': key },
      })
      return status === 200 ? 200 : json.type
    }
    expect(await ask('', 'plain')).toBe(200)
    for (const query of ['?descriptors=true', '?descriptors=true&format=tar']) {
      expect(await ask(query, 'plain')).toBe('DescriptorsNotAllowed')
      expect(await ask(query, 'special')).toBe(200)
    }
    await guarded.close()
  })

  it('of nothing is its last line', async () => {
    expect((await exported()).lines).toEqual([{ type: 'end', groups: 0, persons: 0, images: 0 }])
  })

  it('goes on past the first portions of persons, and past the first page of images', async () => {
    const { records } = api.gallery
    const persons = Array.from({ length: 1_101 }, () => aPerson())
    for (const person of persons) await records.persons.insert(person)
    for (let i = 0; i < 101; i++) await records.images.insert(anImage({ personId: persons[3]!.id }))
    const { lines } = await exported()
    expect(lines.at(-1)).toEqual({ type: 'end', groups: 0, persons: 1_101, images: 101 })
    expect(new Set(lines.map(({ id }) => id)).size).toBe(1_101 + 101 + 1)
  })

  it.each([
    [`?personId=${newTestId()}`, 404],
    [`?groupId=${newTestId()}`, 404],
    [`?groupId=${newTestId()}&personId=${newTestId()}`, 400],
    ['?metadata.a=1&personId=0192f0c1-2345-7890-abcd-ef0123456789', 400],
    ['?format=zip', 400],
    ['?personId=x', 400],
    ['?descriptors=yes', 400],
    ['?person=x', 400],
  ])('is refused with %s', async (query, status) => {
    expect((await api.ask('GET', `/api/export${query}`)).status).toBe(status)
  })
})

describe('an export of a selection', () => {
  const send = (body: object, headers: Record<string, string> = {}) =>
    api.ask('POST', '/api/export', { body, headers })

  it('has those who are named and there, each once, with their groups', async () => {
    const { group, ada, images } = await stored()
    const personIds = [ada.id.toUpperCase(), ada.id, newTestId()]
    const { status, text, headers } = await send({ personIds })
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson'])
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ type, id }) => [type, id])).toEqual([
      ['group', group.id],
      ['person', ada.id],
      ...[images[1], images[0]].map((image) => ['image', image?.id]),
      ['end', undefined],
    ])
  })

  it('is a tar if it is asked for', async () => {
    const { ada } = await stored()
    const { bytes, headers } = await send({ personIds: [ada.id], format: 'tar' })
    expect(headers.get('content-disposition')).toContain('semblance-export-')
    expect(Buffer.from(bytes).toString('latin1')).toContain(`persons/${ada.id}/person.json`)
  })

  it('needs somebody who is named, and the right to descriptors for these', async () => {
    await stored()
    expect((await send({ personIds: [] })).json.type).toBe('BadParamsException')
    expect((await send({ personIds: ['x'] })).json.type).toBe('BadParamsException')
    await api.close()
    api = await openTestApi({ config: { apiKeys: ['key'] } })
    const headers = { 'x-api-key': 'key' }
    const asked = { personIds: [newTestId()], descriptors: true }
    expect((await send(asked, headers)).json.type).toBe('DescriptorsNotAllowed')
    expect((await send({ ...asked, descriptors: false }, headers)).status).toBe(200)
  })
})

describe('an export by the link of a selection', () => {
  const select = (body: object, headers: Record<string, string> = {}) =>
    api.ask('POST', '/api/export/selections', { body, headers })

  it('has those who were selected, again and again, and of them who is there by then', async () => {
    const { ada, bob } = await stored()
    const made = await select({ personIds: [ada.id, bob.id] })
    expect(made.status).toBe(201)
    const link = `/api/export?selection=${made.json.selectionId}`
    const names = async () =>
      [...(await api.ask('GET', link)).text.matchAll(/"name":"(Ada|Bob)"/g)].map(([, n]) => n)
    expect(await names()).toEqual(['Ada', 'Bob'])
    await api.ask('DELETE', `/api/persons/${ada.id}`)
    expect(await names()).toEqual(['Bob'])
    const tar = await api.ask('GET', `${link}&format=tar`)
    expect(tar.headers.get('content-disposition')).toContain('semblance-export-')
    expect(Buffer.from(tar.bytes).toString('latin1')).toContain(`persons/${bob.id}/person.json`)
  })

  it('takes ten thousand persons, whose ids no link would hold', async () => {
    const { bob } = await stored()
    const personIds = [...Array.from({ length: 9_999 }, () => newTestId()), bob.id]
    const { selectionId } = (await select({ personIds })).json
    expect(selectionId.length).toBeLessThan(64)
    expect((await exported(`?selection=${selectionId}`)).lines.at(-1)).toMatchObject({ persons: 1 })
    expect((await select({ personIds: [...personIds, newTestId()] })).status).toBe(400)
  })

  it('is refused where nobody knows the selection, or a filter stands beside it', async () => {
    const { ada } = await stored()
    const { selectionId } = (await select({ personIds: [ada.id] })).json
    for (const [query, problem] of [
      ['selection=no-such-selection', 'selection is not known any more; select anew'],
      ['selection=', 'selection must be the selectionId that was answered'],
      [`selection=${selectionId}&namePrefix=A`, 'selection must not be sent together with a filter'],
      [`selection=${selectionId}&personId=${ada.id}`, 'selection must not be sent together with personId'],
    ])
      expect((await api.ask('GET', `/api/export?${query}`)).json).toMatchObject({
        statusCode: 400,
        msg: problem,
      })
  })

  it('gives no right: neither to whoever has no key, nor to descriptors', async () => {
    await api.close()
    api = await openTestApi({ config: { apiKeys: ['key'] } })
    const { ada } = await stored()
    const headers = { 'x-api-key': 'key' }
    const { selectionId } = (await select({ personIds: [ada.id] }, headers)).json
    const link = `/api/export?selection=${selectionId}`
    expect((await api.ask('GET', link)).status).toBe(401)
    expect((await api.ask('GET', link, { headers })).status).toBe(200)
    const wanted = await api.ask('GET', `${link}&descriptors=true`, { headers })
    expect(wanted.json.type).toBe('DescriptorsNotAllowed')
  })
})
