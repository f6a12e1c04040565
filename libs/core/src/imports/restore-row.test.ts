import { describe, expect, it } from 'vitest'
import { textOfValues } from '../descriptor-text.ts'
import { deleteGroup } from '../groups/delete-group.ts'
import type { GroupId, ImageId, PackId, PersonId } from '../ids.ts'
import { deleteImage } from '../images/delete-image.ts'
import { sha256Hex } from '../images/read-picture.ts'
import { deletePerson } from '../persons/delete-person.ts'
import {
  anImport,
  aPicture,
  aRow,
  createFakeFaceEngine,
  createNaiveImportStore,
  fakeDescriptor,
  openTestGallery,
  PLAIN_POLICIES,
  reconcileUntilSettled,
} from '../testing/index.ts'
import { enrollRow } from './enroll-row.ts'
import type { ImportPolicies } from './import.ts'
import type { RowDraft } from './import-row.ts'
import { keyOfGroupRow, type RestoredDescriptor } from './row-restore.ts'

const WORK = { lane: 'bulk' } as const
const HOUR = 3_600_000
/** Of years ago, as those of an export are. */
const GROUP = '01700000-0000-7000-8000-000000000001' as GroupId
const ADA = '01700000-0000-7000-8000-000000000002' as PersonId
const IMAGE = '01700000-0000-7000-8000-000000000003' as ImageId
const PICTURE = aPicture()
const OF_EXPORT = fakeDescriptor('somebody', 7, 'rich')
const DESCRIPTOR: RestoredDescriptor = { packId: OF_EXPORT.packId, text: textOfValues(OF_EXPORT.values) }

type Restored = Partial<RowDraft>
const OF_OTHER_PACK = { ...DESCRIPTOR, packId: 'other@2' as PackId }

const group: Restored = {
  key: keyOfGroupRow(GROUP),
  name: 'Staff',
  metadata: '{"a":1}',
  restore: { group: { id: GROUP, createdAt: 5 } },
}
const fields = { person: { by: 'id', id: ADA }, name: 'Ada', metadata: '{"n":1.0}', groups: [GROUP] } as const
const times = { externalId: '7', createdAt: 10, updatedAt: 20 }
const person: Restored = { ...fields, restore: { person: times } }
const image = (descriptor: RestoredDescriptor | null = DESCRIPTOR, id = IMAGE): Restored => ({
  ...fields,
  restore: { person: times, image: { id, createdAt: 30, sha256: sha256Hex(PICTURE), descriptor } },
})

/** An import over an empty gallery. `take` enrolls a row that was taken in just now, with its picture if it has one. */
async function begin(given: Partial<ImportPolicies> = {}) {
  const gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const policies: ImportPolicies = { ...PLAIN_POLICIES, trustDescriptors: true, ...given }
  const made = anImport({ policies })
  await imports.records.insert(made)
  let looks = 0
  const fake = createFakeFaceEngine()
  const engine: typeof fake = {
    ...fake,
    findFaces: (...call) => {
      looks++
      return fake.findFaces(...call)
    },
  }
  const add = async (draft: Restored) => {
    const row = aRow({ takenAt: gallery.clock.now(), ...draft })
    await imports.rows.add(made.id, [row])
    return row.key
  }
  const run = async (key: string, picture = PICTURE) => {
    const row = (await imports.rows.find(made.id, key))!
    const claimed = { ...row, imageId: row.imageId ?? gallery.newId<ImageId>() }
    const bytes = row.restore?.image === undefined ? null : { sent: picture, shrunk: picture }
    const job = { importId: made.id, policies, groups: [], row: claimed, picture: bytes, threshold: 1 }
    return enrollRow({ gallery, imports, engine }, job, WORK)
  }
  const take = async (draft: Restored, picture = PICTURE) => run(await add(draft), picture)
  return { gallery, add, run, take, looks: () => looks }
}

const enrolled = { kind: 'enrolled', personId: ADA, imageId: IMAGE }

describe('a row of an export', () => {
  it('brings back group, person and image under their ids, with fields, times and a bit-equal descriptor, and no look at the picture', async () => {
    const { gallery, take, looks } = await begin()
    expect(await take(group)).toEqual({ kind: 'group-written', groupId: GROUP })
    expect(await take(person)).toEqual({ kind: 'person-written', personId: ADA })
    expect(await take(image())).toEqual({ ...enrolled, face: null, descriptorFrom: 'export' })
    const { records, pictures } = gallery
    expect(await records.groups.find(GROUP)).toMatchObject({
      name: 'Staff',
      metadata: '{"a":1}',
      createdAt: 5,
    })
    expect(await records.persons.find(ADA)).toMatchObject({
      ...{ name: 'Ada', metadata: '{"n":1.0}', groups: [GROUP] },
      ...{ externalId: '7', createdAt: 10, updatedAt: 20, expireAt: null },
    })
    const stored = await records.images.find(IMAGE)
    expect(stored).toMatchObject({ personId: ADA, state: 'ready', contentType: 'image/jpeg', createdAt: 30 })
    expect(stored?.descriptor.values).toEqual(OF_EXPORT.values)
    expect(await pictures.get(IMAGE)).toEqual(PICTURE)
    expect((await gallery.indexed()).map(({ imageId }) => imageId)).toEqual([IMAGE])
    expect(looks()).toBe(0)
  })

  it.each([
    ['with quality and damage', { quality: 12.5, damage: 0.75 }, { quality: 12.5, damage: 0.75 }],
    ['of which nobody knew them', { quality: null, damage: null }, { quality: null, damage: null }],
    ['of an earlier version', {}, { quality: null, damage: null }],
  ])('takes over the descriptor of an export %s', async (_, judged, stored) => {
    const { gallery, take } = await begin()
    await take({ ...image({ ...DESCRIPTOR, ...judged }), groups: [] })
    expect(await gallery.records.images.find(IMAGE)).toMatchObject(stored)
  })

  it('has the quality that its picture is judged by where its descriptor is not taken over', async () => {
    const { gallery, take } = await begin({ trustDescriptors: false })
    await take({ ...image({ ...DESCRIPTOR, quality: 99, damage: 0 }), groups: [] })
    expect(await gallery.records.images.find(IMAGE)).toMatchObject({ quality: null, damage: null })
  })

  it('finds what it needs in the other rows of its import, in whatever order they are worked on', async () => {
    const { gallery, add, run } = await begin()
    const keys = [await add(group), await add(person), await add(image())]
    for (const key of keys.toReversed()) expect((await run(key)).kind).not.toBe('invalid')
    const found = await gallery.records.persons.find(ADA)
    expect(found).toMatchObject({ groups: [GROUP], createdAt: 10, updatedAt: 20, rev: 1 })
  })

  it.each<{ where: string; descriptor: RestoredDescriptor | null; trustDescriptors: boolean; why: string }>([
    {
      where: 'descriptors are not trusted',
      descriptor: DESCRIPTOR,
      trustDescriptors: false,
      why: 'not trust',
    },
    { where: 'the export has none', descriptor: null, trustDescriptors: true, why: 'no descriptor came' },
    { where: 'it is of another pack', descriptor: OF_OTHER_PACK, trustDescriptors: true, why: 'other@2' },
  ])('has its descriptor made from the picture, and says so, where $where', async (given) => {
    const { gallery, take, looks } = await begin({ trustDescriptors: given.trustDescriptors })
    const made = {
      descriptorFrom: 'picture',
      why: expect.stringContaining(given.why),
      face: { faceCount: 1 },
    }
    expect(await take({ ...image(given.descriptor), groups: [] })).toMatchObject({ ...enrolled, ...made })
    const { values } = (await gallery.records.images.find(IMAGE))!.descriptor
    expect(values).toEqual(fakeDescriptor('ada', 0, 'rich').values)
    expect(looks()).toBe(1)
  })

  it.each([
    ['too short', OF_EXPORT.values.slice(1)],
    ['not of unit length', OF_EXPORT.values.map((value) => 2 * value)],
    ['not a number', OF_EXPORT.values.map(() => Number.NaN)],
    ['infinite', OF_EXPORT.values.map(() => Number.POSITIVE_INFINITY)],
  ])('with a descriptor that is %s is refused', async (_, values) => {
    const { gallery, take } = await begin()
    const text = textOfValues(values)
    const outcome = await take({ ...image({ ...DESCRIPTOR, text }), groups: [] })
    expect(outcome).toMatchObject({ kind: 'invalid', field: 'descriptor' })
    expect(await gallery.records.images.find(IMAGE)).toBeNull()
  })

  it('is refused if its picture is not the exported one, or none at all', async () => {
    const { take } = await begin()
    const other = aPicture({ variation: 1 })
    expect(await take(image(), other)).toMatchObject({ kind: 'invalid', field: 'picture' })
    const html = new TextEncoder().encode('<script>')
    const { restore } = image()
    const made = { ...restore!, image: { ...restore!.image!, sha256: sha256Hex(html) } }
    expect(await take({ ...fields, restore: made }, html)).toMatchObject({ kind: 'undecodable' })
  })

  it('that is here already is known; another picture or person never gets the id', async () => {
    const { gallery, take } = await begin()
    await take(image())
    expect(await take(image())).toEqual({ kind: 'same-picture', personId: ADA, imageId: IMAGE })
    const bob = { by: 'id', id: '01700000-0000-7000-8000-000000000004' as PersonId } as const
    expect(await take({ ...image(), person: bob })).toMatchObject({ kind: 'invalid', field: 'image' })
    const other = aPicture({ variation: 1 })
    const restore = { ...image().restore!, image: { ...image().restore!.image!, sha256: sha256Hex(other) } }
    expect(await take({ ...fields, restore }, other)).toMatchObject({ kind: 'invalid', field: 'image' })
    expect((await gallery.records.images.find(IMAGE))?.sha256).toBe(sha256Hex(PICTURE))
  })

  it('of a person or group with other fields keeps or changes them, as the policy says', async () => {
    for (const [onConflict, name, groupName] of [
      ['keep', 'Ada', 'Staff'],
      ['update', 'Countess', 'Guests'],
    ] as const) {
      const { gallery, take } = await begin({ onConflict })
      await take(group)
      await take(person)
      await take({ ...person, name: 'Countess' })
      await take({ ...group, key: 'again', name: 'Guests' })
      expect(await gallery.records.persons.find(ADA)).toMatchObject({ name, groups: [GROUP] })
      expect(await gallery.records.groups.find(GROUP)).toMatchObject({ name: groupName })
    }
  })

  it('of somebody who has expired since is refused', async () => {
    const { gallery, take } = await begin()
    const expireAt = gallery.clock.now()
    expect(await take({ ...person, expireAt })).toMatchObject({ kind: 'invalid', field: 'expireAt' })
    expect(await gallery.records.persons.find(ADA)).toBeNull()
  })

  it('writes nothing in a dry run', async () => {
    const { gallery, take } = await begin({ dryRun: true })
    expect(await take(group)).toMatchObject({ kind: 'group-written' })
    expect(await take(image())).toMatchObject({ kind: 'enrolled', imageId: null })
    expect(await gallery.records.countEnrolled()).toMatchObject({ persons: 0, groups: 0, images: 0 })
  })
})

describe('what was deleted here', () => {
  it('is not brought back: neither person, nor image, nor group', async () => {
    const { gallery, take } = await begin()
    await take(group)
    await take(image())
    await deleteGroup(gallery, GROUP)
    expect(await take({ ...group, key: 'again' })).toMatchObject({ kind: 'invalid', field: 'group' })
    await deleteImage(gallery, { personId: ADA, imageId: IMAGE })
    expect(await take(image())).toMatchObject({ kind: 'invalid', field: 'image' })
    await deletePerson(gallery, ADA)
    expect(await take(person)).toMatchObject({ kind: 'invalid', field: 'person' })
    expect(await take(image(DESCRIPTOR, '01700000-0000-7000-8000-000000000009' as ImageId))).toMatchObject({
      kind: 'invalid',
      field: 'person',
    })
    expect(await gallery.indexed()).toEqual([])
  })

  it('is not made anew by a row that names the id alone and waited too long', async () => {
    const { gallery, add, run } = await begin()
    const waiting = await add({ person: { by: 'id', id: ADA }, name: 'Ada' })
    await gallery.age(21 * HOUR)
    expect(await run(waiting)).toMatchObject({ kind: 'invalid', field: 'row' })
    expect(await gallery.records.persons.find(ADA)).toBeNull()
  })

  it('is left out of the groups of a person who is brought back', async () => {
    const { gallery, take } = await begin()
    await take(group)
    await deleteGroup(gallery, GROUP)
    await take(person)
    expect(await gallery.records.persons.find(ADA)).toMatchObject({ groups: [] })
  })

  it.each([
    'image',
    'person',
    'group',
  ] as const)('stays so after its tombstone is forgotten, for rows that came in before: %s', async (what) => {
    const { gallery, add, run, take } = await begin()
    await take({ ...group, key: 'before' })
    await take(image())
    const waiting = await add({ image: image(), person, group }[what])
    await gallery.age(HOUR)
    if (what === 'group') await deleteGroup(gallery, GROUP)
    else if (what === 'person') await deletePerson(gallery, ADA)
    else await deleteImage(gallery, { personId: ADA, imageId: IMAGE })
    for (let i = 0; i < 3; i++) {
      await gallery.age(25 * HOUR)
      await reconcileUntilSettled(gallery, false)
    }
    if (what !== 'group') expect(await gallery.records.images.find(IMAGE)).toBeNull()
    expect(await run(waiting)).toMatchObject({ kind: 'invalid', field: 'row' })
    // Sent once more, with nothing left that says otherwise.
    expect(await take({ ...{ image: image(), person, group }[what], key: 'anew' })).not.toMatchObject({
      kind: 'invalid',
    })
  })
})
