import { expect, it } from 'vitest'
import { conditionsIn } from '../../apps/console/src/parts/metadata-conditions.ts'

it('conditions on metadata are read by their keys, and all values of a key are kept', () => {
  expect(conditionsIn([])).toEqual({})
  expect(
    conditionsIn(['floor=3', 'desk', '=x', 'city = New York ', 'floor=4', 'floor=3', 'sum=1=2']),
  ).toEqual({
    floor: ['3', '4'],
    city: ['New York'],
    sum: ['1=2'],
  })
  const odd = conditionsIn(['__proto__=1', 'constructor=2'])
  expect(Object.entries(odd)).toEqual([
    ['__proto__', ['1']],
    ['constructor', ['2']],
  ])
})
