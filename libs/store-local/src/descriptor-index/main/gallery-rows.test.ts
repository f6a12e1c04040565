import type { GroupId, IndexEntry } from '@semblance/core'
import { aDescriptor, anIndexEntry, newTestId } from '@semblance/testkit'
import { describe, expect, it } from 'vitest'
import { GalleryMemory } from '../memory/gallery-memory.ts'
import { vectorLayout } from '../memory/vector-layout.ts'
import { GalleryRows } from './gallery-rows.ts'

const DIMENSIONS = 48

function aMemory() {
  const memory = new GalleryMemory(
    vectorLayout({ dimensions: DIMENSIONS, threads: 1, chunkBytes: 2 ** 20, firstLook: 'coarse' }),
  )
  return { memory, rows: new GalleryRows(memory) }
}

function anEntry(given: Parameters<typeof anIndexEntry>[0] = {}): IndexEntry {
  return anIndexEntry({ descriptor: aDescriptor(1, { dimensions: DIMENSIONS }), ...given })
}

function valuesIn(memory: GalleryMemory): Float32Array {
  const chunks = memory.growths.filter((growth) => growth.kind === 'chunk')
  return new Float32Array(chunks[0]!.memory.buffer, memory.layout.blocksAt)
}

describe('GalleryRows', () => {
  it('leaves nothing of a removed face in memory', () => {
    const { memory, rows } = aMemory()
    const entry = anEntry({ name: 'Ada', externalId: 'a-1' })
    rows.put(entry)
    expect(valuesIn(memory).some((value) => value !== 0)).toBe(true)
    rows.remove(entry.imageId)
    expect(valuesIn(memory).some((value) => value !== 0)).toBe(false)
    for (let word = 0; word < 8; word++) expect(memory.tables.fields.get(0, word)).toBe(0)
  })

  it('needs no more memory for faces that come and go than for those that are there', () => {
    const { memory, rows } = aMemory()
    for (let round = 0; round < 100; round++) {
      const entries = Array.from({ length: 50 }, () => anEntry({ groups: [newTestId<GroupId>()] }))
      for (const entry of entries) rows.put(entry)
      for (const { imageId } of entries) rows.remove(imageId)
    }
    expect(rows.rowEnd).toBe(50)
    expect(rows.personEnd).toBe(50)
    expect(rows.groups.groupEnd).toBe(50)
    expect(rows.groups.setEnd).toBe(50)
    expect(memory.growths.filter((growth) => growth.kind === 'segment')).toHaveLength(6)
  })

  it('keeps one set for all persons of the same groups, in whatever order they are named', () => {
    const { rows } = aMemory()
    const [a, b] = [newTestId<GroupId>(), newTestId<GroupId>()]
    for (const groups of [
      [a, b],
      [b, a],
      [a, b, a],
    ])
      rows.put(anEntry({ groups }))
    expect(rows.groups.setEnd).toBe(1)
  })

  it('names the rows of a person, and none of another, as images come and go', () => {
    const { rows } = aMemory()
    const [first, second, third] = [anEntry(), anEntry(), anEntry()]
    const { personId } = first.payload
    const own = [first, { ...second, payload: first.payload }, { ...third, payload: first.payload }]
    for (const entry of [...own, anEntry()]) rows.put(entry)
    rows.remove(second.imageId)
    const left = [...rows.rowsOf(personId)].map((row) => rows.imageId(row))
    expect(left.sort()).toEqual([first.imageId, third.imageId])
    rows.remove(first.imageId)
    rows.remove(third.imageId)
    expect([...rows.rowsOf(personId)]).toEqual([])
    expect(rows.personOrdinal(personId)).toBe(-1)
  })

  it('tells revs beyond 32 bits apart', () => {
    const { rows } = aMemory()
    const entry = anEntry({ rev: 2 ** 33 + 5 })
    rows.put(entry)
    const renamed = (rev: number) => rows.renew(0, { ...entry.payload, groups: [newTestId<GroupId>()], rev })
    renamed(6)
    expect(rows.groups.groupEnd).toBe(0)
    renamed(2 ** 33 + 6)
    expect(rows.groups.groupEnd).toBe(1)
  })
})
