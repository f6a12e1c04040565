import { expect, it } from 'vitest'
import { namesApart } from '../../apps/console/src/parts/names-apart.ts'

const group = (id: string, name: string, day: string) => ({ id, name, createdAt: `2026-01-${day}T10:00:00Z` })
const made = (name: string, createdAt: string) => `${name} (${createdAt.slice(0, 10)})`

it('groups of one name are told apart by when they were made, and by their ids if that is not enough', () => {
  const groups = [
    group('a-0001', 'Crew', '01'),
    group('b-0002', 'Crew ', '02'),
    group('c-0003', 'Crew', '02'),
    group('d-0004', 'Visitors', '02'),
  ]
  expect([...namesApart(groups, made).values()]).toEqual([
    'Crew (2026-01-01)',
    'Crew (2026-01-02) · …0002',
    'Crew (2026-01-02) · …0003',
    'Visitors',
  ])
  const twins = [group('a-0001', 'Crew', '01'), group('b-0002', 'Crew', '01')]
  expect([...namesApart(twins, made).values()]).toEqual([
    'Crew (2026-01-01) · …0001',
    'Crew (2026-01-01) · …0002',
  ])
})
