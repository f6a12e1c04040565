import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openCount, openProgress, showFiles } from './progress.ts'

let lines: string[]
beforeEach(() => {
  lines = []
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line).trim()) > 0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

it('tells where there is no terminal every ten seconds how far it is, how fast, and how long it will take', () => {
  let now = 0
  const progress = openProgress('pictures', () => now, 'copied')
  for (; now < 25_000; now += 1_000) progress.update({ done: now / 100, total: 1_000 })
  expect(lines).toEqual([
    '100 of 1000 pictures copied, 10.0 a second, 2 min left',
    '200 of 1000 pictures copied, 10.0 a second, 1 min left',
  ])
})

it('tells of work without a known end how far it is, and how fast', () => {
  let now = 0
  const tell = openCount('pictures compared', () => now)
  for (; now < 25_000; now += 1_000) tell(now / 100)
  expect(lines).toEqual(['100 pictures compared, 10.0 a second', '200 pictures compared, 10.0 a second'])
})

it('counts files on, although there are more of them than were expected', () => {
  const seen: unknown[] = []
  const onFile = showFiles({ update: (now) => seen.push(now), stop: () => {} }, 1)
  onFile()
  onFile()
  expect(seen).toEqual([
    { done: 1, total: 1 },
    { done: 2, total: 2 },
  ])
})
