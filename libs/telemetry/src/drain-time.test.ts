import { expect, it } from 'vitest'
import { drainTime } from './drain-time.ts'

it('is one time for all parts of a process, and begins with the first that ends', async () => {
  const drain = drainTime(1)
  const first = drain()
  expect(first.aborted).toBe(false)
  await new Promise((resolve) => first.addEventListener('abort', resolve))
  expect(drain()).toBe(first)
})
