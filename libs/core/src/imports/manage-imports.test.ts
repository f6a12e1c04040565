import {
  createNaiveImageStore,
  createNaiveImportStore,
  openTestGallery,
  PLAIN_POLICIES,
} from '@semblance/testkit'
import { describe, expect, it } from 'vitest'
import type { GroupId, ImportId } from '../ids.ts'
import { addRows, type IncomingRow } from './add-rows.ts'
import { changeImport, type ImportAction, makeImport, retryRows } from './manage-imports.ts'

async function begin() {
  const gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const staged = createNaiveImageStore(gallery.clock)
  const deps = { gallery, imports, staged, maxStagedBytes: 100 }
  const id = gallery.newId<ImportId>()
  const draft = { id, name: 'staff', policies: PLAIN_POLICIES, groups: [] }
  await makeImport(deps, draft)
  const act = async (...actions: readonly ImportAction[]) => {
    let last: Awaited<ReturnType<typeof changeImport>> | null = null
    for (const action of actions) last = await changeImport(deps, { id, action })
    return last?.outcome === 'changed' ? last.import.state : last?.outcome
  }
  const add = (...rows: readonly IncomingRow[]) => addRows(deps, { id, rows })
  return { deps, id, draft, act, add, imports, staged, gallery }
}

const aRowOf = (key: string, bytes?: Uint8Array): IncomingRow => ({
  key,
  person: { by: 'key', key },
  picture: bytes === undefined ? null : { bytes },
})
const BYTES = new Uint8Array(60)

describe('a row that is wrong as it is sent', () => {
  it('is counted once, by its outcome', async () => {
    const { deps, id } = await begin()
    const told: string[] = []
    const outcome = { kind: 'invalid', field: 'name', why: 'is too long' } as const
    const rows = [{ ...aRowOf('wrong'), outcome }, aRowOf('right')]
    const counting = { ...deps, onRow: (kind: string) => told.push(kind) }
    for (let n = 0; n < 2; n++) await addRows(counting, { id, rows })
    expect(told).toEqual(['invalid'])
    // Under a key that another row has, it is a row of its own.
    for (let n = 0; n < 2; n++) await addRows(counting, { id, rows: [{ ...aRowOf('right'), outcome }] })
    expect(told).toEqual(['invalid', 'invalid'])
  })
})

describe('an import', () => {
  it('is made once, and of groups that there are', async () => {
    const { deps, draft } = await begin()
    expect(await makeImport(deps, { ...draft, name: 'other' })).toMatchObject({ import: { name: 'staff' } })
    const groups = ['x' as GroupId]
    expect(await makeImport(deps, { ...draft, groups })).toEqual({ outcome: 'unknown-groups', groups })
  })

  it.each<[readonly ImportAction[], string]>([
    [['close'], 'running'],
    [['pause'], 'paused'],
    [['pause', 'resume'], 'open'],
    [['close', 'pause', 'resume'], 'running'],
    [['pause', 'close', 'resume'], 'running'],
    [['pause', 'pause'], 'paused'],
    [['cancel'], 'cancelled'],
    [['cancel', 'cancel'], 'cancelled'],
    [['cancel', 'resume'], 'not-possible'],
    [['cancel', 'close'], 'not-possible'],
    [['delete'], 'deleting'],
    [['delete', 'pause'], 'import-not-found'],
  ])('after %s is %s', async (actions, state) => {
    const { act } = await begin()
    expect(await act(...actions)).toBe(state)
  })

  it('goes on for rows that are retried', async () => {
    const { deps, id, imports, act, add } = await begin()
    await add(aRowOf('a'))
    const newImageIds = [deps.gallery.newId<never>()]
    await imports.rows.claim({ id, holder: 'h', leaseMs: 1000, newImageIds })
    const outcome = { kind: 'failed', why: 'no', isPassing: true } as const
    await imports.rows.end({ id, holder: 'h', rows: [{ key: 'a', position: 1, outcome }] })
    const made = (await imports.records.find(id))!
    await imports.records.update(made, { state: 'done', takesRows: false, endedAt: 1, updatedAt: 1 })
    const query = { id, kinds: ['failed'], passingOnly: true } as const
    const retried = await retryRows(deps, query)
    expect(retried).toMatchObject({ rows: 1, import: { state: 'running', endedAt: null } })
    await act('cancel')
    expect(await retryRows(deps, query)).toEqual({ outcome: 'not-possible', state: 'cancelled' })
  })
})

describe('rows', () => {
  it('are taken in with their pictures, once', async () => {
    const { add, staged, gallery } = await begin()
    expect(await add(aRowOf('a', BYTES))).toEqual({ outcome: 'added', rows: ['added'] })
    expect(await add(aRowOf('a', BYTES), aRowOf('b'))).toEqual({ outcome: 'added', rows: ['known', 'added'] })
    expect(await add(aRowOf('a', new Uint8Array(3)))).toEqual({ outcome: 'added', rows: ['conflict'] })
    gallery.clock.advance(10)
    expect(await staged.list({ after: null, limit: 10, untouchedMs: 0 })).toHaveLength(1)
  })

  it('that are wrong leave no picture', async () => {
    const { add, staged, gallery } = await begin()
    const outcome = { kind: 'invalid', field: 'groups', why: 'no such group' } as const
    expect(await add({ ...aRowOf('a', BYTES), outcome })).toMatchObject({ rows: ['added'] })
    gallery.clock.advance(10)
    expect(await staged.list({ after: null, limit: 10, untouchedMs: 0 })).toEqual([])
  })

  it('are refused once as many bytes wait as may', async () => {
    const { add } = await begin()
    await add(aRowOf('a', BYTES), aRowOf('b', BYTES))
    await expect(add(aRowOf('c', BYTES))).rejects.toMatchObject({ code: 'E_OVERLOADED' })
    expect(await add(aRowOf('a', BYTES), aRowOf('d'))).toMatchObject({ rows: ['known', 'added'] })
  })

  it('whose key stands for an erased row do not get in the way of an erasure', async () => {
    const { add, imports, id } = await begin()
    const row = { ...aRowOf('erased:2', BYTES), name: 'Ada' }
    expect(await add(row, aRowOf('a'))).toMatchObject({ rows: ['added', 'added'] })
    expect(await add(row)).toMatchObject({ rows: ['known'] })
    const kept = await imports.rows.list({ id, after: 0, limit: 10 })
    expect(kept.map(({ key, outcome }) => [key, outcome?.kind])).toEqual([
      ['not erased:2', 'invalid'],
      ['a', undefined],
    ])
  })

  it('are refused once it was said that all are in', async () => {
    const { add, act } = await begin()
    await act('close')
    expect(await add(aRowOf('a'))).toEqual({ outcome: 'closed' })
  })
})

describe('rows that come while the import is being ended', () => {
  /** As the importer does it: what it saw, then the end, on condition that nothing has changed. */
  const endSeen = async (
    { imports, id }: Awaited<ReturnType<typeof begin>>,
    meanwhile: () => Promise<unknown>,
  ) => {
    const seen = await imports.records.find(id)
    if (seen === null) throw new Error('there is no import')
    await meanwhile()
    await imports.records.update(seen, { state: 'done', endedAt: 1, updatedAt: 1 })
    return (await imports.records.find(id))?.state
  }

  it('keep it going when they were retried', async () => {
    const one = await begin()
    await one.add(aRowOf('a'))
    await one.imports.rows.claim({
      id: one.id,
      holder: 'h',
      leaseMs: 1000,
      newImageIds: [one.gallery.newId()],
    })
    const outcome = { kind: 'failed', why: 'no', isPassing: true } as const
    await one.imports.rows.end({ id: one.id, holder: 'h', rows: [{ key: 'a', position: 1, outcome }] })
    await one.act('close')
    const retry = () => retryRows(one.deps, { id: one.id, kinds: ['failed'], passingOnly: true })
    expect(await endSeen(one, retry)).toBe('running')
  })

  it('are cancelled, too, when they came just before that', async () => {
    const one = await begin()
    const rows: typeof one.imports.rows = {
      ...one.imports.rows,
      add: async (...given) => {
        await one.act('cancel')
        const made = (await one.imports.records.find(one.id))!
        await one.imports.records.update(made, { endedAt: 1, updatedAt: 1 })
        return one.imports.rows.add(...given)
      },
    }
    const deps = { ...one.deps, imports: { ...one.imports, rows } }
    await addRows(deps, { id: one.id, rows: [aRowOf('late')] })
    expect(await one.imports.records.find(one.id)).toMatchObject({ state: 'cancelled', endedAt: null })
  })

  it('bring it back when they were added by somebody who had not heard that all are in', async () => {
    const one = await begin()
    const rows: typeof one.imports.rows = {
      ...one.imports.rows,
      add: async (...given) => {
        await one.act('close')
        await endSeen(one, async () => {})
        return one.imports.rows.add(...given)
      },
    }
    const deps = { ...one.deps, imports: { ...one.imports, rows } }
    await addRows(deps, { id: one.id, rows: [aRowOf('late')] })
    expect((await one.imports.records.find(one.id))?.state).toBe('running')
  })
})
