import { setTimeout as sleep } from 'node:timers/promises'
import { isSlowTier, sizeOf } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareGallery, type KnownGallery, openKnownGallery } from '../crash/known-gallery.ts'
import { WriteLane, type WriteLoad } from '../crash/write-load.ts'
import { type Calls, callsTo } from '../e2e/calls.ts'
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
const servers = await openServersForPhotos('paused processes of a cluster')

/** Longer than a job's lock (5 s) and than a lease (15 s); in the slow tier longer than the reconciler waits. */
const PAUSE_MS = sizeOf({ ci: 18_000, slow: 130_000 })
const VICTIMS = isSlowTier ? (['worker', 'gateway'] as const) : (['worker'] as const)
const LANES = 3
const BEFORE_MS = 3_000
const AFTER_MS = 4_000
/** What a zombie left half done is finished once it was untouched for two minutes. */
const HEAL_MS = 180_000

describe.skipIf('skipped' in servers)('a cluster of which a process is paused under load', () => {
  const cluster = servers as ClusterServers
  const env = { ...cluster.env, SEMBLANCE_LOG_LEVEL: 'warn', SEMBLANCE_THREADS: '1' }
  let sleeper: { readonly gateway: GatewayProcess; readonly worker: WorkerProcess }
  let gateway: GatewayProcess
  let worker: WorkerProcess
  let calls: Calls
  let pictures: Buffer[]
  let known: KnownGallery
  let groups: string[]

  beforeAll(async () => {
    // The first gateway leads the reconciler.
    sleeper = { gateway: await startGateway(env), worker: await startWorker(env) }
    ;[gateway, worker] = await Promise.all([startGateway(env), startWorker(env)])
    calls = callsTo(gateway)
    pictures = await smallPhotos(shared!)
    groups = await Promise.all(['A', 'B'].map((name) => calls.createGroup(name)))
    known = await openKnownGallery(calls)
  }, 120_000)
  afterAll(async () => {
    await Promise.all([gateway, worker, sleeper?.gateway, sleeper?.worker].map((one) => one?.end('SIGKILL')))
    await cluster.close()
  })

  /** Goes on after a refusal, as a client would; what a refused write did is asked of the gateway that is awake. */
  async function insist(lane: WriteLane, load: WriteLoad): Promise<void> {
    while (!load.isOver()) {
      await lane.run(load).catch(() => sleep(200))
      await lane.settle(calls)
    }
  }

  it.each(VICTIMS)(
    'loses nothing, serves meanwhile, and brings nothing back when it wakes: a %s',
    async (victim) => {
      let isOver = false
      const load = (through: GatewayProcess): WriteLoad => ({
        calls: callsTo(through),
        known,
        groups,
        pictures,
        random: Math.random,
        isOver: () => isOver,
      })
      const lanes = Array.from({ length: LANES }, (_, i) => new WriteLane(`${victim} ${i}`))
      const stuck = Array.from({ length: 2 }, (_, i) => new WriteLane(`${victim} stuck ${i}`))
      const through = victim === 'gateway' ? sleeper.gateway : gateway
      const writing = [
        ...lanes.map((lane) => insist(lane, load(gateway))),
        ...stuck.map((lane) => insist(lane, load(through))),
      ]
      const acknowledged = () => lanes.reduce((sum, lane) => sum + lane.acknowledged, 0)

      await sleep(BEFORE_MS)
      sleeper[victim].process.kill('SIGSTOP')
      const before = acknowledged()
      await sleep(PAUSE_MS)
      const meanwhile = acknowledged() - before
      sleeper[victim].process.kill('SIGCONT')
      await sleep(AFTER_MS)
      isOver = true
      await Promise.all(writing)

      expect(meanwhile).toBeGreaterThan(10)
      await expect
        .poll(() => compareGallery(calls, known, pictures[0]!), { timeout: HEAL_MS, interval: 2_000 })
        .toEqual([])
      const readiness = await fetch(`${sleeper[victim].opsUrl}/readyz`)
      expect(readiness.status).toBe(200)
    },
    PAUSE_MS + HEAL_MS + 60_000,
  )
})
