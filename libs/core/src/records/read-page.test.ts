import { aPerson } from '@semblance/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { PersonId } from '../ids.ts'
import type { Person } from '../persons/person.ts'
import { readPage } from './read-page.ts'

const SHORT = '{}'
const LONG = JSON.stringify({ text: 'x'.repeat(65_000) })

/** As many persons, newest first, the metadata of each as its place in the list says. */
function personsWith(count: number, metadataAt: (place: number) => string): readonly Person[] {
  return Array.from({ length: count }, () => aPerson())
    .toReversed()
    .map((person, place) => ({ ...person, metadata: metadataAt(place) }))
}

/** Reads a page of these persons, and says how many were asked for each time. */
async function read(persons: readonly Person[], onBytes?: (bytes: number) => void) {
  const asked: number[] = []
  const findMany = async (ids: readonly PersonId[]) => {
    asked.push(ids.length)
    return persons.filter(({ id }) => ids.includes(id)).toReversed()
  }
  const found = { ids: persons.map(({ id }) => id), total: persons.length }
  const reader = { request: { page: 1, size: 1000 }, findMany, isShown: () => true }
  const reading = readPage(found, reader, { onBytes })
  return { page: await reading.catch((fault: unknown) => fault), asked }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('a page', () => {
  it('is read in portions, by the length of the records before, and comes out in order', async () => {
    for (const [metadata, portions] of [
      [LONG, [16, 16, 16, 16, 16, 16, 16, 16, 16, 6]],
      [SHORT, [16, 100, 34]],
    ] as const) {
      const persons = personsWith(150, () => metadata)
      const { page, asked } = await read(persons)
      expect(page).toMatchObject({ items: persons, totalPages: 1, nextCursor: null })
      expect(asked).toEqual(portions)
    }
  })

  it('takes few megabytes at once, however the lengths change', async () => {
    const persons = personsWith(400, (place) => (place % 116 < 16 ? SHORT : LONG))
    const told: number[] = []
    await read(persons, (bytes) => told.push(bytes))
    const portions = told.map((bytes, n) => bytes - (told[n - 1] ?? 0))
    expect(Math.max(...portions)).toBeLessThan(7_000_000)
    expect(told.at(-1)).toBeGreaterThan(LONG.length * 300)
  })

  it('ends with what the caller throws, before more is read', async () => {
    const noRoom = new Error('no room')
    const refuse = (bytes: number) => {
      if (bytes > 2_000_000) throw noRoom
    }
    const { page, asked } = await read(
      personsWith(150, () => LONG),
      refuse,
    )
    expect(page).toBe(noRoom)
    expect(asked).toEqual([16, 16])
  })

  it('leads on to the next one although none of its records is to be seen any more', async () => {
    const persons = personsWith(2, () => SHORT)
    const reader = { request: { page: 1, size: 2 }, findMany: async () => persons, isShown: () => false }
    const page = await readPage({ ids: persons.map(({ id }) => id), total: 3 }, reader)
    expect(page).toEqual({ items: [], page: 1, totalPages: 2, nextCursor: persons[1]!.id })
  })
})

describe('many pages at once', () => {
  it('are read eight portions at a time; who waits too long is refused', async () => {
    vi.useFakeTimers()
    const [person] = personsWith(1, () => SHORT)
    const answer = Promise.withResolvers<readonly Person[]>()
    let asked = 0
    const findMany = () => {
      asked += 1
      return answer.promise
    }
    const reader = { request: { page: 1, size: 1 }, findMany, isShown: () => true }
    const pages = Array.from({ length: 9 }, () => readPage({ ids: [person!.id], total: 1 }, reader))
    const refused = expect(pages[8]).rejects.toMatchObject({ code: 'E_OVERLOADED', retryAfterSeconds: 1 })
    await vi.advanceTimersByTimeAsync(5_000)
    await refused
    expect(asked).toBe(8)
    answer.resolve([person!])
    for (const page of pages.slice(0, 8)) expect((await page).items).toEqual([person])
  })
})
