import { afterEach, expect, test, vi } from 'vitest'
import { createSayWaiting } from './say-waiting.ts'

afterEach(() => void vi.restoreAllMocks())

test('what a program waits for is said on standard error, each server at once and then now and then', () => {
  const said: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  let now = 0
  const sayWaiting = createSayWaiting(() => now)
  sayWaiting('MongoDB', 'connect ECONNREFUSED')
  sayWaiting('Redis', 'Connection is closed.')
  now = 29_999
  sayWaiting('MongoDB', 'connect ECONNREFUSED')
  expect(said).toEqual([
    'Waiting for MongoDB: connect ECONNREFUSED\n',
    'Waiting for Redis: Connection is closed.\n',
  ])
  now = 30_000
  sayWaiting('MongoDB', 'connect ETIMEDOUT')
  expect(said[2]).toBe('Waiting for MongoDB: connect ETIMEDOUT\n')
})
