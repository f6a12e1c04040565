import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { skipSuite } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { type Calls, callsTo, inParallel } from './calls.ts'
import { smallPhotos } from './photos.ts'

/** What docs/security.md promises. */
const ERASED_WITHIN_MS = 5_000
const NAME = 'Zaphod Beeblebrox'
const SHIP = 'Heart of Gold'

const shared = findSharedData()
let dataFolder: string
let server: StandaloneServer
let calls: Calls
let loads: { stop(): Promise<void> }[]

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'semblance erasure '))
  loads = []
  await start()
})
afterEach(async () => {
  for (const load of loads) await load.stop()
  await server.kill()
  await rm(dataFolder, { recursive: true, force: true })
})

async function start(): Promise<void> {
  server = await startStandaloneServer({ dataFolder })
  calls = callsTo(server)
}

/** Somebody with a photo, and what of both must not be found once they are erased. */
async function enroll() {
  const [photo] = await smallPhotos(shared!)
  const id = await calls.createPerson({ name: NAME, metadata: { ship: SHIP } })
  expect((await calls.addImage(id, photo!)).status).toBe(200)
  const middle = photo!.length >> 1
  return { id, needles: [Buffer.from(NAME), Buffer.from(SHIP), photo!.subarray(middle, middle + 64)] }
}

/** Files of the data folder that hold any of it. */
async function traces(needles: readonly Buffer[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const entry of await readdir(dataFolder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    // A file may go while it is looked for.
    const bytes = entry.isFile() ? await readFile(file).catch(() => Buffer.alloc(0)) : Buffer.alloc(0)
    if (needles.some((needle) => bytes.includes(needle))) found.push(entry.name)
  }
  return found
}

const expectErased = (needles: readonly Buffer[], withinMs = ERASED_WITHIN_MS) =>
  expect.poll(() => traces(needles), { timeout: withinMs, interval: 100 }).toEqual([])

const LOADS = {
  'a flood of requests': async () => {
    const id = await calls.createPerson({ name: 'Marvin' })
    await calls.ask('GET', '/persons?size=100')
    await calls.ask('GET', `/persons/${id}`)
  },
  'a request now and then': async () => {
    await calls.ask('GET', '/persons?size=100')
    await pause(500)
  },
}

/** Until the end of the test. */
function keepBusy(load: keyof typeof LOADS): void {
  let isOver = false
  const lane = async () => {
    while (!isOver) await LOADS[load]()
  }
  const lanes = [lane(), lane(), lane()]
  loads.push({
    stop: async () => {
      isOver = true
      await Promise.all(lanes)
    },
  })
}

if (shared === null) skipSuite('erasure', { skipped: 'no photos' })
describe.skipIf(shared === null)('name, metadata, picture and descriptor', () => {
  it.each([
    'a flood of requests',
    'a request now and then',
  ] as const)('are in no file of the data folder 5 s after a DELETE, under %s', async (load) => {
    const { id, needles } = await enroll()
    expect((await traces(needles)).length).toBeGreaterThan(1)
    keepBusy(load)
    expect((await calls.ask('DELETE', `/persons/${id}`)).status).toBe(204)
    await expectErased(needles)
  }, 60_000)

  it('are in none 5 s after a person expired', async () => {
    const { id, needles } = await enroll()
    expect((await traces(needles)).length).toBeGreaterThan(1)
    // Not before: the first picture of a process may take longer than that.
    const expireAt = new Date(Date.now() + 2_000)
    const { status } = await calls.ask('PUT', `/persons/${id}`, { expireAt: expireAt.toISOString() })
    expect(status).toBe(204)
    keepBusy('a request now and then')
    await expectErased(needles, expireAt.getTime() - Date.now() + ERASED_WITHIN_MS)
  }, 60_000)

  it('are in none soon after a person with more pictures than are erased in one go is deleted', async () => {
    const { id, needles } = await enroll()
    const [photo] = await smallPhotos(shared!)
    await inParallel(Array.from({ length: 60 }), 4, () => calls.addImage(id, photo!))
    expect((await calls.ask('DELETE', `/persons/${id}`)).status).toBe(204)
    await expectErased(needles)
  }, 120_000)

  it('are in none soon after the next start, when the process was killed right after the DELETE', async () => {
    const { id, needles } = await enroll()
    expect((await calls.ask('DELETE', `/persons/${id}`)).status).toBe(204)
    await server.kill()
    expect(await traces(needles)).not.toEqual([])
    await start()
    await expectErased(needles)
  }, 60_000)
})
