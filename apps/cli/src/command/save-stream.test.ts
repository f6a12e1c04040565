import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance-save-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Saves pieces that come for ever, whatever it is told: a first signal alone does not end it. */
const SAVING = `
const { saveStream } = await import(${JSON.stringify(join(import.meta.dirname, 'save-stream.ts'))})
const { untilToldToStop } = await import('@semblance/telemetry')
void untilToldToStop()
const pieces = async function* () {
  for (;;) {
    yield Buffer.from('piece')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
await saveStream(process.argv[1], pieces())
`

function save(file: string): ChildProcess {
  const args = ['--conditions=@semblance/source', '--input-type=module', '--eval', SAVING, file]
  return spawn(process.execPath, args, { stdio: 'inherit' })
}

describe('what is saved under another name until it is whole', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('goes if %s ends the process at once', async (signal) => {
    const saving = save(join(folder, 'gallery.ndjson'))
    const ended = once(saving, 'exit')
    await expect.poll(() => readdir(folder), { timeout: 30_000 }).toHaveLength(1)
    // Each time later than what counts as the same keypress: a busy process may get two of them at once.
    const pressing = new AbortController()
    const pressed = (async () => {
      while (!pressing.signal.aborted) {
        saving.kill(signal)
        await delay(1_200, undefined, { signal: pressing.signal }).catch(() => {})
      }
    })()
    void ended.then(() => pressing.abort())
    await pressed
    expect(await ended).toEqual([130, null])
    expect(await readdir(folder)).toEqual([])
  })
})
