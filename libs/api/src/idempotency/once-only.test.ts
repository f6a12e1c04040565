import { isUuid, uuidTimeMs } from '@semblance/core'
import { newTestId } from '@semblance/testkit'
import { expect, it } from 'vitest'
import { idsOfSeed } from './once-only.ts'

const take = (seed: string, count: number) => {
  const newId = idsOfSeed(seed)
  return Array.from({ length: count }, () => newId())
}

it('the ids of a seed are always the same ones, each once, the seed first', () => {
  const seed = newTestId()
  const ids = take(seed, 50)
  expect(take(seed, 50)).toEqual(ids)
  expect(ids[0]).toBe(seed)
  expect(new Set(ids).size).toBe(50)
  expect(take(newTestId(), 50).filter((id) => ids.includes(id))).toEqual([])
})

it('the ids of a seed are UUIDv7 of its time', () => {
  const seed = newTestId()
  for (const id of take(seed, 50)) {
    expect(isUuid(id)).toBe(true)
    expect(id).toMatch(/^.{14}7.{4}[89ab]/)
    expect(uuidTimeMs(id)).toBe(uuidTimeMs(seed))
  }
})
