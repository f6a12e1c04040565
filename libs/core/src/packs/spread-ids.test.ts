import { expect, it } from 'vitest'
import { spreadIds } from './spread-ids.ts'

const [FIRST, LAST] = ['01a216a5-2825-73d5-a7a0-6a245acd82e3', '01a216a5-2889-72a5-8efa-af430acc2201']

it('has both ends, and places in order between them', () => {
  const ids = spreadIds(FIRST, LAST, 5)
  expect(ids).toHaveLength(5)
  expect([ids[0], ids[4]]).toEqual([FIRST, LAST])
  expect(ids.toSorted()).toEqual(ids)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
})

it('gives none between ids that somebody has written by hand', () => {
  expect(spreadIds('a', LAST, 3)).toEqual([])
})

it('stays at one id, and gives one if one is asked for', () => {
  expect(spreadIds(FIRST, FIRST, 3)).toEqual([FIRST, FIRST, FIRST])
  expect(spreadIds(FIRST, LAST, 1)).toEqual([FIRST])
})
