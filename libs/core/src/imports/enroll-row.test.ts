import { describe, expect, it } from 'vitest'
import { storageFull } from '../errors.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { sha256Hex } from '../images/read-picture.ts'
import {
  anImport,
  aPicture,
  aRow,
  createFakeFaceEngine,
  createNaiveImportStore,
  type FakeScene,
  fakeDescriptor,
  GOOD_PARTS,
  makePerson,
  ofQuality,
  openTestGallery,
  PLAIN_POLICIES,
} from '../testing/index.ts'
import { enrollRow } from './enroll-row.ts'
import type { ImportPolicies } from './import.ts'
import type { RowDraft } from './import-row.ts'

const WORK = { lane: 'bulk' } as const

/** An import over an empty gallery. `take` adds a row, claims it and enrolls it. */
async function begin(given: Partial<ImportPolicies> = {}) {
  const gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const policies = { ...PLAIN_POLICIES, ...given }
  const made = anImport({ policies })
  await imports.records.insert(made)
  const deps = { gallery, imports, engine: createFakeFaceEngine() }
  const claim = async (row: Partial<RowDraft>) => {
    await imports.rows.add(made.id, [aRow(row)])
    const newImageIds = [gallery.newId<ImageId>()]
    const [claimed] = await imports.rows.claim({ id: made.id, holder: 'h', leaseMs: 60_000, newImageIds })
    if (claimed === undefined) throw new Error('nothing to claim')
    return claimed
  }
  const run = (row: Awaited<ReturnType<typeof claim>>, scene: Partial<FakeScene> | 'no picture' | null) => {
    const bytes = scene === 'no picture' ? new Uint8Array([1]) : scene === null ? null : aPicture(scene)
    const picture = bytes === null ? null : { sent: bytes, shrunk: bytes }
    const job = { importId: made.id, policies, groups: made.groups, row, picture, threshold: 1 }
    return enrollRow(deps, job, WORK)
  }
  const take = async (row: Partial<RowDraft>, scene: Partial<FakeScene> | 'no picture' | null = {}) => {
    const claimed = await claim(row)
    const outcome = await run(claimed, scene)
    await imports.rows.end({ id: made.id, holder: 'h', rows: [{ ...claimed, outcome }] })
    return outcome
  }
  const find = (id: PersonId) => gallery.records.persons.find(id)
  const pictures = async (id: PersonId) =>
    (await gallery.records.images.list([id], { page: 1, size: 100 })).items.length
  return { gallery, imports, made, engine: deps.engine, claim, run, take, find, pictures }
}

const ada = { by: 'externalId', externalId: 'ada' } as const

describe('a row', () => {
  it('makes its person and enrolls the picture', async () => {
    const { take, find, pictures } = await begin()
    const outcome = await take({ person: ada, name: 'Ada', metadata: '{"a":1}' })
    expect(outcome).toMatchObject({ kind: 'enrolled', face: { faceCount: 1, box: { width: 80 } } })
    const { personId } = outcome as { personId: PersonId }
    expect(await find(personId)).toMatchObject({ name: 'Ada', externalId: 'ada', metadata: '{"a":1}' })
    expect(await pictures(personId)).toBe(1)
  })

  it('adds to the person who came by another way, where an earlier row of the same import made nobody', async () => {
    const { take, pictures, gallery } = await begin()
    expect(await take({ person: ada }, { identities: [] })).toEqual({ kind: 'no-face' })
    const { id } = await makePerson(gallery, { externalId: 'ada' })
    expect(await take({ person: ada })).toMatchObject({ kind: 'enrolled', personId: id })
    expect(await pictures(id)).toBe(1)
  })

  it('adds to the person that an earlier row made, or that was there', async () => {
    const { take, pictures, gallery } = await begin()
    const first = await take({ person: ada })
    const second = await take({ person: ada }, { variation: 1 })
    const { personId } = first as { personId: PersonId }
    expect(second).toMatchObject({ kind: 'enrolled', personId })
    expect(await take({ person: { by: 'id', id: personId } }, { variation: 2 })).toMatchObject({ personId })
    expect(await pictures(personId)).toBe(3)
    expect((await gallery.records.countEnrolled()).persons).toBe(1)
  })

  it('that is run twice has one effect', async () => {
    const { claim, run, pictures } = await begin()
    const row = await claim({ person: ada })
    const first = await run(row, {})
    expect(await run(row, {})).toEqual(first)
    expect(await pictures((first as { personId: PersonId }).personId)).toBe(1)
  })

  it('is not worked at where there is no room, unless it is only tried', async () => {
    const full = () => {
      throw storageFull()
    }
    for (const dryRun of [false, true]) {
      const { gallery, take } = await begin({ dryRun })
      Object.assign(gallery, { room: { require: full, noteFull: () => {} } })
      const taken = take({ person: ada })
      if (dryRun) expect(await taken).toMatchObject({ kind: 'enrolled' })
      else await expect(taken).rejects.toMatchObject({ code: 'E_STORAGE_FULL' })
      expect((await gallery.records.countEnrolled()).persons).toBe(0)
    }
  })

  it('is refused where two persons have its external id', async () => {
    const one = await begin()
    await one.take({ person: { by: 'key', key: 'x' } }, null)
    const { gallery, take } = one
    for (let i = 0; i < 2; i++) {
      const draft = { id: gallery.newId<PersonId>(), name: '', metadata: '{}', groups: [], expireAt: null }
      await gallery.records.persons.insert({
        ...draft,
        externalId: 'ada',
        createdAt: 1,
        updatedAt: 1,
        rev: 1,
        state: 'live',
        dirty: false,
      })
    }
    expect(await take({ person: ada })).toMatchObject({ kind: 'invalid', field: 'person.externalId' })
  })

  it('without a picture writes the person alone', async () => {
    const { take, find } = await begin()
    const outcome = await take({ name: 'Ada' }, null)
    expect(outcome).toMatchObject({ kind: 'person-written' })
    expect(await find((outcome as { personId: PersonId }).personId)).toMatchObject({ name: 'Ada' })
  })

  it('tells why its picture cannot be enrolled, and makes no person for it', async () => {
    const { take, gallery } = await begin()
    expect(await take({}, { identities: [] })).toEqual({ kind: 'no-face' })
    expect(await take({}, 'no picture')).toMatchObject({ kind: 'undecodable' })
    expect(await take({}, { side: 20_000 })).toMatchObject({ kind: 'undecodable' })
    expect((await gallery.records.countEnrolled()).persons).toBe(0)
  })

  it('of an unknown group is refused', async () => {
    const { take } = await begin()
    expect(await take({ groups: ['0192f0c1-2345-7890-abcd-ef0123456789' as never] })).toMatchObject({
      kind: 'invalid',
      field: 'groups',
    })
  })
})

describe('the policy', () => {
  it('"faces: one" refuses a picture of several', async () => {
    const scene = { identities: ['ada', 'bob'] }
    expect(await (await begin({ faces: 'one' })).take({}, scene)).toEqual({
      kind: 'several-faces',
      faceCount: 2,
    })
    expect(await (await begin({ faces: 'central' })).take({}, scene)).toMatchObject({
      kind: 'enrolled',
      face: { faceCount: 2 },
    })
  })

  it.each([
    'one',
    'central',
  ] as const)('"faces: %s" has every face counted only if one is allowed', async (faces) => {
    const { engine, take } = await begin({ faces })
    const asked: unknown[] = []
    const { findFaces } = engine
    engine.findFaces = (picture, request, work) => {
      asked.push(request.countsEveryFace)
      return findFaces(picture, request, work)
    }
    await take({ person: ada })
    expect(asked).toEqual([faces === 'one'])
  })

  it('"faces: largest" enrolls the largest face, and "central" the one in the middle', async () => {
    const boxes = [
      { x: 0, y: 0, width: 200, height: 240 },
      { x: 300, y: 50, width: 80, height: 90 },
    ]
    for (const [faces, place] of [
      ['largest', 0],
      ['central', 1],
    ] as const) {
      const { engine, take, gallery } = await begin({ faces })
      const { findFaces } = engine
      // Bob is the largest, and Ada in the middle: as the port has it, all faces come with the largest first.
      engine.findFaces = async (_picture, request, work) => {
        const whole = await findFaces(
          aPicture({ identities: ['bob', 'ada'] }),
          { ...request, faces: 'all' },
          work,
        )
        if (whole.outcome !== 'faces') return whole
        const [bob, ada] = whole.faces.map((face, i) => ({ ...face, box: boxes[i]! }))
        return { ...whole, faces: request.faces === 'all' ? [bob!, ada!] : [ada!] }
      }
      const outcome = await take({}, { identities: ['bob', 'ada'] })
      expect(outcome).toMatchObject({ kind: 'enrolled', face: { box: boxes[place], faceCount: 2 } })
      const { imageId } = outcome as { imageId: ImageId }
      const stored = await gallery.records.images.find(imageId)
      expect(stored?.descriptor.values).toEqual(fakeDescriptor(['bob', 'ada'][place]!, 0, 'rich').values)
    }
  })

  it('"quality" refuses a face that does not comply, and says why', async () => {
    const { take } = await begin({ quality: [{ name: 'BlurLevel', range: [0, 0.1] }] })
    expect(await take({})).toMatchObject({
      kind: 'low-quality',
      characteristic: 'BlurLevel',
      value: 0.2,
      range: [0, 0.1],
    })
  })

  it.each([
    [{ name: 'faceQuality', range: [50, 100] }, 40],
    [{ name: 'faceQuality.size', range: [30, 100] }, 20],
  ] as const)('"quality" knows how well a face can be compared: %o', async (limit, value) => {
    const { engine, take } = await begin({ quality: [limit] })
    engine.findFaces = ofQuality(engine, { value: 40, parts: { ...GOOD_PARTS, size: 20 } }).findFaces
    const refused = { kind: 'low-quality', characteristic: limit.name, value, range: limit.range }
    expect(await take({})).toMatchObject({ ...refused, face: { quality: 0 } })
  })

  it('"quality" has every face counted if a limit asks for other faces', async () => {
    const { engine, take } = await begin({ quality: [{ name: 'OtherFaces', range: [0, 0] }] })
    const { findFaces } = engine
    const asked: unknown[] = []
    engine.findFaces = (picture, request, work) => {
      asked.push(request.countsEveryFace)
      return findFaces(picture, request, work)
    }
    const refused = { kind: 'low-quality', characteristic: 'OtherFaces', value: 1 }
    expect(await take({}, { identities: ['ada', 'bob'] })).toMatchObject(refused)
    expect(asked).toEqual([true])
  })

  it('"samePicture: skip" enrolls a picture once for each person', async () => {
    const { take } = await begin()
    const bytes = aPicture()
    const first = await take({ person: ada, pictureSha256: sha256Hex(bytes) })
    const { imageId, personId } = first as { imageId: ImageId; personId: PersonId }
    expect(await take({ person: ada })).toEqual({ kind: 'same-picture', personId, imageId })
    expect(await take({})).toMatchObject({ kind: 'enrolled' })
    const { take: takeAll } = await begin({ samePicture: 'enroll' })
    await takeAll({ person: ada })
    expect(await takeAll({ person: ada })).toMatchObject({ kind: 'enrolled' })
  })

  it('"samePicture: skip" lets one of several rows at once enroll what their links gave', async () => {
    for (const person of [ada, { by: 'key', key: 'ada' }] as const) {
      const { claim, run, pictures } = await begin()
      const links = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => `https://faces.example/${name}`)
      const rows = await Promise.all(links.map((url) => claim({ person, picture: { from: 'link', url } })))
      const outcomes = await Promise.all(rows.map((row) => run(row, {})))
      const [enrolled, ...others] = outcomes.toSorted((a, b) => a.kind.localeCompare(b.kind))
      const { personId, imageId } = enrolled as { personId: PersonId; imageId: ImageId }
      expect(enrolled?.kind).toBe('enrolled')
      expect(others).toEqual(Array(2).fill({ kind: 'same-picture', personId, imageId }))
      expect(await pictures(personId)).toBe(1)
    }
  })

  it('"samePicture: skip" has all links looked at before one waits for another to be written', async () => {
    const { claim, run, gallery, engine } = await begin()
    const { findFaces } = engine
    let looks = 0
    const allLooked = Promise.withResolvers<void>()
    engine.findFaces = (...asked) => {
      looks += 1
      if (looks === 3) allLooked.resolve()
      return findFaces(...asked)
    }
    const put = gallery.pictures.put
    gallery.pictures.put = async (...picture) => {
      await allLooked.promise
      return put(...picture)
    }
    const links = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => `https://faces.example/${name}`)
    const rows = await Promise.all(links.map((url) => claim({ person: ada, picture: { from: 'link', url } })))
    const outcomes = await Promise.all(rows.map((row) => run(row, {})))
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['enrolled', 'same-picture', 'same-picture'])
  })

  it('"samePicture: skip" lets a dry run tell of a picture that an earlier row would have enrolled', async () => {
    const { take } = await begin({ dryRun: true })
    const pictureSha256 = sha256Hex(aPicture())
    expect(await take({ person: ada, pictureSha256 }, { identities: [] })).toMatchObject({ kind: 'no-face' })
    expect(await take({ person: ada, pictureSha256 })).toMatchObject({ kind: 'enrolled' })
    expect(await take({ person: ada, pictureSha256 })).toEqual({
      kind: 'same-picture',
      personId: null,
      imageId: null,
    })
  })

  it('"samePerson" tells of another person who looks the same, or refuses the row', async () => {
    const { take } = await begin({ samePerson: 'report' })
    const first = await take({})
    const { personId } = first as { personId: PersonId }
    expect(first).not.toHaveProperty('likePerson')
    expect(await take({}, { variation: 1 })).toMatchObject({ kind: 'enrolled', likePerson: { personId } })
    const strict = await begin({ samePerson: 'refuse' })
    await strict.take({ person: ada })
    expect(await strict.take({}, { variation: 1 })).toMatchObject({ kind: 'same-person', likePerson: {} })
    expect(await strict.take({ person: ada }, { variation: 2 })).toMatchObject({ kind: 'enrolled' })
  })

  it('"samePerson: refuse" enrolls one of several persons with one face, although their rows run at once', async () => {
    const { claim, run } = await begin({ samePerson: 'refuse' })
    const rows = await Promise.all(Array.from({ length: 6 }, () => claim({})))
    const outcomes = await Promise.all(rows.map((row, variation) => run(row, { variation })))
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['enrolled', ...Array(5).fill('same-person')])
  })

  it('"onConflict" keeps or changes the fields of a person who is there', async () => {
    for (const [onConflict, name] of [
      ['keep', 'Ada'],
      ['update', 'Countess'],
    ] as const) {
      const { take, find } = await begin({ onConflict })
      const { personId } = (await take({ person: ada, name: 'Ada' }, null)) as { personId: PersonId }
      await take({ person: ada, name: 'Countess' }, null)
      expect((await find(personId))?.name).toBe(name)
    }
  })

  it('"dryRun" tells what would come of it, and writes nothing', async () => {
    const { take, gallery } = await begin({ dryRun: true })
    // Nobody has the id of a person who would be made.
    expect(await take({})).toMatchObject({ kind: 'enrolled', personId: null, imageId: null })
    expect(await take({ person: ada, name: 'Ada' }, null)).toEqual({ kind: 'person-written', personId: null })
    expect(await gallery.records.countEnrolled()).toEqual({
      persons: 0,
      groups: 0,
      images: 0,
      pictureBytes: 0,
    })
  })
})
