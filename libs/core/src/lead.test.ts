import { describe, expect, it } from 'vitest'
import { startLeading } from './lead.ts'
import { aClock } from './testing/index.ts'

describe('who waits to lead', () => {
  it('tries again as soon after a wait in which all looks but the last went well as after the first', async () => {
    const clock = aClock()
    let tries = 0
    const exclusive = {
      run: async () => {
        tries += 1
        clock.advance(20_000)
        throw new Error('one look came too late')
      },
    }
    const gallery = { clock, exclusive, onDeferred: () => {} }
    const leading = startLeading(gallery, { key: 'k', what: 'lead', work: async () => {}, retryMs: 1 })
    // With pauses that double, so many would take more than two minutes.
    await expect.poll(() => tries, { timeout: 20_000 }).toBeGreaterThan(40)
    await leading.stop()
  }, 30_000)
})
