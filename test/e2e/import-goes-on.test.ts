import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSlowTier, sizeOf } from '@semblance/testkit'
import sharp from 'sharp'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { expectGoneOn, GOES_ON_MS } from '../crash/gone-on.ts'
import { type ClusterServers, openServersForPhotos, startGateway, startWorker } from '../servers/cluster.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'
import { readAlbums } from './photos.ts'

const shared = findSharedData()
const servers = isSlowTier
  ? await openServersForPhotos('imports whose only worker or gateway is killed')
  : { skipped: 'of the slow tier; test/cluster has kills of workers and gateways' }

const KILLS = sizeOf({ ci: 1, slow: 6 })
const ROWS = sizeOf({ ci: 120, slow: 480 })
const PHOTOS = 16
/** Rows that end before each kill. */
const BETWEEN_KILLS = 5
const PATIENCE_MS = 120_000
const env = { SEMBLANCE_THREADS: '1', SEMBLANCE_LOG_LEVEL: 'warn' }

/** What is killed, and started again in its place. */
interface Victim {
  readonly url: string
  kill(): Promise<void>
  start(): Promise<void>
}

const VICTIMS: Readonly<Record<string, () => Promise<Victim>>> = {
  'a standalone server': async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'semblance goes on '))
    let server = await startStandaloneServer({ dataFolder, env })
    onTestFinished(async () => {
      await server.kill()
      await rm(dataFolder, { recursive: true, force: true })
    })
    const { url } = server
    const start = async () => {
      server = await startStandaloneServer({ dataFolder, env, port: Number(new URL(url).port) })
    }
    return { url, kill: () => server.kill(), start }
  },
  'the only worker of a cluster': async () => {
    const [gateway, first] = await startCluster()
    let worker = first
    onTestFinished(async () => {
      await Promise.all([gateway.end('SIGKILL'), worker.end('SIGKILL')])
    })
    const start = async () => {
      worker = await startWorker(clusterEnv())
    }
    return { url: gateway.url, kill: () => worker.end('SIGKILL'), start }
  },
  'the only gateway of a cluster': async () => {
    const [first, worker] = await startCluster()
    let gateway = first
    onTestFinished(async () => {
      await Promise.all([gateway.end('SIGKILL'), worker.end('SIGKILL')])
    })
    const { url } = gateway
    const start = async () => {
      gateway = await startGateway(clusterEnv(), { port: Number(new URL(url).port) })
    }
    return { url, kill: () => gateway.end('SIGKILL'), start }
  },
}

let clusters = 0
/** Each test has an installation of its own over the same servers. */
function clusterEnv() {
  const cluster = servers as ClusterServers
  return { ...cluster.env, ...env, SEMBLANCE_NAME: `${cluster.env.SEMBLANCE_NAME}${clusters}` }
}

function startCluster() {
  clusters += 1
  return Promise.all([startGateway(clusterEnv()), startWorker(clusterEnv())])
}

/** Rows with photos, many times the same ones, each of a person of its own. */
async function rowsOfPhotos(): Promise<string> {
  const photos = (await readAlbums(shared!)).slice(0, PHOTOS).map(({ photos: [first] }) => first!)
  const pictures = await Promise.all(
    photos.map(async (photo) => {
      const bytes = await sharp(await readFile(photo))
        .resize(125)
        .jpeg()
        .toBuffer()
      return bytes.toString('base64')
    }),
  )
  return Array.from({ length: ROWS }, (_, i) => {
    const row = { key: `${i}`, person: { externalId: `${i}` }, picture: pictures[i % PHOTOS] }
    return `${JSON.stringify(row)}\n`
  }).join('')
}

describe.skipIf(shared === null)('an import goes on by itself, without a call,', () => {
  afterAll(async () => {
    if (!('skipped' in servers)) await servers.close()
  })
  const names = Object.keys(VICTIMS).filter(
    (name) => name.startsWith('a standalone') || !('skipped' in servers),
  )

  it.each(names)(`within ${GOES_ON_MS / 1000} s once %s starts again that was killed`, async (name) => {
    const victim = await VICTIMS[name]!()
    const calls = callsTo(victim)
    const { id } = (await calls.ask('POST', '/imports', { name })).json
    const path = `/api/imports/${id}/rows`
    const headers = { 'content-type': 'application/x-ndjson' }
    await calls.send({ method: 'POST', path, headers, body: await rowsOfPhotos() })
    await calls.ask('POST', `/imports/${id}/close`)
    const look = async () => (await calls.ask('GET', `/imports/${id}`).catch(() => null))?.json ?? null
    // Counts are as old as a second, in which a fast machine may end most of them; the report is of this moment.
    const left = async () => {
      const { status, bytes } = await calls.ask('GET', `/imports/${id}/report?outcome=none`)
      expect(status).toBe(200)
      return bytes.toString().split('\n').length - 1
    }
    const untilFewer = (than: number) =>
      expect.poll(left, { timeout: PATIENCE_MS, interval: 20 }).toBeLessThan(than)
    const times: number[] = []
    const ready: number[] = []
    for (let kills = 0; kills < KILLS; kills++) {
      await untilFewer((await left()) - BETWEEN_KILLS + 1)
      await victim.kill()
      const begunAt = performance.now()
      await victim.start()
      ready.push(performance.now() - begunAt)
      await untilFewer(await left())
      times.push(performance.now() - begunAt)
    }
    expect(await left(), 'rows were left to go on with').toBeGreaterThan(0)
    // Without what the start itself takes.
    const waited = times.map((ms, i) => ms - (ready[i] ?? 0))
    console.log(`${name}: ready after ${listed(ready)} ms, rows went on after ${listed(times)} ms`)
    expectGoneOn(waited)
    await expect
      .poll(async () => (await look())?.state, { timeout: 4 * PATIENCE_MS, interval: 500 })
      .toBe('done')
    expect((await look()).rows.byOutcome).toMatchObject({ enrolled: expect.any(Number) })
    expect((await look()).rows.byOutcome.failed ?? 0).toBe(0)
  }, 900_000)
})

function listed(times: readonly number[]): string {
  return times.map(Math.round).join(', ')
}
