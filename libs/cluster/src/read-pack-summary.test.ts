import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readOperatingPoint, readPackSummary, readStrangerRates } from './read-pack-summary.ts'

const PACKS = join(import.meta.dirname, '../../../models')

it.each([
  ['builtin', { packId: 'builtin@1', dimensions: 512 }],
  ['builtin@1', { packId: 'builtin@1', dimensions: 512 }],
  ['builtin@2', { packId: 'builtin@2', dimensions: 512 }],
  ['builtin-light', { packId: 'builtin-light@1', dimensions: 192 }],
])('finds the pack %s as the engine does', async (name, expected) => {
  expect(await readPackSummary(PACKS, name)).toEqual(expected)
})

it.each(['builtin@3', 'absent', '../models/builtin', ''])('refuses the pack "%s"', async (name) => {
  await expect(readPackSummary(PACKS, name)).rejects.toMatchObject({ code: 'E_PACK_INVALID' })
})

it('tells the operating point of two enrolled pictures', async () => {
  expect(await readOperatingPoint(PACKS, 'builtin@1')).toBeCloseTo(0.907536, 9)
  await expect(readOperatingPoint(PACKS, 'absent')).rejects.toMatchObject({ code: 'E_PACK_INVALID' })
})

it('tells how often strangers come how near, where that was measured', async () => {
  const rates = await readStrangerRates(PACKS, 'builtin@2')
  expect(rates?.richCheap).toHaveLength(16)
  const [nearest, ...others] = rates?.richCheap ?? []
  expect(nearest).toEqual({ distance: expect.closeTo(0.634, 3), rate: 1e-8 })
  expect(others.find(({ distance }) => distance === 1)?.rate).toBeCloseTo(1.08e-5, 7)
  expect(await readStrangerRates(PACKS, 'builtin@1')).toBeNull()
  await expect(readStrangerRates(PACKS, 'absent')).rejects.toMatchObject({ code: 'E_PACK_INVALID' })
})
