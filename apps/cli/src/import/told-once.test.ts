import { expect, it } from 'vitest'
import { ToldOnce } from './told-once.ts'

it('takes for new what was not met in the look before, and forgets what is gone', () => {
  const told = new ToldOnce()
  expect([told.isNew('a'), told.isNew('a'), told.isNew('b')]).toEqual([true, false, true])
  told.endLook()
  expect(told.isNew('a')).toBe(false)
  told.endLook()
  expect([told.isNew('a'), told.isNew('b')]).toEqual([false, true])
})
