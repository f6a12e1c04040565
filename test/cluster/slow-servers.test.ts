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
  let patientGateway: GatewayProcess
  let worker: WorkerProcess
  let calls: Calls
  /** Of a gateway with the usual deadlines, which a busy machine does not miss before anything is slow. */
  let patient: Calls
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
      SEMBLANCE_LOG_LEVEL: 'warn',
      SEMBLANCE_THREADS: '1',
    }
    const hurried = {
      ...env,
      SEMBLANCE_SEARCH_DEADLINE_MS: String(DEADLINE_MS),
      SEMBLANCE_ENROLL_DEADLINE_MS: String(DEADLINE_MS),
    }
    const starts = [startGateway(hurried), startGateway(env), startWorker(env)] as const
    ;[gateway, patientGateway, worker] = await Promise.all(starts)
    calls = callsTo(gateway)
    patient = callsTo(patientGateway)
  }, 120_000)
  afterAll(async () => {
    await Promise.all([gateway, patientGateway, worker].map((server) => server?.end('SIGKILL')))
    await Promise.all(Object.values(wires ?? {}).map((wire) => wire.close()))
    await cluster.close()
  })

  const setDelays = (delayMs: number, names = Object.keys(wires) as (keyof typeof wires)[]) => {
    for (const name of names) wires[name].delayMs = delayMs
  }
  const idsOf = ({ status, json }: Answer) => {
    expect(status).toBe(200)
    return json.persons.map((person: { readonly id: string }) => person.id)
  }
  /** Of the first search that is answered: one connection of several may be well again before the others. */
  const foundAtFirst = async () => {
    let answer: Answer | null = null
    const ask = async () => {
      answer = await calls.search(photo)
      return answer.status
    }
    await expect.poll(ask, { timeout: HEAL_MS, interval: 500 }).toBe(200)
    return idsOf(answer!)
  }

  it('answers as ever, only later, with every server far away', async () => {
    setDelays(FAR_MS)
    const id = await patient.createPerson({ name: 'Ada' })
    expect((await patient.addImage(id, photo)).status).toBe(200)
    expect(idsOf(await patient.search(photo))).toEqual([id])
    expect((await patient.ask('DELETE', `/persons/${id}`)).status).toBe(204)
    expect(idsOf(await patient.search(photo))).toEqual([])
    setDelays(0)
  }, 60_000)

  it.each(['redis', 'mongo', 'qdrant'] as const)(
    'answers 503 soon, and loses nothing, when %s takes longer than anybody waits',
    async (name) => {
      const id = await patient.createPerson({ name: `Grace, ${name}` })
      expect((await patient.addImage(id, photo)).status).toBe(200)
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
      expect(await foundAtFirst()).toEqual([id])
      // The gateway's own connections may need a moment longer; a refused deletion may have been carried out.
      await expect
        .poll(async () => (await calls.ask('DELETE', `/persons/${id}`)).status, { timeout: HEAL_MS })
        .toBeOneOf([204, 404])
      expect(await foundAtFirst()).toEqual([])
    },
    4 * HEAL_MS,
  )
})

function expectAnswerOrRefusal({ status, headers }: Answer): void {
  expect([200, 503]).toContain(status)
  if (status === 503) expect(headers.get('retry-after')).toMatch(/^\d+$/)
}
