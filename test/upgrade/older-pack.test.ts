import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSlowTier } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Calls, callsTo } from '../e2e/calls.ts'
import { smallPhotos } from '../e2e/photos.ts'
import { openClusterServers, startGateway, startWorker } from '../servers/cluster.ts'
import { type ServerProcess, spawnServerProcess } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { startStandaloneServer } from '../servers/standalone-server.ts'

/** The default of earlier versions. */
const OLD = 'builtin@1'
const NEW = 'builtin@2'
const NOTE = new RegExp(`of model pack ${OLD}, and goes on with it.*redescribe --pack ${NEW}`)
const START_MS = 120_000
const shared = findSharedData()
if (shared === null) console.warn('skipped: galleries of an older pack: no photos')

type Env = Readonly<Record<string, string>>

/** One gallery, whose processes are started and stopped again. */
interface Place {
  readonly env: Env
  start(env?: Env): Promise<Running>
  /** Starts the process that needs the networks where nobody can make those of this gallery. */
  startWithoutNetworks(): ServerProcess
  close(): Promise<void>
}

interface Running {
  readonly calls: Calls
  output(): string
  stop(): Promise<void>
}

/** Nobody can make a folder there, on Linux. */
const NO_MODELS = { SEMBLANCE_MODELS: '/proc/semblance' }

async function standalone(): Promise<Place> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'semblance older pack '))
  return {
    env: { SEMBLANCE_DATA: dataFolder },
    start: async (env = {}) => {
      const server = await startStandaloneServer({ dataFolder, env })
      return { calls: callsTo(server), output: server.output, stop: () => server.stop() }
    },
    startWithoutNetworks: () =>
      spawnServerProcess('standalone', { SEMBLANCE_DATA: dataFolder, SEMBLANCE_PORT: '0', ...NO_MODELS }),
    close: () => rm(dataFolder, { recursive: true, force: true }),
  }
}

async function cluster(): Promise<Place | string> {
  const servers = await openClusterServers()
  if ('skipped' in servers) return servers.skipped
  return {
    env: servers.env,
    start: async (env = {}) => {
      const processes = await Promise.all([
        startGateway({ ...servers.env, ...env }),
        startWorker({ ...servers.env, ...env }),
      ])
      return {
        calls: callsTo(processes[0]),
        output: () => processes.map((one) => one.output()).join(''),
        stop: async () => {
          await Promise.all(processes.map((one) => one.end('SIGTERM')))
        },
      }
    },
    startWithoutNetworks: () =>
      spawnServerProcess('worker', { ...servers.env, SEMBLANCE_OPS_PORT: '0', ...NO_MODELS }),
    close: () => servers.close(),
  }
}

describe.skipIf(shared === null).each([
  ['standalone', standalone],
  ['cluster', cluster],
] as const)('a gallery of an older pack, %s', (_shape, openPlace) => {
  let place: Place | string
  let photo: Buffer
  let probe: Buffer
  let before: object
  const found = async (calls: Calls) => {
    const { json } = await calls.search(probe, { threshold: 2 })
    const [{ cosine, distance, similarity }] = json.persons[0].images
    return { cosine, distance, similarity }
  }
  beforeAll(async () => {
    place = await openPlace()
    if (typeof place === 'string') return console.warn(`skipped: a gallery of an older pack: ${place}`)
    ;[photo, probe] = (await smallPhotos(shared!)) as [Buffer, Buffer]
    const old = await place.start({ SEMBLANCE_PACK: OLD })
    const id = await old.calls.createPerson({ name: 'Ada' })
    expect((await old.calls.addImage(id, photo)).status).toBe(200)
    before = await found(old.calls)
    await old.stop()
  }, START_MS)
  afterAll(async () => {
    if (typeof place === 'object') await place.close()
  })

  it(
    'is served with it after the upgrade, and tells how it moves',
    async ({ skip }) => {
      if (typeof place === 'string') return skip(place)
      const running = await place.start()
      const { calls } = running
      try {
        expect(await found(calls), 'the same scores').toEqual(before)
        expect((await calls.ask('GET', '/system')).json.pack).toMatchObject({ id: OLD, moveTo: NEW })
        await expect.poll(running.output, { timeout: 10_000 }).toMatch(NOTE)
        expect(await outputOf('cli', place.env, ['doctor'])).toMatch(
          new RegExp(`the gallery is of ${OLD}, and goes on with it; new galleries get ${NEW}`),
        )
        // How it moves is tested with `redescribe`, from this very pack to the other.
        if (!isSlowTier) return
        const { json } = await calls.ask('POST', '/redescribe', { pack: NEW })
        const ended = async () => (await calls.ask('GET', `/operations/${json.id}`)).json.endedAt
        await expect.poll(ended, { timeout: START_MS, interval: 500 }).toBeDefined()
        const moved = async () => (await calls.ask('GET', '/system')).json.pack
        await expect.poll(moved, { timeout: 30_000 }).toMatchObject({ id: NEW })
        expect(await moved()).not.toHaveProperty('moveTo')
        expect(await found(calls), 'by other networks').not.toEqual(before)
        await calls.ask('POST', '/redescribe/switch', {})
        await expect.poll(moved, { timeout: 30_000 }).toMatchObject({ id: OLD })
        expect(await found(calls), 'and back').toEqual(before)
      } finally {
        await running.stop()
      }
    },
    2 * START_MS,
  )

  it(
    'is not opened without the files of its pack, and says which and how they come',
    async ({ skip }) => {
      if (typeof place === 'string') return skip(place)
      if (process.platform !== 'linux') return skip('no folder that nobody can make')
      const server = place.startWithoutNetworks()
      await once(server.process, 'exit')
      expect(server.process.exitCode).toBe(1)
      expect(server.output()).toContain(`the gallery is of model pack ${OLD}`)
      expect(server.output()).toMatch(new RegExp(`cannot be written.*--build-arg MORE_PACKS=${OLD}`))
    },
    START_MS,
  )
})

async function outputOf(app: string, env: Env, args: readonly string[]): Promise<string> {
  const command = spawnServerProcess(app, env, args)
  await once(command.process, 'exit')
  return command.output()
}
