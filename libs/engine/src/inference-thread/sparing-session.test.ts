import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { sparingSession } from './sparing-session.ts'

const KEPT_MS = 20

describe('sparingSession', () => {
  it('opens one session for all runs that follow each other, and releases it when none does', async () => {
    const { run, seen } = sessions()
    expect(seen).toEqual([])
    await Promise.all([run({}, []), run({}, [])])
    await run({}, [])
    expect(seen).toEqual(['opened', 'run', 'run', 'run'])
    await expect.poll(() => seen.at(-1)).toBe('released')
    await run({}, [])
    expect(seen.slice(4)).toEqual(['released', 'opened', 'run'])
  })

  it('releases nothing while a run takes long', async () => {
    const { run, seen } = sessions(10 * KEPT_MS)
    const long = run({}, [])
    await run({}, [])
    await long
    expect(seen).not.toContain('released')
    await expect.poll(() => seen.at(-1)).toBe('released')
  })

  it('tells each caller that it cannot be opened, and tries again', async () => {
    let tries = 0
    const run = sparingSession(() => {
      tries++
      return Promise.reject(new Error('no memory'))
    }, KEPT_MS)
    await expect(run({}, [])).rejects.toThrow('no memory')
    await expect(run({}, [])).rejects.toThrow('no memory')
    await sleep(3 * KEPT_MS)
    await expect(run({}, [])).rejects.toThrow('no memory')
    expect(tries).toBe(3)
  })
})

/** The first run takes `firstMs`. */
function sessions(firstMs = 0) {
  const seen: string[] = []
  const session = {
    run: async () => {
      seen.push('run')
      if (seen.filter((one) => one === 'run').length === 1) await sleep(firstMs)
      return {}
    },
    release: async () => void seen.push('released'),
  }
  const open = async () => {
    seen.push('opened')
    return session
  }
  return { run: sparingSession(open, KEPT_MS), seen }
}
