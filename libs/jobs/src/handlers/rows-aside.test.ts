import { expect, it } from 'vitest'
import { RowsAside } from './rows-aside.ts'

it('lets a bounded number of rows step aside, and another one once one of them has ended', () => {
  const rows = new RowsAside()
  let stepped = 0
  const stepAside = () => {
    stepped += 1
    return () => {}
  }
  const leaves = Array.from({ length: 20 }, () => rows.stepAside({ stepAside }))
  expect(stepped).toBe(16)
  leaves[0]?.()
  leaves[19]?.()
  rows.stepAside({ stepAside })
  rows.stepAside({ stepAside })
  expect(stepped).toBe(17)
})
