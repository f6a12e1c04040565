import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSlowTier, sizeOf } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callsTo } from '../e2e/calls.ts'
import { smallPhotos } from '../e2e/photos.ts'
import { MORE_THREADS } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { compareGallery, type KnownGallery, openKnownGallery } from './known-gallery.ts'
import { WriteLane, type WriteLoad } from './write-load.ts'

const shared = findSharedData()
const ROUNDS = Number(process.env.TEST_CRASH_ROUNDS ?? sizeOf({ ci: 5, slow: 50 }))
const SEED = Number(process.env.TEST_CRASH_SEED ?? Date.now() % 2_147_483_648)
const LANES = 6
/** From hardly begun to well under way, ms. */
const SHORTEST_LOAD = 20
const LONGEST_LOAD = 1_500
/** What nobody acknowledged is finished or undone after two minutes by the reconciler, and that runs every 10 s. */
const SETTLED_MS = 160_000
const ROUND_MS = 30_000

describe.skipIf(shared === null)('a process killed at random points of a write load', () => {
  const random = randomFrom(SEED)
  const lanes = Array.from({ length: LANES }, (_, i) => new WriteLane(`lane ${i}`))
  let dataFolder: string
  let server: StandaloneServer
  let pictures: Buffer[]
  let known: KnownGallery
  let groups: string[]
  let unanswered = 0
  let output = ''

  const start = async () => {
    server = await startStandaloneServer({
      dataFolder,
      env: { SEMBLANCE_LOG_LEVEL: 'warn', ...MORE_THREADS },
    })
    return callsTo(server)
  }

  beforeAll(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'semblance crash '))
    const calls = await start()
    pictures = await smallPhotos(shared!)
    groups = await Promise.all(['A', 'B', 'C'].map((name) => calls.createGroup(name)))
    known = await openKnownGallery(calls)
  })

  afterAll(async () => {
    await server?.kill()
    await rm(dataFolder, { recursive: true, force: true })
  })

  /** Writes until the process is killed under it. */
  async function loadAndKill(): Promise<void> {
    let isOver = false
    const load: WriteLoad = { calls: callsTo(server), known, groups, pictures, random, isOver: () => isOver }
    const running = Promise.all(lanes.map((lane) => lane.run(load)))
    const length = SHORTEST_LOAD + random() * (LONGEST_LOAD - SHORTEST_LOAD)
    await Promise.race([running, new Promise((resolve) => setTimeout(resolve, length))])
    isOver = true
    await server.kill()
    await running
    output += server.output()
  }

  /** The reconciler works meanwhile: what it finishes between two reads of ours is no difference. */
  async function differences(): Promise<string[]> {
    const calls = callsTo(server)
    const first = await compareGallery(calls, known, pictures[0]!)
    return first.length === 0 ? first : compareGallery(calls, known, pictures[0]!)
  }

  it(
    `has kept every acknowledged write after each of ${ROUNDS} kills`,
    async () => {
      for (let round = 1; round <= ROUNDS; round++) {
        await loadAndKill()
        const calls = await start()
        for (const lane of lanes) unanswered += (await lane.settle(calls)) ? 1 : 0
        expect(await differences(), `round ${round}, seed ${SEED}`).toEqual([])
        expect(await unexplainedFiles(), `round ${round}, seed ${SEED}`).toBeLessThanOrEqual(unanswered)
      }
      const acknowledged = lanes.reduce((sum, lane) => sum + lane.acknowledged, 0)
      console.log(
        `${ROUNDS} kills (seed ${SEED}): ${acknowledged} writes acknowledged, ${unanswered} unanswered; ` +
          `${known.persons.size} persons there, ${known.gonePersons.size} deleted`,
      )
      expect(acknowledged).toBeGreaterThan(ROUNDS)
      expect(output).not.toMatch(/"level":"(error|fatal)"/)
    },
    ROUNDS * ROUND_MS,
  )

  // That takes more than two minutes after few kills. libs/core/src/reconciliation holds the claim step by step.
  const inSlowTier = isSlowTier ? it : () => {}
  inSlowTier(
    'has no picture file without an image once the reconciler has been by',
    async () => {
      await expect.poll(orphanFiles, { timeout: SETTLED_MS, interval: 5_000 }).toEqual([])
      expect(await differences()).toEqual([])
      await server.stop()
      await start()
      expect(await differences()).toEqual([])
    },
    SETTLED_MS + 60_000,
  )

  async function pictureFiles(): Promise<string[]> {
    const entries = await readdir(join(dataFolder, 'pictures'), { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  }

  async function orphanFiles(): Promise<string[]> {
    await differences()
    const images = new Set([...known.persons.values()].flatMap((person) => [...person.images.keys()]))
    return (await pictureFiles()).filter((name) => !images.has(name))
  }

  /** Files of deleted images wait for the reconciler; the others can only be those of unanswered writes. */
  async function unexplainedFiles(): Promise<number> {
    return (await orphanFiles()).filter((name) => !known.goneImages.has(name)).length
  }
})

/** Numbers in 0..1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
