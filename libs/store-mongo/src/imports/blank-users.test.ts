import type { ImportSource } from '@semblance/core'
import { anImport, aRow } from '@semblance/testkit'
import { afterAll, expect, it } from 'vitest'
import { findFreshDatabases } from '../testing/fresh-databases.ts'
import { openMongoImportStore } from './mongo-import-store.ts'

const databases = await findFreshDatabases('blank-users.test.ts')

if (databases !== null) {
  afterAll(() => databases.close())

  it('a database of an older version holds no password of a link once it was opened', async () => {
    const database = await databases.open()
    const source: ImportSource = {
      ...{ url: 'https://u:secret@a.example/x.tar', pattern: null, closes: true, state: 'reading' as const },
      ...{ why: null, cursor: '2', rows: 3 },
    }
    const name = 'https://u:secret@a.example/x.tar --pattern {person}.jpg'
    const [made, plain] = [anImport({ name, source }), anImport({ name: 'mail@noon' })]
    const links = Array.from({ length: 230 }, (_, i) =>
      i % 20 === 0 ? `https://u:secret@a.example/${i}.jpg?sig=1` : `s3://faces/a@${i}.jpg`,
    )
    const old = await openMongoImportStore({ database })
    for (const one of [made, plain]) await old.records.insert(one)
    const drafts = links.map((url, i) => aRow({ key: `k${i}`, picture: { from: 'link', url } }))
    await old.rows.add(made.id, drafts)
    await old.rows.add(plain.id, [aRow({ key: 'none' })])
    const records = database.db.collection('importRows')
    for (const [i, link] of links.entries()) await records.updateOne({ key: `k${i}` }, { $set: { link } })
    await database.db.collection('settings').deleteMany({})

    const [store] = await Promise.all([1, 2].map(() => openMongoImportStore({ database })))
    expect(await store!.records.find(made.id)).toEqual({
      ...made,
      name: 'https://a.example/x.tar --pattern {person}.jpg',
      source: { ...source, url: 'https://a.example/x.tar' },
      rev: made.rev + 1,
    })
    expect(await store!.records.find(plain.id)).toEqual(plain)
    const rows = await store!.rows.list({ id: made.id, after: 0, limit: 2_000 })
    expect(rows.map(({ picture }) => (picture?.from === 'link' ? picture.url : null))).toEqual(
      links.map((link) => link.replace('u:secret@', '')),
    )
    // Gateways of the older version may be there still: it is done once a start finds nothing.
    const settings = database.db.collection('settings')
    await settings.deleteMany({})
    await records.updateOne({ key: 'k1' }, { $set: { link: 'https://u:secret@a.example/1.jpg' } })
    const again = await openMongoImportStore({ database })
    const blanked = await again.rows.find(made.id, 'k1')
    expect(blanked?.picture).toEqual({ from: 'link', url: 'https://a.example/1.jpg' })
    expect(await settings.countDocuments()).toBe(0)
    await openMongoImportStore({ database })
    expect(await settings.countDocuments()).toBe(1)
    await database.close()
  })
}
