import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { skipSuite } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LifeSign, openLifeSign } from './life-sign.ts'

const system = existsSync('/proc/sys/kernel/random/boot_id') ? {} : { skipped: 'this is no Linux' }

describe.skipIf('skipped' in system)('the sign of life of a process', () => {
  let folder: string
  let mine: LifeSign
  const children: ChildProcess[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sign-'))
    mine = await openLifeSign(randomUUID(), { folder })
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await mine.close()
    await rm(folder, { recursive: true })
  })

  const startOther = async () => {
    const name = randomUUID()
    const program = `const { openLifeSign } = await import(${JSON.stringify(import.meta.resolve('./life-sign.ts'))})
      await openLifeSign(${JSON.stringify(name)}, { folder: ${JSON.stringify(folder)} })
      process.stdout.write('open')
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    await once(child.stdout, 'data')
    return { name, child }
  }
  const kill = async (child: ChildProcess) => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  it('tells of one that was killed, and not of one that lives or stands still', async () => {
    const { name, child } = await startOther()
    expect(await mine.hasEnded(name)).toBe(false)
    child.kill('SIGSTOP')
    expect(await mine.hasEnded(name)).toBe(false)
    child.kill('SIGCONT')
    await kill(child)
    // For each of its leases, and for whoever asks.
    for (let asked = 0; asked < 2; asked++) expect(await mine.hasEnded(name)).toBe(true)
  })

  it('knows nothing of one that ran elsewhere, never was, or ended in order', async () => {
    const { name, child } = await startOther()
    await kill(child)
    const [left] = (await readdir(folder)).filter((file) => file.endsWith(name))
    await rename(join(folder, left!), join(folder, left!.replace(/^(semblance)-.{8}-/, '$1-00000000-')))
    expect(await mine.hasEnded(name), 'of another kernel').toBe(false)
    expect(await mine.hasEnded(randomUUID())).toBe(false)
    const orderly = randomUUID()
    await (await openLifeSign(orderly, { folder })).close()
    expect(await mine.hasEnded(orderly)).toBe(false)
  })

  it('is removed some time after its process was killed, and no other one', async () => {
    const [dead, alive] = [await startOther(), await startOther()]
    await kill(dead.child)
    const names = async () => (await readdir(folder)).map((file) => file.slice(-36))
    const hourly = await openLifeSign(randomUUID(), { folder })
    expect(await names()).toContain(dead.name)
    const often = await openLifeSign(randomUUID(), { folder, sweepEveryMs: 20 })
    await expect.poll(names, { timeout: 10_000 }).not.toContain(dead.name)
    expect(await names()).toContain(alive.name)
    await Promise.all([hourly.close(), often.close()])
  })

  it('knows nothing where it cannot be given', async () => {
    const nowhere = await openLifeSign(randomUUID(), { folder: join(folder, 'none') })
    const { name, child } = await startOther()
    await kill(child)
    expect(await nowhere.hasEnded(name)).toBe(false)
    await nowhere.close()
    const tooLong = await mkdtemp(join(folder, 'x'.repeat(100)))
    await (await openLifeSign(randomUUID(), { folder: tooLong })).close()
  })
})

if ('skipped' in system) skipSuite('signs of life', { skipped: String(system.skipped) })
