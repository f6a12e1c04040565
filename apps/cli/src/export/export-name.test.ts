import { describe, expect, it } from 'vitest'
import { EXIT } from '../command/exit-codes.ts'
import { formatOf, refuseOtherArchive } from './export-name.ts'

describe('the name of an export', () => {
  it.each([
    'all.tar.gz',
    'all.tgz',
    'all.ZIP',
    'all.ndjson.gz',
    'all.tar.zst',
  ])('may not promise what is not written: %s', (file) => {
    for (const format of ['ndjson', 'tar'] as const)
      expect(() => refuseOtherArchive(file, format)).toThrow(
        expect.objectContaining({ exitCode: EXIT.wrongUse, message: expect.stringContaining('.tar, for') }),
      )
  })

  it('that ends with .tar means a tar, whatever its case', () => {
    expect(['all.tar', 'ALL.TAR', 'all.ndjson', 'all', '-', 'tar'].map(formatOf)).toEqual([
      'tar',
      'tar',
      ...Array(4).fill('ndjson'),
    ])
    expect(() => refuseOtherArchive('all.tar', 'ndjson')).toThrow('would be no tar')
    for (const file of ['all.ndjson', 'all', '-']) refuseOtherArchive(file, 'tar')
    refuseOtherArchive('ALL.TAR', 'tar')
  })
})
