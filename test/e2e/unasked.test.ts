import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { skipSuite } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openServersForPhotos, startGateway, startWorker } from '../servers/cluster.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { startStandaloneServer } from '../servers/standalone-server.ts'
import { readTrace, type Trace, tracedTo, whyUntraceable } from '../servers/trace.ts'
import { callsTo } from './calls.ts'
import { smallPhotos } from './photos.ts'

const shared = findSharedData()
const untraceable = whyUntraceable()
const modelsFolder = resolve(import.meta.dirname, '../../models/.cache')
const NOWHERE = [/^\/dev\/(null|tty|pts\/\d+)$/, /^\/proc\/(self|\d+)\//]

/** A process of ours that is run as nobody's, with a home and a temporary folder of its own, both empty. */
interface Traced {
  readonly env: Readonly<Record<string, string>>
  readonly through: readonly string[]
  readonly log: string
  /** What lies in the two folders. */
  leftovers(): Promise<readonly string[]>
}

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'semblance-unasked-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function tracing(name: string): Promise<Traced> {
  const [home, temporary, log] = ['home', 'tmp', 'trace'].map((part) => join(root, name, part)) as [
    string,
    string,
    string,
  ]
  await Promise.all([home, temporary].map((folder) => mkdir(folder, { recursive: true })))
  const env = { HOME: home, TMPDIR: temporary, XDG_CACHE_HOME: '', NODE_DISABLE_COMPILE_CACHE: '1' }
  const leftovers = async () => [...(await readdir(home)), ...(await readdir(temporary))]
  return { env, through: tracedTo(log), log, leftovers }
}

/** What reports to somebody does so within seconds of the start. */
const WATCHED_MS = 10_000

/** Enrolls somebody, finds him again and again, and looks at what browsers and probes ask for. */
async function use(server: { readonly url: string }): Promise<void> {
  const end = performance.now() + WATCHED_MS
  const [first, second] = await smallPhotos(shared!)
  const calls = callsTo(server)
  const id = await calls.createPerson({ name: 'Abdullah' })
  expect((await calls.addImage(id, first!)).status).toBe(200)
  while (performance.now() < end) {
    const { json } = await calls.search(second!, { threshold: 2 })
    expect(json.persons[0].id).toBe(id)
  }
  for (const path of ['/docs', '/api/readyz', '/metrics']) await fetch(server.url + path)
}

function expectNothingUnasked(trace: Trace, allowed: { servers: readonly string[]; folders: string[] }) {
  expect(trace.contacts.filter((contact) => !allowed.servers.includes(contact))).toEqual([])
  const isAllowed = (path: string) =>
    allowed.folders.some((folder) => path === folder || path.startsWith(`${folder}/`)) ||
    NOWHERE.some((pattern) => pattern.test(path))
  expect(trace.written.filter((path) => !isAllowed(path))).toEqual([])
}

if (shared === null || untraceable !== null) {
  skipSuite('what a server does unasked', { skipped: untraceable ?? 'no photos' })
} else {
  describe('a standalone server that enrolls, searches and stops', () => {
    it('asks nobody on any network, and writes nowhere but into its own folders', async () => {
      const traced = await tracing('standalone')
      const dataFolder = join(root, 'standalone', 'data')
      // Libraries that look for credentials do not do so before a link needs them.
      const buckets = { SEMBLANCE_LINK_S3_BUCKETS: 'faces', SEMBLANCE_LINK_GS_BUCKETS: 'faces' }
      const env = { ...traced.env, ...buckets }
      const server = await startStandaloneServer({ dataFolder, env, through: traced.through })
      await use(server).finally(() => server.stop())
      const trace = await readTrace(traced.log, server.process.pid!)
      // The trace does see: the database is opened for writing.
      expect(trace.written).toContain(join(dataFolder, 'semblance.sqlite'))
      const folders = [dataFolder, modelsFolder, traced.env.TMPDIR!]
      expectNothingUnasked(trace, { servers: [], folders })
      expect(await traced.leftovers()).toEqual([])
    }, 120_000)
  })
}

const cluster = untraceable === null ? await openServersForPhotos('what a cluster does unasked') : null
describe.skipIf(cluster === null || 'skipped' in cluster)(
  'a gateway and a worker that enroll, search and stop',
  () => {
    it('talk to the servers that were configured, and write nowhere', async () => {
      if (cluster === null || 'skipped' in cluster) return
      const [ofGateway, ofWorker] = [await tracing('gateway'), await tracing('worker')]
      const [gateway, worker] = await Promise.all([
        startGateway({ ...cluster.env, ...ofGateway.env }, { through: ofGateway.through }),
        startWorker({ ...cluster.env, ...ofWorker.env }, { through: ofWorker.through }),
      ])
      await use(gateway).finally(() => Promise.all([gateway.end('SIGTERM'), worker.end('SIGTERM')]))
      const urls = [cluster.redis.url, cluster.mongo.url, ...cluster.qdrant.urls]
      const servers = urls.map((url) => new URL(url).host)
      for (const [traced, { process }] of [
        [ofGateway, gateway],
        [ofWorker, worker],
      ] as const) {
        const trace = await readTrace(traced.log, process.pid!)
        expect(trace.contacts).toContain(servers[0])
        expectNothingUnasked(trace, { servers, folders: [modelsFolder, traced.env.TMPDIR!] })
        expect(await traced.leftovers()).toEqual([])
      }
      await cluster.close()
    }, 180_000)
  },
)
