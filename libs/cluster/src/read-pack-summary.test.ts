import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readOperatingPoint, readPackSummary } from './read-pack-summary.ts'

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
