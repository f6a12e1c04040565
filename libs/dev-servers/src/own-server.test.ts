import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startOwnServer } from './own-server.ts'

describe('a server that does not start', () => {
  it.each([
    ['answers nothing', false],
    ['has a port on which somebody else answers', true],
  ])('and %s is told with what it printed, and leaves no folder behind', async (_, isUp) => {
    const folder = await mkdtemp(join(tmpdir(), 'semblance-own-'))
    const started = startOwnServer({
      program: process.execPath,
      args: ['-e', 'console.error("address in use"); process.exit(1)'],
      folder,
      // Asked only once it has ended.
      isUp: () => new Promise((resolve) => setTimeout(resolve, 1_000, isUp)),
    })
    await expect(started).rejects.toThrow(/did not start: address in use/)
    expect(existsSync(folder)).toBe(false)
  })
})
