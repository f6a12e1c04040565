import { describe, expect, it } from 'vitest'
import { AwayLines } from './away-lines.ts'

function opened() {
  const lines: string[] = []
  const away = new AwayLines({
    server: 'the server http://h',
    tell: (line) => lines.push(line),
    afterMs: 50,
    everyMs: 100,
  })
  return { away, lines }
}

describe('a server that does not answer', () => {
  it('is told of after a while, now and then with the reason, and once it is back', async () => {
    const { away, lines } = opened()
    const answer = Promise.withResolvers<number>()
    const asked = away.watch((failed) => {
      failed('ECONNREFUSED')
      return answer.promise
    })
    await expect.poll(() => lines.length).toBeGreaterThan(1)
    for (const line of lines)
      expect(line).toMatch(
        /^the server http:\/\/h has not answered since [\d:]{8} UTC, for \d+ s \(ECONNREFUSED\); trying on$/,
      )
    answer.resolve(7)
    expect(await asked).toBe(7)
    expect(lines.at(-1)).toMatch(/^the server http:\/\/h answers again, after \d+ s$/)
    const { length } = lines
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(lines).toHaveLength(length)
  })

  it('is told of though no attempt has failed yet', async () => {
    const { away, lines } = opened()
    const answer = Promise.withResolvers<void>()
    const asked = away.watch(() => answer.promise)
    await expect.poll(() => lines[0]).toMatch('no answer yet')
    answer.resolve()
    await asked
  })

  it('is not told of where it answers, whatever the answer', async () => {
    const { away, lines } = opened()
    await away.watch(async () => 1)
    await expect(away.watch(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(lines).toEqual([])
  })
})
