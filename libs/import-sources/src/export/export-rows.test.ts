import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSource, readSourceAt } from '../read-source.ts'
import { type MadeEntry, makeTar, makeTarGz, makeZip } from '../testing/make-archives.ts'
import { inPieces, readAll } from '../testing/read-all.ts'

const ADA = '01700000-0000-7000-8000-000000000001'
const IMAGE = '01700000-0000-7000-8000-000000000002'
const GROUP = '01700000-0000-7000-8000-000000000003'
const JUDGED = { quality: 12.5, damage: null }
const json = (value: object) => JSON.stringify(value)

const head = {
  path: 'semblance-export.json',
  bytes: json({ format: 'semblance-export', version: 1, pack: 'test@1' }),
}
const group = {
  path: `groups/${GROUP}.json`,
  bytes: json({ id: GROUP, name: 'Staff', metadata: { a: 1 }, createdAt: 'then' }),
}
const person = {
  path: `persons/${ADA}/person.json`,
  bytes: `{"name":"Ada","externalId":"7","metadata":{"n":1.0},"groups":["${GROUP}"],"createdAt":"c","updatedAt":"u"}`,
}
const image = {
  path: `persons/${ADA}/${IMAGE}.json`,
  bytes: json({
    id: IMAGE,
    createdAt: 'i',
    sha256: 's',
    pack: 'test@1',
    descriptor: 'AAAA',
    ...JUDGED,
    bytes: 3,
  }),
}
const picture = { path: `persons/${ADA}/${IMAGE}.jpg`, bytes: 'jpg' }
const end = { path: 'semblance-export-end.json', bytes: json({ groups: 1, persons: 1, images: 1 }) }
const WHOLE = [head, group, person, image, picture, end]

const read = async (entries: readonly MadeEntry[]) => readAll(readSource(inPieces(await makeTar(entries))))

describe('an export', () => {
  it('becomes a row for each group, person and image, with all that brings them back', async () => {
    const { items, fault } = await read(WHOLE)
    expect(fault).toBeNull()
    const fields = { person: { by: 'id', id: ADA }, name: 'Ada', metadata: '{"n":1.0}', groups: [GROUP] }
    const restored = { externalId: '7', createdAt: 'c', updatedAt: 'u' }
    expect(items).toEqual([
      {
        ...{ kind: 'row', key: group.path, position: 2, person: { by: 'key', key: group.path } },
        ...{ name: 'Staff', metadata: '{"a":1}', restore: { group: { id: GROUP, createdAt: 'then' } } },
      },
      { kind: 'row', key: person.path, position: 3, ...fields, restore: { person: restored } },
      {
        ...{ kind: 'row', key: picture.path, position: 5, ...fields, picture: { bytes: Buffer.from('jpg') } },
        restore: {
          person: restored,
          image: { id: IMAGE, createdAt: 'i', sha256: 's', pack: 'test@1', descriptor: 'AAAA', ...JUDGED },
        },
      },
    ])
  })

  it('is known by its first file in a tar.gz and a zip, too', async () => {
    for (const archive of [await makeTarGz(WHOLE), await makeZip(WHOLE)]) {
      const { rows, fault } = await readAll(readSource(inPieces(archive)))
      expect([rows.length, fault]).toEqual([3, null])
    }
  })

  it('that was cut off between two entries, even with the end mark of a tar, says so', async () => {
    const { rows, fault } = await read(WHOLE.slice(0, -1))
    expect([rows.length, fault]).toEqual([3, 'truncated'])
  })

  it('that was made shorter by hand is read, and tells how much is missing', async () => {
    const { items, fault } = await read([head, group, end])
    expect(fault).toBeNull()
    expect(items.slice(1)).toEqual([
      { kind: 'note', message: 'persons of the export: 0; it had 1' },
      { kind: 'note', message: 'images of the export: 0; it had 1' },
    ])
  })

  it('tells what is wrong with one file, and reads the others', async () => {
    const bad = (entry: typeof person, bytes: string) => ({ ...entry, bytes })
    const problems = async (entries: readonly MadeEntry[]) => {
      const { items, fault } = await read([head, ...entries, end])
      expect(fault).toBeNull()
      return items.flatMap((item) => (item.kind === 'problem' ? [`${item.key} ${item.field}`] : []))
    }
    expect(await problems([bad(group, '[]'), person, image, picture])).toEqual([`${group.path} record`])
    expect(await problems([group, bad(person, '{"name":1,"groups":[]}'), image, picture])).toEqual([
      `${person.path} name`,
      `${picture.path} person`,
    ])
    expect(await problems([group, person, image])).toEqual([`${image.path} picture`])
    expect(await problems([group, person, picture])).toEqual([`${picture.path} picture`])
    expect(await problems([group, person, image, { ...picture, bytes: '' }])).toEqual([
      `${picture.path} picture`,
    ])
    expect(await problems([{ ...person, type: 'symlink' }, image, picture])).toEqual([
      `${person.path} entry`,
      `${picture.path} person`,
    ])
  })

  it.each([
    ['{"format":"other","version":1}', 'not-readable'],
    ['{"format":"semblance-export","version":2}', 'not-readable'],
    ['no JSON', 'not-readable'],
  ])('whose head is %s is refused', async (bytes, code) => {
    expect((await read([{ ...head, bytes }, ...WHOLE.slice(1)])).fault).toBe(code)
  })

  it('that was unpacked is not taken for a folder of persons', async () => {
    const root = await mkdtemp(join(tmpdir(), 'semblance export '))
    await writeFile(join(root, head.path), head.bytes)
    expect((await readAll(readSourceAt(root))).message).toContain('give the tar itself')
    await rm(root, { recursive: true })
  })

  it('comes through NDJSON as it is, as the command sends it; anything but an object is a problem', async () => {
    const restore = { image: { id: IMAGE } }
    const lines = [
      { key: 'a', person: { id: ADA }, restore },
      { key: 'b', restore: 7 },
    ]
      .map(json)
      .join('\n')
    const { items } = await readAll(readSource(inPieces(Buffer.from(lines))))
    expect(items).toMatchObject([
      { kind: 'row', restore },
      { kind: 'problem', field: 'restore' },
    ])
  })
})
