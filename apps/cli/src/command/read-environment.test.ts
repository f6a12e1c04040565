import { dataSettings } from '@semblance/config'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { openClient } from '../server/open-client.ts'
import { readEnvironment } from './read-environment.ts'

let said: string[]
beforeEach(() => {
  said = []
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => said.push(String(line)) > 0)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

it.each([
  'SEMBLANCE_URL',
  'SEMBLANCE_CLIENT_KEY',
  'SEMBLANCE_CLIENT_KEY_FILE',
  'SEMBLANCE_MONGO_URL',
  'SEMBLANCE_DATA',
])('says nothing of %s, which another command reads', (name) => {
  vi.stubEnv(name, 'http://127.0.0.1:41101')
  readEnvironment(z.object({}))
  expect(said).toEqual([])
})

it('tells a variable that no command reads', () => {
  vi.stubEnv('SEMBLANCE_DATTA', '/x')
  const { SEMBLANCE_DATA } = readEnvironment(z.object(dataSettings))
  expect(SEMBLANCE_DATA).not.toBe('/x')
  expect(said.join('')).toContain(
    'SEMBLANCE_DATTA: nothing reads this variable; did you mean SEMBLANCE_DATA?',
  )
})

it('of a command that calls a server tells a variable that nothing reads, once', async () => {
  vi.stubEnv('SEMBLANCE_URLL', 'http://127.0.0.1:41101')
  const { signal } = new AbortController()
  await openClient({}, signal)
  await openClient({}, signal, { isSecond: true })
  expect(said).toEqual([
    expect.stringContaining('SEMBLANCE_URLL: nothing reads this variable; did you mean SEMBLANCE_URL?'),
  ])
})

it.each([
  'SEMBLANCE_PORT',
  'SEMBLANCE_DISK_RESERVE',
  'SEMBLANCE_WORKER_LANES',
  'SEMBLANCE_OPS_PORT',
])('of a command that calls a server says nothing of %s, which a server reads', async (name) => {
  vi.stubEnv(name, '1')
  await openClient({}, new AbortController().signal)
  expect(said).toEqual([])
})
