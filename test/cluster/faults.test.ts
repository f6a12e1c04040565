import { setTimeout as sleep } from 'node:timers/promises'
import { isSlowTier, sizeOf } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareGallery, type KnownGallery, openKnownGallery } from '../crash/known-gallery.ts'
import { WriteLane, type WriteLoad } from '../crash/write-load.ts'
import { type Answer, type Calls, callsTo } from '../e2e/calls.ts'
import { smallPhotos } from '../e2e/photos.ts'
import {
  type ClusterServers,
  type GatewayProcess,
  openServersForPhotos,
  startGateway,
  startWorker,
  type WorkerProcess,
} from '../servers/cluster.ts'
import { findSharedData } from '../servers/shared-data.ts'

const shared = findSharedData()
const servers = await openServersForPhotos('faults of a cluster', { own: true, qdrantNodes: 3 })

const LANES = 4
/** Blows of each kind, with healing in between. */
const ROUNDS = sizeOf({ ci: 1, slow: 2 })
const LOAD_MS = 2_000
/** How long whatever was killed, or hangs, stays away. */
const AWAY_MS = 3_000
/** Longest that a caller waits for a refusal while a server is away; deadlines of jobs are set to it. */
const DEADLINE_MS = 4_000
const SLACK_MS = 2_500
const HEAL_MS = 60_000

describe.skipIf('skipped' in servers)('a cluster of which something is killed, or hangs, under load', () => {
  const cluster = servers as ClusterServers
  const env = {
    ...cluster.env,
    SEMBLANCE_LOG_LEVEL: 'warn',
    SEMBLANCE_SEARCH_DEADLINE_MS: String(DEADLINE_MS),
    SEMBLANCE_ENROLL_DEADLINE_MS: String(DEADLINE_MS),
    SEMBLANCE_THREADS: '1',
  }
  const lanes = Array.from({ length: LANES }, (_, i) => new WriteLane(`lane ${i}`))
  let gateway: GatewayProcess
  let worker: WorkerProcess
  let calls: Calls
  let pictures: Buffer[]
  let known: KnownGallery
  let groups: string[]

  beforeAll(async () => {
    ;[gateway, worker] = await Promise.all([startGateway(env), startWorker(env)])
    calls = callsTo(gateway)
    pictures = await smallPhotos(shared!)
    groups = await Promise.all(['A', 'B', 'C'].map((name) => calls.createGroup(name)))
    known = await openKnownGallery(calls)
  }, 120_000)

  afterAll(async () => {
    await Promise.all([gateway?.end('SIGKILL'), worker?.end('SIGKILL')])
    await cluster.close()
  })

  /** Writes until the fault comes; then asks on while it lasts, and keeps how each call came out. */
  async function loadThrough(fault: { strike(): Promise<void>; mend(): Promise<void> }): Promise<Refusal[]> {
    let isOver = false
    const load: WriteLoad = { calls, known, groups, pictures, random: Math.random, isOver: () => isOver }
    const writing = Promise.all(lanes.map((lane) => lane.run(load)))
    await Promise.race([writing, sleep(LOAD_MS)])
    isOver = true
    const asking = askMeanwhile(AWAY_MS)
    await fault.strike()
    await writing
    const refusals = await asking
    await fault.mend()
    return refusals
  }

  /** One search after the other, and reads, for that long. */
  async function askMeanwhile(ms: number): Promise<Refusal[]> {
    const until = performance.now() + ms
    const refusals: Refusal[] = []
    while (performance.now() < until) {
      for (const ask of [() => calls.search(pictures[0]!), () => calls.ask('GET', '/groups')]) {
        const begun = performance.now()
        const answer = await ask().catch(() => null)
        refusals.push({ answer, ms: performance.now() - begun })
      }
      await sleep(20)
    }
    return refusals
  }

  async function expectHealed(): Promise<void> {
    await expect
      .poll(async () => (await calls.search(pictures[0]!).catch(() => null))?.status, {
        timeout: HEAL_MS,
        interval: 500,
      })
      .toBe(200)
    for (const lane of lanes) await lane.settle(calls)
    // What a crash left half done is finished by the reconciler meanwhile: only what stays is a difference.
    await expect
      .poll(() => compareGallery(calls, known, pictures[0]!), { timeout: HEAL_MS, interval: 2_000 })
      .toEqual([])
  }

  function expectShortRefusals(refusals: readonly Refusal[]): void {
    for (const { answer, ms } of refusals) {
      expect([200, 503, undefined]).toContain(answer?.status)
      expect(ms).toBeLessThan(DEADLINE_MS + SLACK_MS)
      if (answer?.status === 503) expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
    }
  }

  // slow-servers.test.ts shows in CI what comes of Redis and Qdrant when they take too long.
  const otherHangs: Fault[] = [
    [
      'Redis, which hangs',
      () => ({ strike: async () => cluster.redis.pause(), mend: async () => cluster.redis.resume() }),
    ],
    [
      'a Qdrant node, which hangs',
      () => ({ strike: async () => cluster.qdrant.freeze(2), mend: async () => cluster.qdrant.thaw(2) }),
    ],
  ]

  it.each<Fault>([
    [
      'the worker',
      () => ({
        strike: () => worker.end('SIGKILL'),
        mend: async () => {
          worker = await startWorker(env)
        },
      }),
    ],
    [
      'the gateway',
      () => ({
        strike: () => gateway.end('SIGKILL'),
        mend: async () => {
          gateway = await startGateway(env, { port: Number(new URL(gateway.url).port) })
        },
      }),
    ],
    ['Redis', () => ({ strike: () => cluster.redis.kill(), mend: () => cluster.redis.restart() })],
    [
      'a Qdrant node',
      () => ({ strike: () => cluster.qdrant.kill(1), mend: () => cluster.qdrant.restart(1) }),
    ],
    ['MongoDB', () => ({ strike: () => cluster.mongo.kill(), mend: () => cluster.mongo.restart() })],
    [
      'MongoDB, which hangs',
      () => ({ strike: async () => cluster.mongo.pause(), mend: async () => cluster.mongo.resume() }),
    ],
    ...(isSlowTier ? otherHangs : []),
  ])(
    'loses nothing and heals without a hand: %s',
    async (_, fault) => {
      for (let round = 0; round < ROUNDS; round++) {
        const before = acknowledged()
        expectShortRefusals(await loadThrough(fault()))
        await expectHealed()
        expect(acknowledged()).toBeGreaterThan(before)
      }
    },
    240_000,
  )

  function acknowledged(): number {
    return lanes.reduce((sum, lane) => sum + lane.acknowledged, 0)
  }
})

/** A name, and what makes it. */
type Fault = [string, () => { strike(): Promise<void>; mend(): Promise<void> }]

interface Refusal {
  /** Null if there was no answer at all: nobody listens while the gateway is away. */
  readonly answer: Answer | null
  readonly ms: number
}
