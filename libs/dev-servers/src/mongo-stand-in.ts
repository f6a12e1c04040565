import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findOnPath, isProgram } from './find-on-path.ts'
import type { MissingServer } from './missing-server.ts'

const run = promisify(execFile)
const sources = join(import.meta.dirname, '../mongo-stand-in')
const cache = join(import.meta.dirname, '../../../node_modules/.cache/semblance-mongo')
/** Where Go installs itself, on PATH or not. */
const USUAL_GO = '/usr/local/go/bin/go'
const LOCK_POLL_MS = 250
const NO_MONGOD = 'no mongod on PATH'
const NO_GO = `${NO_MONGOD}, and no Go to build its stand-in with`

/** Whether there are sources to build it from, as in the repository; an installed package has none. */
export function hasMongoStandIn(): boolean {
  return existsSync(join(sources, 'go.mod'))
}

/** Whether `buildMongoStandIn` has anything to do. */
export async function lookForMongoStandIn(): Promise<'ready' | 'to-be-built' | MissingServer> {
  if (!hasMongoStandIn()) return { missing: NO_MONGOD }
  if (isProgram(await executablePath())) return 'ready'
  return findGo() === null ? { missing: NO_GO } : 'to-be-built'
}

let built: Promise<string | MissingServer> | null = null

/** The file of the program, in a cache folder that is named after its sources. It takes minutes at the first time. */
export function buildMongoStandIn(): Promise<string | MissingServer> {
  built ??= buildOnce()
  return built
}

async function buildOnce(): Promise<string | MissingServer> {
  const found = await lookForMongoStandIn()
  if (typeof found === 'object') return found
  const executable = await executablePath()
  const go = findGo()
  if (found === 'ready' || go === null) return executable
  await mkdir(join(executable, '..'), { recursive: true })
  const release = await lockBuild(`${executable}.building`)
  try {
    if (isProgram(executable)) return executable
    await run(go, ['build', '-buildvcs=false', '-o', `${executable}.new`, '.'], { cwd: sources })
    await rename(`${executable}.new`, executable)
    return executable
  } catch (error) {
    return { missing: `${NO_MONGOD}, and its stand-in could not be built: ${String(error)}` }
  } finally {
    await release()
  }
}

/** One build at a time over all processes: it takes every core for minutes. */
async function lockBuild(file: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(file, `${process.pid}`, { flag: 'wx' })
      return () => rm(file, { force: true })
    } catch {
      const holder = Number(await readFile(file, 'utf8').catch(() => ''))
      if (holder > 0 && !isAlive(holder)) await rm(file, { force: true })
      else await sleep(LOCK_POLL_MS)
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function findGo(): string | null {
  return findOnPath('go') ?? (isProgram(USUAL_GO) ? USUAL_GO : null)
}

async function executablePath(): Promise<string> {
  return join(cache, await digestOfSources(), 'mongo-stand-in')
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256')
  const names = (await readdir(sources)).filter((name) => /^go\.|\.go$/.test(name))
  for (const name of names.toSorted()) hash.update(name).update(await readFile(join(sources, name)))
  return hash.digest('hex').slice(0, 16)
}
