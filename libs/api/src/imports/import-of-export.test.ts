import { addImage, type Importer, onlyGallery, startImporter } from '@semblance/core'
import { createJobHandlers, onlyEngine, runImportRow } from '@semblance/jobs'
import {
  anEnrollment,
  createFakeFaceEngine,
  createNaiveImageStore,
  createNaiveImportStore,
  enroll,
  makeGroup,
  makePerson,
  openTestGallery,
  type TestGallery,
} from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestQueue, openTestApi, type TestApi } from '../testing/open-test-api.ts'

const ID = '01700000-0000-7000-8000-000000000001'
const TIME = '2026-01-01T00:00:00Z'

const TAR = { 'content-type': 'application/x-tar' }

let from: TestApi
let to: TestApi
let gallery: TestGallery
let importer: Importer
/** Pictures that a network looked at on the side of the import. */
let looks = 0

beforeEach(async () => {
  looks = 0
  gallery = openTestGallery()
  // No record of the export is of this gallery's future.
  gallery.clock.advance(60_000)
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const [imports, staged] = [createNaiveImportStore(clock), createNaiveImageStore(clock)]
  const importing = { imports, staged, maxStagedBytes: 1_000_000, maxPictureBytes: 100_000 }
  const fake = createFakeFaceEngine()
  const findFaces: typeof fake.findFaces = (...call) => {
    looks++
    return fake.findFaces(...call)
  }
  const handlers = createJobHandlers({
    galleryOf: onlyGallery(gallery),
    importing,
    packs: onlyEngine({ ...fake, findFaces }),
    inFlight: { put: async () => '' as never, get: async () => null, drop: async () => {} },
    links: {
      fetch: async () => ({ outcome: 'refused', reason: 'address-not-allowed' }),
      close: async () => {},
    },
    observe: () => {},
  })
  const queue = createTestQueue(({ payload, lane }, { signal }) =>
    handlers['import-row'](payload, { lane, signal }),
  )
  const terms = { threshold: 1, deadlineMs: 1_000, requestId: 'r' }
  const runRow: Parameters<typeof startImporter>[0]['runRow'] = (work, waiting) =>
    runImportRow(queue, { ...work, ...terms }, waiting)
  importer = startImporter(
    { gallery: { ...gallery, clock }, imports, staged, runRow },
    { window: 8, everyMs: 5 },
  )
  from = await openTestApi()
  to = await openTestApi({ gallery, deps: { importing } })
})
afterEach(async () => {
  await Promise.all([importer.stop(), from.close(), to.close()])
})

async function fill() {
  const source = from.gallery
  const [staff, empty] = [await makeGroup(source), await makeGroup(source, 'Nobody')]
  const ada = await makePerson(source, {
    name: 'Ada',
    externalId: '7',
    metadata: '{"n":1.0}',
    groups: [staff],
  })
  const bob = await makePerson(source, { name: '', groups: [staff] })
  // The descriptor of another face: only whoever takes it over has it afterwards.
  const images = [await enroll(source, ada.id), await enroll(source, ada.id, { variation: 1 })]
  return { groups: [staff, empty], persons: [ada, bob], images }
}

async function brought(fields: object, tar: Uint8Array) {
  const made = await to.ask('POST', '/api/imports', { body: { name: 'export', ...fields } })
  expect(made.status, made.text).toBe(201)
  const path = `/api/imports/${made.json.id}`
  const content = { raw: tar, headers: { 'content-type': 'application/x-tar' } }
  const taken = await to.ask('PUT', `${path}/content`, content)
  await to.ask('POST', `${path}/close`)
  await expect.poll(async () => (await to.ask('GET', path)).json.state, { timeout: 5_000 }).toBe('done')
  const report = (await to.ask('GET', `${path}/report`)).text.trim().split('\n')
  return { taken, rows: report.map((line) => JSON.parse(line)) }
}

const exported = async (query: string) => (await from.ask('GET', `/api/export?format=tar${query}`)).bytes

describe('an export that is imported elsewhere', () => {
  it('gives the same ids, fields, groups, pictures and descriptors, without a look at any picture', async () => {
    const { groups, persons, images } = await fill()
    const { taken, rows } = await brought({ trustDescriptors: true }, await exported('&descriptors=true'))
    expect(taken.json).toMatchObject({ added: 6, invalid: 0, notes: [] })
    expect(rows.map(({ outcome }) => outcome).toSorted()).toEqual([
      ...['enrolled', 'enrolled', 'group-written', 'group-written', 'person-written', 'person-written'],
    ])
    expect(rows.filter(({ outcome }) => outcome === 'enrolled')).toMatchObject([
      { descriptorFrom: 'export' },
      { descriptorFrom: 'export' },
    ])
    expect(looks).toBe(0)
    const [a, b] = [from.gallery, gallery]
    for (const { id } of images) {
      expect(await b.records.images.find(id)).toEqual(await a.records.images.find(id))
      expect(Buffer.from((await b.pictures.get(id))!)).toEqual(Buffer.from((await a.pictures.get(id))!))
    }
    for (const { id } of persons) {
      const [before, after] = [await a.records.persons.find(id), await b.records.persons.find(id)]
      expect(after).toEqual(before)
    }
    for (const id of groups) expect(await b.records.groups.find(id)).toEqual(await a.records.groups.find(id))
    expect(await b.indexed()).toEqual(await a.indexed())
  })

  it('has the quality and damage of each image as before, since distances depend on them', async () => {
    const source = from.gallery
    const { draft, picture } = anEnrollment(source, (await makePerson(source)).id)
    const bad = { draft: { ...draft, quality: 12.5, damage: 0.75 }, picture }
    expect((await addImage(source, bad)).outcome).toBe('added')
    await brought({ trustDescriptors: true }, await exported('&descriptors=true'))
    expect(await gallery.records.images.find(draft.id)).toEqual(await source.records.images.find(draft.id))
  })

  it('a second time finds everything there', async () => {
    await fill()
    const tar = await exported('&descriptors=true')
    await brought({ trustDescriptors: true }, tar)
    const { rows } = await brought({ trustDescriptors: true, onConflict: 'update' }, tar)
    expect(rows.map(({ outcome }) => outcome).toSorted()).toEqual([
      ...[
        'group-written',
        'group-written',
        'person-written',
        'person-written',
        'same-picture',
        'same-picture',
      ],
    ])
    expect(await gallery.records.countEnrolled()).toMatchObject({ persons: 2, groups: 2, images: 2 })
  })

  it('without descriptors, or without trust in them, has every picture looked at, and says why', async () => {
    const { images } = await fill()
    const whys = async (fields: object, query: string) => {
      const { rows } = await brought(fields, await exported(query))
      return rows.flatMap(({ descriptorFrom, why }) => (descriptorFrom === 'picture' ? [why] : []))
    }
    expect(await whys({ dryRun: true }, '&descriptors=true')).toEqual(
      images.map(() => 'the import does not trust descriptors'),
    )
    expect(await whys({ trustDescriptors: true }, '')).toEqual(images.map(() => 'no descriptor came with it'))
    expect(looks).toBe(2 * images.length)
  })

  it('cut off is taken as far as it goes, and said to be cut off', async () => {
    await fill()
    const tar = await exported('')
    const { taken, rows } = await brought(
      {},
      tar.subarray(0, Buffer.from(tar).indexOf('semblance-export-end.json')),
    )
    expect([taken.status, taken.json.type]).toEqual([400, 'ImportSourceUnreadable'])
    expect(taken.json.metadata).toMatchObject({ code: 'truncated', taken: { added: 6 } })
    expect(rows).toHaveLength(6)
  })

  it('is refused where trust in descriptors meets a policy that needs the picture looked at', async () => {
    for (const policy of [{ faces: 'one' }, { quality: 'strict' }, { resizeOptions: { width: 10 } }]) {
      const body = { name: 'x', trustDescriptors: true, ...policy }
      expect((await to.ask('POST', '/api/imports', { body })).status).toBe(400)
    }
  })
})

describe('descriptors of an export', () => {
  it('come in only with a key that may have them', async () => {
    await fill()
    const tar = await exported('&descriptors=true')
    const config = { apiKeys: ['plain', 'special'], descriptorKeys: ['special'] }
    const guarded = await openTestApi({
      gallery,
      config,
      deps: { importing: to.deps.importing },
    })
    const begin = (key: string) => {
      const body = { name: 'x', trustDescriptors: true }
      return guarded.ask('POST', '/api/imports', { body, headers: { 'x-api-key': key } })
    }
    expect((await begin('plain')).json.type).toBe('DescriptorsNotAllowed')
    const { id } = (await begin('special')).json
    await guarded.ask('PUT', `/api/imports/${id}/content`, {
      raw: tar,
      headers: { 'x-api-key': 'plain', ...TAR },
    })
    await expect.poll(() => looks).toBe(2)
    await guarded.close()
  })
})

describe('a row of an export', () => {
  it.each<[string, object]>([
    ['without the id of its person', { person: { externalId: '7' }, restore: { person: times() } }],
    ['of an image without its picture', { restore: { person: times(), image: image() } }],
    ['of an image without its person', { restore: { image: image() }, imageUrl: 'http://a.example/b.jpg' }],
    ['of a group under another key', { restore: { group: { id: ID, createdAt: TIME } } }],
    ['with a time that is none', { restore: { person: { createdAt: 'then', updatedAt: TIME } } }],
    ['with a descriptor of a megabyte', { restore: { person: times(), image: image('A'.repeat(100_000)) } }],
  ])('%s is wrong', async (_, row) => {
    const made = await to.ask('POST', '/api/imports', { body: { name: 'x' } })
    const raw = `${JSON.stringify({ key: 'k', person: { id: ID }, ...row })}\n`
    const headers = { 'content-type': 'application/x-ndjson' }
    const { json } = await to.ask('POST', `/api/imports/${made.json.id}/rows`, { raw, headers })
    expect(json).toMatchObject({
      added: 0,
      invalid: 1,
      wrong: [{ field: expect.stringMatching(/^restore/) }],
    })
  })

  it.each([
    ['quality', 100.1],
    ['quality', '9'],
    ['damage', -0.01],
    ['damage', 1.01],
  ])('whose image has the %s %s is wrong', async (field, value) => {
    const { json } = await rowTaken({ [field]: value })
    expect(json).toMatchObject({ added: 0, invalid: 1, wrong: [{ field: `restore.image.${field}` }] })
  })

  it.each([
    {},
    { quality: 0, damage: 0 },
    { quality: 100, damage: 1 },
    { quality: null, damage: null },
  ])('whose image has %j is taken', async (judged) => {
    expect((await rowTaken(judged)).json).toMatchObject({ added: 1, invalid: 0 })
  })
})

async function rowTaken(judged: object) {
  const made = await to.ask('POST', '/api/imports', { body: { name: 'x' } })
  const restore = { person: times(), image: { ...image(), ...judged } }
  const row = { key: 'k', person: { id: ID }, picture: Buffer.from('x').toString('base64'), restore }
  const headers = { 'content-type': 'application/x-ndjson' }
  return to.ask('POST', `/api/imports/${made.json.id}/rows`, { raw: `${JSON.stringify(row)}\n`, headers })
}

function times() {
  return { createdAt: TIME, updatedAt: TIME }
}
function image(descriptor = 'AAAA') {
  return { id: ID, createdAt: TIME, sha256: 'a'.repeat(64), pack: 'p@1', descriptor }
}
