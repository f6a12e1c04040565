import { resolve } from 'node:path'
import { QUALITY_GATES } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import type { ImportAnswer } from './import-calls.ts'
import { type ImportTerms, nameOfImport, openImport } from './open-import.ts'

const TERMS: ImportTerms = {
  layout: 'auto',
  encoding: 'utf-8',
  group: [],
  faces: 'central',
  quality: 'off',
  samePicture: 'skip',
  samePerson: 'off',
  onConflict: 'keep',
  trustDescriptors: false,
  dryRun: false,
}

/** As the server answers an import that was begun with these. */
function answerOf(id: string, source: string, terms: ImportTerms): ImportAnswer {
  const { faces, samePicture, samePerson, onConflict, trustDescriptors, dryRun, group } = terms
  const quality = QUALITY_GATES[terms.quality as 'off'].map(({ name, range }) => ({
    name,
    range: [...range],
  }))
  const policies = { faces, quality, samePicture, samePerson, onConflict, trustDescriptors, dryRun }
  const rows = { total: 0, waiting: 0, underWay: 0, ended: 0, byOutcome: {} }
  const progress = { rowsPerSecondLately: null, etaSeconds: null, waitsFor: null }
  const name = nameOfImport(source, terms)
  const times = { createdAt: '2026-11-29T12:00:00.000Z' }
  return {
    id,
    name,
    state: 'open',
    takesRows: true,
    ...policies,
    groups: [...group],
    ...times,
    rows,
    progress,
  }
}

/** Which import a run with these options goes on with; `new` if it makes one. */
async function opened(unended: readonly ImportAnswer[], source: string, changes: Partial<ImportTerms> = {}) {
  const terms = { ...TERMS, ...changes }
  const calls = {
    listUnended: async () => unended,
    create: async () => ({ made: answerOf('new', source, terms), isReplay: false }),
    find: async () => null,
    act: async (id: string) => unended.find((one) => one.id === id)!,
  }
  const { made, isNew } = await openImport(calls, source, terms)
  expect(isNew).toBe(made.id === 'new')
  return made.id
}

describe('an import is gone on with', () => {
  it('by its whole source, not by the last name of it', async () => {
    const unended = [answerOf('one', '/one/watch', TERMS)]
    expect(await opened(unended, '/other/watch', { faces: 'one' })).toBe('new')
    expect(await opened(unended, '/one/watch')).toBe('one')
    expect(await opened(unended, '/one/../one/watch')).toBe('one')
    const here = [answerOf('here', 'watch', TERMS)]
    expect(await opened(here, resolve('watch'))).toBe('here')
    const link = [answerOf('link', 'https://host/a.csv?signature=1', TERMS)]
    expect(await opened(link, 'https://host/a.csv?signature=2')).toBe('link')
  })

  it.each([
    [{ faces: 'one' }, '--faces'],
    [{ quality: 'strict' }, '--quality'],
    [{ samePicture: 'enroll' }, '--same-picture'],
    [{ samePerson: 'refuse' }, '--same-person'],
    [{ onConflict: 'update' }, '--on-conflict'],
    [{ trustDescriptors: true }, '--trust-descriptors'],
    [{ group: ['G'] }, '--group'],
    [{ pattern: '{person}.jpg' }, '--layout, --pattern or --encoding'],
    [{ layout: 'folders' }, '--layout, --pattern or --encoding'],
    [{ encoding: 'windows-1252' }, '--layout, --pattern or --encoding'],
  ] as const)('not with other options, which are named, in both directions: %o', async (changes, option) => {
    const other = { ...TERMS, ...changes }
    const fault = { exitCode: 2, message: expect.stringContaining(`(${option})`) }
    await expect(opened([answerOf('one', '/a', other)], '/a')).rejects.toMatchObject(fault)
    await expect(opened([answerOf('one', '/a', TERMS)], '/a', changes)).rejects.toMatchObject({
      ...fault,
      message: expect.stringContaining('semblance imports cancel one'),
    })
    expect(await opened([answerOf('one', '/a', other)], '/a', changes)).toBe('one')
  })

  it('with the same options though a newer one has others, and no dry run by one that writes', async () => {
    const strict = { ...TERMS, quality: 'strict' }
    const both = [answerOf('newer', '/a', strict), answerOf('older', '/a', TERMS)]
    expect(await opened(both, '/a')).toBe('older')
    expect(await opened([answerOf('one', '/a', TERMS)], '/a', { dryRun: true })).toBe('new')
    expect(await opened([answerOf('one', '/a', { ...TERMS, dryRun: true })], '/a')).toBe('new')
  })

  it('with whatever quality it has, if none is asked for: what the server asks for is not known here', async () => {
    const { quality: _, ...open } = TERMS
    const calls = { listUnended: async () => [answerOf('one', '/a', { ...TERMS, quality: 'strict' })] }
    const never = async () => Promise.reject(new Error('not asked for'))
    const { made } = await openImport({ ...calls, create: never, find: never, act: never }, '/a', open)
    expect(made.id).toBe('one')
  })

  it('by the name that it was given, whatever its source', async () => {
    const named = { ...TERMS, name: 'staff' }
    expect(await opened([answerOf('one', '/a', named)], '/b', { name: 'staff' })).toBe('one')
    await expect(
      opened([answerOf('one', '/a', named)], '/a', { name: 'staff', faces: 'one' }),
    ).rejects.toMatchObject({ exitCode: 2 })
  })
})

/** A server that remembers what it answered to a key; `ended` are imports that are over, or gone. */
function serverOf() {
  const byKey = new Map<string, ImportAnswer>()
  const ended = new Set<string>()
  let count = 0
  const calls = {
    listUnended: async () => [],
    create: async (_fields: object, key: string) => {
      const there = byKey.get(key)
      if (there !== undefined) return { made: there, isReplay: true }
      count += 1
      const made = answerOf(`import-${count}`, '/a', TERMS)
      byKey.set(key, made)
      return { made, isReplay: false }
    },
    find: async (id: string) => {
      if (ended.has(id))
        return id === 'import-1' ? null : { ...answerOf(id, '/a', TERMS), state: 'done' as const }
      return answerOf(id, '/a', TERMS)
    },
    act: async (id: string) => answerOf(id, '/a', TERMS),
  }
  return { calls, ended }
}

describe('the same command, begun twice at the same moment', () => {
  it('makes one import, and the second goes on with it', async () => {
    const { calls } = serverOf()
    const opened = await Promise.all([1, 2, 3].map(() => openImport(calls, '/a', TERMS)))
    expect(new Set(opened.map(({ made }) => made.id))).toEqual(new Set(['import-1']))
    expect(opened.filter(({ isNew }) => isNew)).toHaveLength(1)
  })

  it('makes another one once that has ended or is gone, and again one of two', async () => {
    const { calls, ended } = serverOf()
    const ids: string[] = []
    for (let i = 0; i < 3; i++) {
      const [one, other] = await Promise.all([openImport(calls, '/a', TERMS), openImport(calls, '/a', TERMS)])
      expect(one.made.id).toBe(other.made.id)
      ids.push(one.made.id)
      ended.add(one.made.id)
    }
    expect(ids).toEqual(['import-1', 'import-2', 'import-3'])
  })

  it('makes two imports of two sources, or with other options', async () => {
    const { calls } = serverOf()
    await openImport(calls, '/a', TERMS)
    expect((await openImport(calls, '/b', TERMS)).isNew).toBe(true)
    expect((await openImport(calls, '/a', { ...TERMS, dryRun: true })).isNew).toBe(true)
  })
})
