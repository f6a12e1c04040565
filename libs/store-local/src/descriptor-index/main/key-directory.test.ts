import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Key, uuidText } from '../memory/uuid-key.ts'
import { WordTable } from '../memory/word-table.ts'
import { KeyDirectory } from './key-directory.ts'

const byText = (a: Key, b: Key) => (uuidText(a) < uuidText(b) ? -1 : 1)

describe('KeyDirectory', () => {
  it('finds, lists in order and forgets as a sorted list does, whatever is added and removed', () => {
    const aWord = fc.oneof(fc.nat(3), fc.constantFrom(0xffffffff, 0x80000000))
    const aStep = fc.record({ key: fc.tuple(aWord, aWord, aWord, aWord), isRemoval: fc.boolean() })
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 200 }), (steps) => {
        const directory = new KeyDirectory(new WordTable(4))
        const model = new Map<string, Key>()
        for (const { key, isRemoval } of steps) {
          const ordinal = directory.find(key)
          expect(ordinal >= 0).toBe(model.has(uuidText(key)))
          if (isRemoval && ordinal >= 0) directory.remove(ordinal)
          if (!isRemoval && ordinal < 0) expect(directory.keyOf(directory.add(key))).toEqual(key)
          if (isRemoval) model.delete(uuidText(key))
          else model.set(uuidText(key), key)
        }
        expect(directory.listAfter(null, 500)).toEqual([...model.values()].sort(byText))
      }),
    )
  })

  it.each([
    ['rising', (n: number) => n],
    ['falling', (n: number) => -n],
    ['mixed', (n: number) => Math.imul(n, 0x9e3779b1)],
  ])('keeps thousands of %s keys over many buckets in order, with pages from any key on', (_, spread) => {
    const directory = new KeyDirectory(new WordTable(4))
    const keys = Array.from({ length: 5000 }, (_, n): Key => [spread(n) >>> 0, 0, 0, n])
    for (const key of keys) directory.add(key)
    for (const key of keys.filter((_, n) => n % 7 === 0)) directory.remove(directory.find(key))
    const left = keys.filter((_, n) => n % 7 !== 0).sort(byText)
    expect(directory.listAfter(null, 9999)).toEqual(left)
    expect(directory.listAfter(left[1999] ?? null, 3)).toEqual(left.slice(2000, 2003))
    expect(directory.size).toBe(left.length)
  })

  it('uses the ordinals of removed keys again', () => {
    const directory = new KeyDirectory(new WordTable(4))
    for (let round = 0; round < 50; round++) {
      const ordinals = [1, 2, 3].map((n) => directory.add([round, n, 0, 0]))
      for (const ordinal of ordinals) directory.remove(ordinal)
    }
    expect(directory.end).toBe(3)
  })
})
