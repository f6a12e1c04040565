import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImportId, ImportSource } from '@semblance/core'
import { anImport, aRow } from '@semblance/testkit'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { ImportRecordRows } from './import-record-rows.ts'
import { ImportRowRows } from './import-row-rows.ts'
import { openDatabase } from './open-database.ts'
import { SCHEMA_VERSION } from './schema.ts'
import { SqliteTables } from './sqlite-tables.ts'

it('a file of an older version holds no password of a link once it was opened', async () => {
  const folder = await temporaryFolder()
  const file = join(folder.path, 'persons.sqlite')
  const source: ImportSource = {
    ...{ url: 'https://u:secret@a.example/x.tar', pattern: null, closes: true, state: 'reading' as const },
    ...{ why: null, cursor: '2', rows: 3 },
  }
  const made = anImport({ name: 'https://u:secret@a.example/x.tar --pattern {person}.jpg', source })
  const plain = anImport({ name: 'mail@noon', source: { ...source, url: 's3://faces/u:p@a/' } })
  const links = Array.from({ length: 2500 }, (_, i) =>
    i % 2 === 0 ? `https://u:secret@a.example/${i}.jpg?sig=1` : `s3://faces/a@${i}.jpg`,
  )
  const old = openDatabase(file)
  old.transaction(() => {
    const [records, rows] = [new ImportRecordRows(old, () => {}), new ImportRowRows(old)]
    for (const one of [made, plain]) records.insert(one)
    const drafts = links.map((url, i) => aRow({ key: `k${i}`, picture: { from: 'link', url } }))
    rows.add(made.id, [...drafts, aRow({ key: 'none' })], 5)
    const write = old.prepare('UPDATE importRows SET link = ? WHERE key = ?')
    for (const [i, link] of links.entries()) write.run(link, `k${i}`)
    old.prepare("UPDATE imports SET source = 'no JSON' WHERE id = ?").run(plain.id)
  })()
  old.pragma(`user_version = ${SCHEMA_VERSION - 1}`)
  old.close()

  const db = openDatabase(file)
  const now = (id: ImportId) => new ImportRecordRows(db, () => {}).find(id)
  expect(now(made.id)).toEqual({
    ...made,
    name: 'https://a.example/x.tar --pattern {person}.jpg',
    source: { ...source, url: 'https://a.example/x.tar' },
    rev: made.rev + 1,
  })
  expect(db.prepare('SELECT name, source FROM imports WHERE id = ?').get(plain.id)).toEqual({
    ...{ name: 'mail@noon', source: 'no JSON' },
  })
  const rows = new ImportRowRows(db).list({ id: made.id, after: 0, limit: 9999 })
  expect(rows.map(({ picture }) => (picture?.from === 'link' ? picture.url : null))).toEqual([
    ...links.map((link) => link.replace('u:secret@', '')),
    null,
  ])
  // Nor do its pages and its log.
  new SqliteTables(db).close()
  expect((await readFile(file)).includes('secret')).toBe(false)
  await folder.remove()
})
