import { describe, expect, it } from 'vitest'
import { readNamePattern } from './layout/name-pattern.ts'
import { readSource, type SourceReading } from './read-source.ts'
import { makeTar, makeZip } from './testing/make-archives.ts'
import { inPieces, readAll } from './testing/read-all.ts'

const jane = { by: 'externalId', externalId: 'Jane' }

/** Key and person of each row that is wrong. */
async function wrongIn(bytes: Uint8Array | string, reading: SourceReading = {}) {
  const { items } = await readAll(readSource(inPieces(Buffer.from(bytes), [100]), reading))
  return items.flatMap((item) => (item.kind === 'problem' ? [{ key: item.key, person: item.person }] : []))
}

describe('a row that is wrong says whose it is', () => {
  it('in an archive, by its path: an empty picture, and what is no file', async () => {
    const entries = [
      { path: 'Jane/1.jpg', bytes: 'x' },
      { path: 'Jane/empty.jpg' },
      { path: 'Jane/link.jpg', type: 'symlink' as const },
    ]
    const wrong = [
      { key: 'Jane/empty.jpg', person: jane },
      { key: 'Jane/link.jpg', person: jane },
    ]
    expect(await wrongIn(await makeTar(entries))).toEqual(wrong)
    expect(await wrongIn(await makeTar(entries.toReversed()))).toEqual(wrong.toReversed())
    expect(await wrongIn(await makeZip(entries.slice(0, 2)))).toEqual(wrong.slice(0, 1))
  })

  it('in an archive, by a pattern of names, and not where it has none', async () => {
    const read = readNamePattern('{person}_{n}.jpg')
    if ('problem' in read) throw new Error(read.problem)
    const tar = await makeTar([{ path: 'Jane_1.jpg' }, { path: 'x.jpg' }])
    expect(await wrongIn(tar, { layout: { by: 'pattern', pattern: read.pattern } })).toEqual([
      { key: 'Jane_1.jpg', person: jane },
      { key: 'x.jpg', person: undefined },
    ])
  })

  it('in a manifest: what is wrong in itself, and what misses its file', async () => {
    const manifest = [
      { key: 'a', externalId: 'Jane', metadata: 7 },
      { key: 'b', externalId: 'Jane', file: 'none.jpg' },
      { key: 'c', person: { key: 'own' }, sourceProblem: { field: 'file', message: 'is not there' } },
      { key: 'd', person: 7 },
    ]
    const bytes = manifest.map((line) => `${JSON.stringify(line)}\n`).join('')
    expect(await wrongIn(await makeTar([{ path: 'manifest.ndjson', bytes }]))).toEqual([
      { key: 'a', person: jane },
      { key: 'c', person: { by: 'key', key: 'own' } },
      { key: 'd', person: undefined },
      { key: 'b', person: jane },
    ])
  })

  it('in a CSV, whatever is wrong beside it', async () => {
    const csv = 'key,external_id,metadata\na,Jane,{\nb,Jane,{},x\nc,,{\n'
    expect(await wrongIn(csv)).toEqual([
      { key: 'a', person: jane },
      { key: 'b', person: jane },
      { key: 'c', person: undefined },
    ])
  })
})
