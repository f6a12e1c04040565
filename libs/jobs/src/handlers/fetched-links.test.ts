import { getEventListeners } from 'node:events'
import type { ImageLinks } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { fetchLinks } from './fetched-links.ts'

const URLS = ['https://a.test/1.jpg', 'https://a.test/2.jpg']

/** Gives a byte for each link, and keeps the signals that it was called with. */
function someLinks() {
  const signals: AbortSignal[] = []
  let released = 0
  const links: ImageLinks = {
    fetch: async (_, waiting) => {
      if (waiting?.signal !== undefined) signals.push(waiting.signal)
      return { outcome: 'fetched', bytes: new Uint8Array(1), release: () => (released += 1) }
    },
    close: async () => {},
  }
  return { links, signals, releasedTimes: () => released }
}

describe('links that were fetched for a job', () => {
  const given = (links: ImageLinks, signal: AbortSignal) =>
    fetchLinks(URLS, { links, signal, lane: 'bulk', remainingMs: 1_000 })

  it('give their room back when their caller leaves', async () => {
    const { links, releasedTimes } = someLinks()
    const leaving = new AbortController()
    await given(links, leaving.signal)
    expect(releasedTimes()).toBe(0)
    leaving.abort()
    expect(releasedTimes()).toBe(2)
  })

  it('are held by nothing after they are released', async () => {
    const { links, signals, releasedTimes } = someLinks()
    const { signal } = new AbortController()
    const fetched = await given(links, signal)
    const listeners = () => [signal, ...signals].flatMap((one) => getEventListeners(one, 'abort'))
    expect(listeners()).not.toEqual([])
    fetched.release()
    expect(listeners()).toEqual([])
    expect(releasedTimes()).toBe(2)
  })
})
