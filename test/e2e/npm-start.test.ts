import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@semblance/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 10_000

let cleanUp = async (): Promise<void> => {}
afterEach(() => cleanUp())

/** npm, the shell that it starts, the set-up script and the server: a process group of their own, as in a terminal. */
async function npmStart() {
  const port = await freePort()
  const data = await mkdtemp(join(tmpdir(), 'semblance data '))
  const env = { ...process.env, SEMBLANCE_PORT: String(port), SEMBLANCE_DATA: data }
  const npm = spawn('npm', ['start'], { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const { pid } = npm
  if (pid === undefined) throw new Error('npm is not on PATH')
  const printed: string[] = []
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk) => printed.push(String(chunk)))
  const output = () => printed.join('')
  cleanUp = async () => {
    killGroup(pid)
    await rm(data, { recursive: true, force: true })
  }
  await expect.poll(output, { timeout: START_TIMEOUT_MS }).toContain('Ctrl-C stops it.')
  return { pid, url: `http://127.0.0.1:${port}`, output }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left in it.
  }
}

describe('npm start', () => {
  it('serves, and stops on SIGTERM, which a supervisor sends to npm alone', async () => {
    const { pid, url, output } = await npmStart()
    expect((await fetch(`${url}/api/readyz`)).status).toBe(200)
    process.kill(pid, 'SIGTERM')
    await expect.poll(output, { timeout: STOP_TIMEOUT_MS }).toContain('Stopped.')
    await expect(fetch(`${url}/api/healthz`)).rejects.toThrow()
  }, 90_000)
})
