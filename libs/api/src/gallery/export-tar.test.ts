import { once } from 'node:events'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { deletePerson } from '@semblance/core'
import { readSource, type SourceItem } from '@semblance/import-sources'
import { aPicture, enroll, makeGroup, makePerson } from '@semblance/testkit'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'
import { packTar, type TarFile } from './pack-tar.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

async function unpacked(bytes: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const reading = extract()
  reading.end(Buffer.from(bytes))
  for await (const entry of reading) {
    const pieces: Buffer[] = []
    for await (const piece of entry) pieces.push(piece as Buffer)
    files.set(entry.header.name, Buffer.concat(pieces))
  }
  return files
}

async function exported(query = '') {
  const answer = await api.ask('GET', `/api/export?format=tar${query}`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-tar'])
  return { ...answer, files: await unpacked(answer.bytes) }
}

const parsed = (bytes: Buffer | undefined) => JSON.parse(String(bytes))

describe('an export as a tar', () => {
  it('says what it is, has each record and each picture as it was sent, and ends with the numbers', async () => {
    const { gallery } = api
    const group = await makeGroup(gallery)
    const ada = await makePerson(gallery, { name: '../../Ada', groups: [group], metadata: '{"n":1.0}' })
    const image = await enroll(gallery, ada.id)
    const { files, headers } = await exported('&descriptors=true')
    const [own, picture] = [`persons/${ada.id}`, `persons/${ada.id}/${image.id}.jpg`]
    expect([...files.keys()]).toEqual([
      ...['semblance-export.json', `groups/${group}.json`],
      ...[`${own}/person.json`, `${own}/${image.id}.json`, picture, 'semblance-export-end.json'],
    ])
    const head = { format: 'semblance-export', version: 1, pack: null, descriptors: true }
    expect(parsed(files.get('semblance-export.json'))).toMatchObject(head)
    expect(String(files.get(`${own}/person.json`))).toContain('"metadata":{"n":1.0}')
    const { sha256, bytes } = image
    const record = { id: image.id, personId: ada.id, contentType: 'image/jpeg', sha256, bytes }
    expect(parsed(files.get(`${own}/${image.id}.json`))).toMatchObject({
      ...record,
      descriptor: expect.any(String),
    })
    expect(files.get(picture)).toEqual(Buffer.from(aPicture({ identities: [ada.id] })))
    const end = { complete: true, groups: 1, persons: 1, images: 1, damagedPictures: 0 }
    expect(parsed(files.get('semblance-export-end.json'))).toEqual(end)
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="semblance-export-[\d-]{10}\.tar"$/,
    )
  })

  it('is asked for by the Accept header, too; has no descriptors unless asked; and takes the same filters', async () => {
    const { id } = await makePerson(api.gallery, { name: 'Ada' })
    await enroll(api.gallery, id)
    await makePerson(api.gallery, { name: 'Bob' })
    const accept = { accept: 'application/x-tar' }
    const { bytes } = await api.ask('GET', '/api/export?namePrefix=a', { headers: accept })
    const files = [...(await unpacked(bytes))]
    expect(files.filter(([path]) => path.endsWith('person.json'))).toHaveLength(0)
    const ofAda = await api.ask('GET', '/api/export?namePrefix=A', { headers: accept })
    const text = Buffer.from(ofAda.bytes).toString('latin1')
    expect(text).toContain(`persons/${id}/person.json`)
    expect(text).not.toContain('Bob')
    expect(text).not.toContain('"descriptor"')
    const lines = await api.ask('GET', '/api/export?format=ndjson', { headers: accept })
    expect(lines.headers.get('content-type')).toBe('application/x-ndjson')
  })

  it('leaves out what is deleted while it is written, and tells of pictures that are damaged', async () => {
    const { gallery } = api
    const [ada, bob] = [await makePerson(gallery), await makePerson(gallery)]
    for (const { id } of [ada, bob]) await enroll(gallery, id)
    const { id: damaged } = await enroll(gallery, bob.id, { variation: 1 })
    await gallery.pictures.put(damaged, new Uint8Array([1]))
    const { get } = gallery.pictures
    let asked = 0
    gallery.pictures.get = async (...call) => {
      if (asked++ === 0) await deletePerson(gallery, ada.id)
      return get.apply(gallery.pictures, call)
    }
    const { files } = await exported()
    const paths = [...files.keys()].filter((path) => path.endsWith('.jpg'))
    expect(paths).toEqual([expect.stringContaining(bob.id)])
    expect(parsed(files.get('semblance-export-end.json'))).toMatchObject({ images: 2, damagedPictures: 1 })
  })

  it('is cut off, without its end, when a store fails on the way', async () => {
    const { id } = await makePerson(api.gallery)
    await enroll(api.gallery, id)
    api.gallery.pictures.get = () => Promise.reject(new Error('away'))
    await expect(api.ask('GET', '/api/export?format=tar')).rejects.toThrow()
  })

  it('reads no further when its caller leaves', async () => {
    const { gallery } = api
    const { id } = await makePerson(gallery)
    for (let variation = 0; variation < 5; variation++) await enroll(gallery, id, { variation })
    let reads = 0
    const slow = Promise.withResolvers<void>()
    const { get } = gallery.pictures
    gallery.pictures.get = async (...call) => {
      reads++
      await slow.promise
      return get.apply(gallery.pictures, call)
    }
    const leaving = request(`${api.url}/api/export?format=tar`).on('error', () => {})
    leaving.end()
    await once(leaving, 'response')
    await expect.poll(() => reads).toBe(1)
    leaving.destroy()
    await expect.poll(() => api.requests.at(-1)?.status).toBe(499)
    slow.resolve()
    await sleep(50)
    expect(reads).toBe(1)
  })

  it('of which only the head is asked for keeps nobody out', async () => {
    for (let time = 0; time < 5; time++)
      expect((await api.ask('HEAD', '/api/export?format=tar')).status).toBe(200)
    expect((await api.ask('GET', '/api/export?format=tar')).status).toBe(200)
  })

  it('is refused with 503 while four others are taken', async () => {
    const held = Promise.withResolvers<void>()
    let asked = 0
    api.gallery.records.settings.readPack = async () => {
      asked++
      await held.promise
      return null
    }
    const others = Array.from({ length: 4 }, () => api.ask('GET', '/api/export?format=tar'))
    await expect.poll(() => asked).toBe(4)
    const { status, headers, json } = await api.ask('GET', '/api/export?format=tar')
    expect([status, json.type, headers.get('retry-after')]).toEqual([503, 'E_OVERLOADED', '30'])
    expect((await api.ask('GET', '/api/export')).status).toBe(200)
    held.resolve()
    for (const { status: ended } of await Promise.all(others)) expect(ended).toBe(200)
    expect((await api.ask('GET', '/api/export?format=tar')).status).toBe(200)
  })

  it('is refused with 503 where four others were quicker since it was asked for', async () => {
    const { id } = await makePerson(api.gallery)
    const held = Promise.withResolvers<void>()
    let asked = 0
    const { persons } = api.gallery.records
    const { find } = persons
    persons.find = async (...call) => {
      asked++
      await held.promise
      return find.apply(persons, call)
    }
    const all = Array.from({ length: 5 }, () => api.ask('GET', `/api/export?format=tar&personId=${id}`))
    await expect.poll(() => asked).toBe(5)
    held.resolve()
    const answers = await Promise.all(all)
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 503])
    const refused = answers.find(({ status }) => status === 503)
    expect([refused?.json.type, refused?.headers.get('retry-after')]).toEqual(['E_OVERLOADED', '30'])
  })

  it('is read by an import', async () => {
    const { id } = await makePerson(api.gallery, { name: 'Ada' })
    await enroll(api.gallery, id)
    const { bytes } = await exported()
    const items: SourceItem[] = []
    for await (const item of readSource(Readable.from([Buffer.from(bytes)]))) items.push(item)
    expect(items.map((item) => item.kind)).toEqual(['row', 'row', 'row'])
  })
})

describe('packing a tar', () => {
  it('asks for no file before those before it are taken, and gives parts of 64 KB', async () => {
    let made = 0
    async function* files(): AsyncGenerator<TarFile> {
      for (; made < 100; made++) yield { path: `${made}`, bytes: new Uint8Array(300_000), changedMs: 0 }
    }
    const parts = packTar(files())
    for (let i = 0; i < 3; i++) expect((await parts.next()).value).toHaveLength(65_536)
    await sleep(20)
    expect(made).toBeLessThan(3)
    await parts.return(undefined)
    await sleep(20)
    expect(made).toBeLessThan(4)
  })

  it('gives one that GNU tar can take files out of', async () => {
    async function* files(): AsyncGenerator<TarFile> {
      for (const path of ['a', 'b/c', 'd']) yield { path, bytes: new Uint8Array(700), changedMs: 0 }
    }
    let length = 0
    for await (const part of packTar(files())) length += part.byteLength
    expect(length).toBe(10_240)
  })

  it('ends with what went wrong with a file', async () => {
    // biome-ignore lint/correctness/useYield: it fails before its first file
    async function* files(): AsyncGenerator<TarFile> {
      throw new Error('away')
    }
    await expect(packTar(files()).next()).rejects.toThrow('away')
  })
})
