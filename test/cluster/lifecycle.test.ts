import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openMongoDatabase } from '@semblance/store-mongo'
import { isSlowTier } from '@semblance/testkit'
import { Redis } from 'ioredis'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { callsTo } from '../e2e/calls.ts'
import {
  type ClusterServers,
  type GatewayProcess,
  openServersForPhotos,
  startGateway,
  startWorker,
  type WorkerProcess,
} from '../servers/cluster.ts'
import type { ServerProcess } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'

const shared = findSharedData()
const servers = await openServersForPhotos('life of a cluster', { own: true })

/** Promised to operators: expired persons are gone from every store by then. */
const PURGED_MS = 60_000

describe.skipIf('skipped' in servers)('a cluster', () => {
  const cluster = servers as ClusterServers
  const env = { ...cluster.env, SEMBLANCE_LOG_LEVEL: 'warn', SEMBLANCE_THREADS: '1' }
  let running: ServerProcess[] = []
  let photo: Buffer

  const started = async <P extends ServerProcess>(starting: Promise<P>): Promise<P> => {
    const process = await starting
    running.push(process)
    return process
  }
  const statusOf = async (url: string) =>
    (await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch(() => null))?.status

  beforeAll(async () => {
    photo = await readFile(join(shared!, 'lfw-dev/images/Abdullah_Gul/Abdullah_Gul_0001.jpg'))
  })
  afterEach(async () => {
    await Promise.all(running.map((process) => process.end('SIGKILL')))
    running = []
  })
  afterAll(async () => {
    const pair = await standing
    await Promise.all([pair?.gateway.end('SIGKILL'), pair?.worker.end('SIGKILL')])
    await cluster.close()
  })

  let standing: Promise<{ readonly gateway: GatewayProcess; readonly worker: WorkerProcess }> | undefined
  /** One gateway and one worker, for all tests that end none and count none. */
  const theStanding = () => {
    standing ??= Promise.all([startGateway(env), startWorker(env)]).then(([gateway, worker]) => ({
      gateway,
      worker,
    }))
    return standing
  }

  async function collections(): Promise<readonly string[]> {
    const { result } = (await (await fetch(`${cluster.qdrant.url}/collections`)).json()) as {
      readonly result: { readonly collections: readonly { readonly name: string }[] }
    }
    return result.collections.map(({ name }) => name)
  }

  const tellQdrant = async (method: 'POST' | 'PATCH', path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    const sent = { method, headers, body: JSON.stringify(body) }
    const answer = await fetch(`${cluster.qdrant.url}/collections/${path}`, sent)
    expect(answer.status).toBe(200)
    return (await answer.json()) as { readonly result: { readonly count: number } }
  }

  /** Of every collection of this installation; null lifts the limit. */
  async function limitVectors(bytes: number | null): Promise<void> {
    const strict_mode_config = { enabled: bytes !== null, max_collection_vector_size_bytes: bytes ?? 1e12 }
    for (const name of await collections()) await tellQdrant('PATCH', name, { strict_mode_config })
  }

  async function vectorsOf(personId: string): Promise<number> {
    const filter = { must: [{ key: 'personId', match: { value: personId } }] }
    let count = 0
    for (const name of await collections()) {
      count += (await tellQdrant('POST', `${name}/points/count`, { filter, exact: true })).result.count
    }
    return count
  }

  it('waits for servers that are not there yet, says so, and begins by itself', async () => {
    await Promise.all([cluster.redis.kill(), cluster.mongo.kill(), cluster.qdrant.kill(0)])
    const gateway = await started(startGateway(env, { readyPath: '/api/healthz' }))
    const worker = await started(startWorker(env, { readyPath: '/livez' }))
    expect(await statusOf(`${gateway.url}/api/readyz`)).toBe(400)
    expect(await statusOf(`${gateway.opsUrl}/readyz`)).toBe(503)
    expect(await statusOf(`${worker.opsUrl}/readyz`)).toBe(503)
    const calls = callsTo(gateway)
    for (const refused of [
      await calls.ask('POST', '/persons', { name: 'Ada' }),
      await calls.ask('GET', '/groups'),
      await calls.search(photo),
    ]) {
      expect(refused.status).toBe(503)
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
    }
    expect((await calls.ask('POST', '/persons', { name: 7 })).status).toBe(400)
    await expect.poll(gateway.output).toContain('waiting for MongoDB')

    await Promise.all([cluster.redis.restart(), cluster.mongo.restart(), cluster.qdrant.restart(0)])
    await expect.poll(() => statusOf(`${gateway.url}/api/readyz`), { timeout: 60_000 }).toBe(200)
    await expect.poll(() => statusOf(`${worker.opsUrl}/readyz`), { timeout: 60_000 }).toBe(200)
    expect((await calls.search(photo)).json).toMatchObject({ persons: [] })
  }, 180_000)

  it('ends with exit code 0 when told, also while its servers are missing', async () => {
    await cluster.mongo.kill()
    const gateway = await started(startGateway(env, { readyPath: '/api/healthz' }))
    const worker = await started(startWorker(env, { readyPath: '/livez' }))
    await Promise.all([gateway.end('SIGTERM'), worker.end('SIGTERM')])
    await cluster.mongo.restart()
    expect([gateway.process.exitCode, worker.process.exitCode]).toEqual([0, 0])
  }, 90_000)

  it('loses no search when a worker is told to stop under load', async () => {
    // However busy the machine is: a search that would end after its deadline is refused, which is another claim.
    const gateway = await started(startGateway({ ...env, SEMBLANCE_SEARCH_DEADLINE_MS: '60000' }))
    const [leaving] = await Promise.all([started(startWorker(env)), started(startWorker(env))])
    const calls = callsTo(gateway)
    const searches = Array.from({ length: 24 }, () => calls.search(photo))
    await Promise.race(searches)
    await leaving.end('SIGTERM')
    expect(leaving.process.exitCode).toBe(0)
    const statuses = (await Promise.all(searches)).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([200]))
  }, 120_000)

  it('tells autoscalers how it stands', async () => {
    const gateway = await started(startGateway(env))
    await started(startWorker({ ...env, SEMBLANCE_WORKER_LANES: 'search' }))
    const scaling = async () => (await fetch(`${gateway.opsUrl}/ops/scaling`)).json()
    await expect
      .poll(scaling, { timeout: 20_000 })
      .toMatchObject({ search: { waiting: 0, workers: 1 }, enroll: { workers: 0 } })
    const calls = callsTo(gateway)
    const personId = await calls.createPerson({ name: 'Ada' })
    const refused = await calls.addImage(personId, photo)
    expect([refused.status, refused.json.type]).toEqual([503, 'E_NO_WORKER'])
    await expect
      .poll(scaling, { timeout: 5_000 })
      .toMatchObject({ enroll: { estimatedWaitMs: null, unservedJobs: 1 } })
    const metrics = await (await fetch(`${gateway.opsUrl}/metrics`)).text()
    expect(metrics).toMatch(/semblance_queue_unserved_jobs\{lane="enroll"\} 1/)
    expect(metrics).toMatch(/semblance_queue_workers\{lane="search"\} 1/)
    await started(startWorker(env))
    expect((await calls.addImage(personId, photo)).status).toBe(200)
  }, 120_000)

  it('answers 503 with Redis full, and goes on once there is room', async () => {
    const { gateway } = await theStanding()
    const calls = callsTo(gateway)
    const redis = new Redis(cluster.redis.url)
    await redis.config('SET', 'maxmemory', '1')
    const full = await calls.search(photo)
    expect(full.status).toBe(503)
    expect(full.headers.get('retry-after')).toMatch(/^\d+$/)
    expect((await calls.ask('GET', '/groups')).status).toBe(200)
    // Deleting needs no room there.
    const id = await calls.createPerson({ name: 'Ada' })
    expect((await calls.ask('DELETE', `/persons/${id}`)).status).toBe(204)
    await redis.config('SET', 'maxmemory', '0')
    redis.disconnect()
    await expect.poll(async () => (await calls.search(photo)).status, { timeout: 20_000 }).toBe(200)
  }, 120_000)

  it.each([
    ['Redis', 'E_QUEUE_UNAVAILABLE'],
    ['Qdrant', 'E_INDEX_UNAVAILABLE'],
  ] as const)(
    'reads, creates and deletes with %s away, and finds nobody afterwards who was deleted meanwhile',
    async (name, code) => {
      const { redis, qdrant } = cluster
      const { gateway } = await theStanding()
      const calls = callsTo(gateway)
      const group = await calls.createGroup(`Without ${name}`)
      const [kept, gone] = [
        await calls.createPerson({ name: 'Kept', groups: [group] }),
        await calls.createPerson({ name: 'Gone', groups: [group] }),
      ]
      for (const id of [kept, gone]) expect((await calls.addImage(id, photo)).status).toBe(200)
      await (name === 'Redis' ? redis.kill() : qdrant.kill(0))
      for (const refused of [await calls.search(photo), await calls.addImage(kept, photo)]) {
        expect([refused.status, refused.json.type]).toEqual([503, code])
      }
      expect((await calls.ask('GET', `/persons/${kept}`)).status).toBe(200)
      const late = await calls.createPerson({ name: 'Late', groups: [group] })
      expect((await calls.ask('DELETE', `/persons/${gone}`)).status).toBe(204)
      await (name === 'Redis' ? redis.restart() : qdrant.restart(0))
      const found = async () => {
        const { status, json } = await calls.search(photo, { groupIds: [group] })
        return status === 200 ? json.persons.map((person: { id: string }) => person.id) : status
      }
      await expect.poll(found, { timeout: 60_000 }).toEqual([kept])
      for (const id of [kept, late]) expect((await calls.ask('DELETE', `/persons/${id}`)).status).toBe(204)
    },
    120_000,
  )

  it('answers enrollments with 503 while Qdrant is full, searches and deletes on, and goes on once there is room', async () => {
    const { gateway } = await theStanding()
    const calls = callsTo(gateway)
    const group = await calls.createGroup('Full')
    const [kept, gone] = [
      await calls.createPerson({ name: 'Kept', groups: [group] }),
      await calls.createPerson({ name: 'Gone', groups: [group] }),
    ]
    for (const id of [kept, gone]) expect((await calls.addImage(id, photo)).status).toBe(200)
    const found = async () => {
      const { status, json } = await calls.search(photo, { groupIds: [group] })
      return { status, ids: json.persons.map((person: { id: string }) => person.id).toSorted() }
    }
    const add = async () => (await calls.addImage(kept, photo)).status
    await limitVectors(1)
    try {
      // Qdrant measures sizes once in a while.
      await expect.poll(add, { timeout: 40_000 }).toBe(503)
      const refused = await calls.addImage(kept, photo)
      expect([refused.status, refused.json.type]).toEqual([503, 'E_INDEX_UNAVAILABLE'])
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
      expect(await found()).toEqual({ status: 200, ids: [kept, gone].toSorted() })
      expect((await calls.ask('DELETE', `/persons/${gone}`)).status).toBe(204)
      expect(await found()).toEqual({ status: 200, ids: [kept] })
    } finally {
      await limitVectors(null)
    }
    await expect.poll(add, { timeout: 40_000 }).toBe(200)
    expect((await calls.ask('DELETE', `/persons/${kept}`)).status).toBe(204)
  }, 180_000)

  it('takes a picture that is too large for Redis, and keeps it no longer than its job', async () => {
    const { gateway } = await theStanding()
    const calls = callsTo(gateway)
    const large = await sharp(photo).resize(1_700).png({ compressionLevel: 0 }).toBuffer()
    expect(large.byteLength).toBeGreaterThan(4_000_000)
    const group = await calls.createGroup('Large')
    const id = await calls.createPerson({ name: 'Ada', groups: [group] })
    expect((await calls.addImage(id, large)).status).toBe(200)
    const found = await calls.search(large, { groupIds: [group] })
    expect(found.json.persons.map((person: { id: string }) => person.id)).toEqual([id])
    const database = await openMongoDatabase({
      url: cluster.mongo.url,
      databaseName: cluster.env.SEMBLANCE_NAME!,
    })
    const collections = await database.db.listCollections({ name: 'picturesInFlight' }).toArray()
    const waiting = await database.db.collection('picturesInFlight').countDocuments()
    await database.close()
    expect([collections.length, waiting]).toEqual([1, 0])
    expect((await calls.ask('DELETE', `/persons/${id}`)).status).toBe(204)
  }, 120_000)

  it('makes one person out of many equal requests through two gateways', async () => {
    const { gateway } = await theStanding()
    const [other] = await Promise.all([started(startGateway(env)), started(startWorker(env))])
    const gateways = [gateway, other]
    const group = await callsTo(gateways[0]!).createGroup('Newcomers')
    const request = { groupIds: [group], createPerson: { name: 'Gul', metadata: {} } }
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => callsTo(gateways[i % 2]!).search(photo, request)),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(11).fill(200), 201])
    const { json } = await callsTo(gateways[1]!).ask('GET', `/groups/${group}/persons`)
    expect(json.items).toHaveLength(1)
  }, 120_000)

  // test/conformance/decisions.test.ts shows in CI that the index is purged.
  const inSlowTier = isSlowTier ? it : () => {}
  inSlowTier(
    'purges expired persons from every store within a minute',
    async () => {
      const { gateway } = await theStanding()
      const calls = callsTo(gateway)
      const expireAt = new Date(Date.now() + 6_000).toISOString()
      const personId = await calls.createPerson({ name: 'Brief', expireAt })
      const { status, json: image } = await calls.addImage(personId, photo)
      expect(status).toBe(200)
      const { url, databaseName } = { url: cluster.mongo.url, databaseName: cluster.env.SEMBLANCE_NAME! }
      const database = await openMongoDatabase({ url, databaseName })
      const pictures = database.db.collection<{ _id: string }>('pictures')
      const kept = async () => ({
        vectors: await vectorsOf(personId),
        pictures: await pictures.countDocuments({ _id: image.id }),
      })
      expect(await kept()).toEqual({ vectors: 1, pictures: 1 })
      await expect
        .poll(kept, { timeout: 6_000 + PURGED_MS, interval: 1_000 })
        .toEqual({ vectors: 0, pictures: 0 })
      await database.close()
      expect((await calls.ask('GET', `/persons/${personId}`)).status).toBe(404)
    },
    120_000,
  )
})
