import type { Lease } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { createLocalExclusive } from './local-exclusive.ts'

describe('a lease that outlives its task', () => {
  it('commits and settles nothing any more', async () => {
    const exclusive = createLocalExclusive()
    let kept: Lease | undefined
    await exclusive.run('gallery', async (lease) => {
      kept = lease
      await lease.commit('person-1')
    })
    await (kept as unknown as Lease).settle()
    expect(await (kept as unknown as Lease).commit('person-2')).toBe(false)
    expect(await exclusive.run('gallery', async (lease) => lease.committed)).toBe('person-1')
  })
})
