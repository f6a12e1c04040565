import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Calls, callsTo } from '../e2e/calls.ts'
import {
  type ClusterServers,
  type GatewayProcess,
  openServersForPhotos,
  startGateway,
  startWorker,
  type WorkerProcess,
} from '../servers/cluster.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { openSlowWire, type SlowWire } from '../servers/slow-wire.ts'

const shared = findSharedData()
const servers = await openServersForPhotos('slow servers of a cluster')

/** Each way: a server on another continent. */
const FAR_MS = 60
/** Slower than any call to a server may be. */
const STUCK_MS = 6_000
const DEADLINE_MS = 4_000
/** A call to a server may take 5 s, and one may be under way at the deadline. */
const LONGEST_ANSWER_MS = DEADLINE_MS + 5_000
const HEAL_MS = 60_000

describe.skipIf('skipped' in servers)('a cluster whose servers are slow', () => {
  const cluster = servers as ClusterServers
  let wires: Record<'redis' | 'mongo' | 'qdrant', SlowWire>
  let gateway: GatewayProcess
  let worker: WorkerProcess
  let calls: Calls
  let photo: Buffer

  beforeAll(async () => {
    photo = await readFile(join(shared!, 'lfw-dev/images/Abdullah_Gul/Abdullah_Gul_0001.jpg'))
    const [redis, mongo, qdrant] = await Promise.all(
      [cluster.redis, cluster.mongo, cluster.qdrant].map(({ url }) =>
        openSlowWire({ port: Number(new URL(url).port) }),
      ),
    )
    wires = { redis: redis!, mongo: mongo!, qdrant: qdrant! }
    const through = (url: string, { port }: SlowWire) => {
      const rerouted = new URL(url)
      rerouted.port = String(port)
      return rerouted.href
    }
    const env = {
      ...cluster.env,
      SEMBLANCE_REDIS_URL: through(cluster.redis.url, wires.redis),
      SEMBLANCE_MONGO_URL: through(cluster.mongo.url, wires.mongo),
      SEMBLANCE_QDRANT_URL: through(cluster.qdrant.url, wires.qdrant).replace(/\/$/, ''),
      SEMBLANCE_SEARCH_DEADLINE_MS: String(DEADLINE_MS),
      SEMBLANCE_ENROLL_DEADLINE_MS: String(DEADLINE_MS),
      SEMBLANCE_LOG_LEVEL: 'warn',
      SEMBLANCE_THREADS: '1',
    }
    ;[gateway, worker] = await Promise.all([startGateway(env), startWorker(env)])
    calls = callsTo(gateway)
  }, 120_000)
  afterAll(async () => {
    await Promise.all([gateway?.end('SIGKILL'), worker?.end('SIGKILL')])
    await Promise.all(Object.values(wires ?? {}).map((wire) => wire.close()))
    await cluster.close()
  })

  const setDelays = (delayMs: number, names = Object.keys(wires) as (keyof typeof wires)[]) => {
    for (const name of names) wires[name].delayMs = delayMs
  }
  const personsFound = async () => {
    const { status, json } = await calls.search(photo)
    expect(status).toBe(200)
    return json.persons.map((person: { readonly id: string }) => person.id)
  }

  /** On a busy machine the deadline may pass before anything is slow; what is refused then may be asked again. */
  const enroll = async (name: string) => {
    const id = await calls.createPerson({ name })
    const add = async () => (await calls.addImage(id, photo)).status
    await expect.poll(add, { timeout: HEAL_MS, interval: 500 }).toBe(200)
    return id
  }
  const findsOnly = (...ids: readonly string[]) =>
    expect.poll(personsFound, { timeout: HEAL_MS, interval: 500 }).toEqual(ids)

  it(
    'answers as ever, only later, with every server far away',
    async () => {
      setDelays(FAR_MS)
      const id = await enroll('Ada')
      await findsOnly(id)
      expect((await calls.ask('DELETE', `/persons/${id}`)).status).toBe(204)
      await findsOnly()
      setDelays(0)
    },
    3 * HEAL_MS,
  )

  it.each(['redis', 'mongo', 'qdrant'] as const)(
    'answers 503 soon, and loses nothing, when %s takes longer than anybody waits',
    async (name) => {
      const id = await enroll(`Grace, ${name}`)
      setDelays(STUCK_MS, [name])
      for (const ask of [
        () => calls.search(photo),
        () => calls.addImage(id, photo),
        () => calls.ask('GET', '/groups'),
      ]) {
        const begun = performance.now()
        expectAnswerOrRefusal(await ask())
        expect(performance.now() - begun).toBeLessThan(LONGEST_ANSWER_MS)
      }
      setDelays(0)
      // One connection of several may be well again before the others, so that a search is refused after one that was not.
      await findsOnly(id)
      // The gateway's own connections may need a moment longer; a refused deletion may have been carried out.
      await expect
        .poll(async () => (await calls.ask('DELETE', `/persons/${id}`)).status, { timeout: HEAL_MS })
        .toBeOneOf([204, 404])
      await findsOnly()
    },
    4 * HEAL_MS,
  )
})

function expectAnswerOrRefusal({ status, headers }: Answer): void {
  expect([200, 503]).toContain(status)
  if (status === 503) expect(headers.get('retry-after')).toMatch(/^\d+$/)
}
