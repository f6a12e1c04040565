import { expect, it } from 'vitest'
import { layoutDifferences, layoutOn } from './layout-differences.ts'

const asked = {
  shardNumber: 12,
  replicationFactor: 2,
  writeConsistencyFactor: 2,
  quantization: 'none',
} as const

it('tells each property that the settings ask to be another one', () => {
  const found = { ...asked, shardNumber: 6, quantization: 'int8' } as const
  expect(layoutDifferences(found, asked)).toEqual([
    { what: 'shards', found: 6, wanted: 12 },
    { what: 'quantization', found: 'int8', wanted: 'none' },
  ])
  expect(layoutDifferences(asked, asked)).toEqual([])
})

it('asks for no more replicas than there are nodes', () => {
  expect(layoutOn(1, asked)).toEqual({ ...asked, replicationFactor: 1, writeConsistencyFactor: 1 })
  expect(layoutOn(3, asked)).toEqual(asked)
})
