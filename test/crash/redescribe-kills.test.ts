import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sizeOf } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Calls, callsTo } from '../e2e/calls.ts'
import { smallPhotos } from '../e2e/photos.ts'
import { spawnServerProcess } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { compareGallery, type KnownGallery, openKnownGallery } from './known-gallery.ts'
import { WriteLane, type WriteLoad } from './write-load.ts'

const shared = findSharedData()
const SEED = Number(process.env.TEST_CRASH_SEED ?? Date.now() % 2_147_483_648)
const LANES = 3
/** Persons with two images each, before the gallery moves: more than are described in one load, or in several. */
const BEFORE = sizeOf({ ci: 15, slow: 120 })
/** Kills while the gallery moves, at least; each load but the first takes up to a second and a half. */
const KILLS = sizeOf({ ci: 4, slow: 20 })
/** What galleries of earlier versions have. */
const FORMER = 'builtin@1'
/** The default: a start says no pack, but for the first. */
const NEXT = 'builtin@2'

describe.skipIf(shared === null)('a gallery that moves to another pack under writes and kills', () => {
  const random = randomFrom(SEED)
  const lanes = Array.from({ length: LANES }, (_, i) => new WriteLane(`lane ${i}`))
  let dataFolder: string
  let server: StandaloneServer
  let pictures: Buffer[]
  let known: KnownGallery
  let groups: string[]
  let output = ''
  let kills = 0
  /** Kills after which the move went on. */
  let underWay = 0

  const start = async (env: Readonly<Record<string, string>> = {}) => {
    server = await startStandaloneServer({ dataFolder, env: { SEMBLANCE_LOG_LEVEL: 'warn', ...env } })
    return callsTo(server)
  }
  const state = async () => (await callsTo(server).ask('GET', '/redescribe')).json
  const move = async (pack: string) => {
    const { status, json } = await callsTo(server).ask('POST', '/redescribe', { pack })
    expect(status, JSON.stringify(json)).toBe(202)
    return json.id as string
  }

  beforeAll(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'semblance redescribe '))
    const calls = await start({ SEMBLANCE_PACK: FORMER })
    pictures = await smallPhotos(shared!)
    groups = await Promise.all(['A', 'B', 'C'].map((name) => calls.createGroup(name)))
    known = await openKnownGallery(calls)
    for (let n = 0; n < BEFORE; n++) await enroll(calls, `first ${n}`)
  }, 300_000)
  afterAll(async () => {
    await server?.kill()
    await rm(dataFolder, { recursive: true, force: true })
  })

  /** A person with two images: a search shows no more than ten of one. */
  async function enroll(calls: Calls, name: string): Promise<void> {
    const id = await calls.createPerson({ name, groups: [known.everybody] })
    const images = new Map<string, Buffer>()
    for (const picture of pictures) {
      const { json, status } = await calls.addImage(id, picture)
      expect(status, JSON.stringify(json)).toBe(200)
      images.set(json.id, picture)
    }
    known.persons.set(id, { id, name, groups: new Set([known.everybody]), images, maybe: [] })
  }

  /** Some moment. */
  const sometime = () => sleep(20 + random() * 1_480)
  /** The move has begun, and cannot have ended on a machine of any speed. */
  const underWayNow = async () => {
    while ((await state()).operation.done === 0) await sleep(5)
  }

  /** Writes until the process is killed under it. */
  async function loadAndKill(until = sometime): Promise<void> {
    let isOver = false
    const load: WriteLoad = { calls: callsTo(server), known, groups, pictures, random, isOver: () => isOver }
    const running = Promise.all(lanes.map((lane) => lane.run(load)))
    await Promise.race([running, until()])
    isOver = true
    await server.kill()
    await running
    output += server.output()
    kills++
  }

  async function startAgain(): Promise<void> {
    const calls = await start()
    for (const lane of lanes) await lane.settle(calls)
    // They are finished one after the other right after the start, and two reads of ours may each meet another one.
    await expect
      .poll(() => inFile("SELECT id FROM images WHERE state = 'pending'"), { timeout: 60_000 })
      .toEqual([])
  }

  /** The reconciler works meanwhile: what it finishes between two reads of ours is no difference. */
  async function differences(): Promise<string[]> {
    const calls = callsTo(server)
    const first = await compareGallery(calls, known, pictures[0]!)
    return first.length === 0 ? first : compareGallery(calls, known, pictures[0]!)
  }

  const untilEnded = async (id: string) => {
    const { json } = await callsTo(server).ask('GET', `/operations/${id}`)
    await expect
      .poll(async () => (await callsTo(server).ask('GET', `/operations/${id}`)).json.endedAt, {
        timeout: 240_000,
      })
      .toBeDefined()
    return json
  }

  it(
    'is in the new pack as a whole, and whatever was acknowledged is found, whenever it was killed',
    async () => {
      const id = await move(NEXT)
      for (let round = 0; round < KILLS; round++) {
        await loadAndKill(round === 0 ? underWayNow : sometime)
        if (!(await hasEnded(id))) underWay++
        await startAgain()
        expect(await differences(), `round ${round}, seed ${SEED}`).toEqual([])
      }
      expect(underWay).toBeGreaterThan(0)
      await untilEnded(id)
      const { serving, other, operation } = await state()
      expect([serving, other, operation.state, operation.found.undescribed]).toEqual([
        NEXT,
        FORMER,
        'done',
        0,
      ])
      expect(await differences(), `seed ${SEED}`).toEqual([])
      // What is written from now on is in both.
      await loadAndKill()
      await startAgain()
      expect(await differences(), `seed ${SEED}`).toEqual([])
    },
    300_000 + KILLS * 60_000,
  )

  it('goes back, and then on again, with everything', async () => {
    // By the operation, and not at once: a picture that was written as the process died may lack the former pack.
    await untilEnded(await move(FORMER))
    expect((await state()).serving).toBe(FORMER)
    expect(await differences(), `seed ${SEED}`).toEqual([])
    const { status, json } = await callsTo(server).ask('POST', '/redescribe/switch', {})
    expect([status, json.serving, json.other], JSON.stringify(json)).toEqual([200, NEXT, FORMER])
    expect(await differences(), `seed ${SEED}`).toEqual([])
  }, 300_000)

  it('has nothing of the former pack once it was dropped, although it is killed then', async () => {
    expect((await callsTo(server).ask('POST', '/redescribe/drop')).status).toBe(200)
    await loadAndKill()
    await startAgain()
    expect(await state()).toMatchObject({ serving: NEXT, other: null })
    expect(await differences(), `seed ${SEED}`).toEqual([])
    await expect.poll(packsInUse, { timeout: 120_000, interval: 500 }).toEqual([NEXT])
    await server.stop()
    const verify = spawnServerProcess('cli', {}, ['verify', '--data', dataFolder])
    const code = await new Promise<number | null>((resolve) => verify.process.once('close', resolve))
    expect(verify.output()).not.toContain('descriptor-unusable')
    expect(code === 0 || verify.output().includes('picture-without-record'), verify.output()).toBe(true)
    console.log(
      `${kills} kills, ${underWay} of them while it moved (seed ${SEED}): ${known.persons.size} persons there`,
    )
    expect(output).not.toMatch(/"level":"(error|fatal)"/)
  }, 300_000)

  /** The packs of which there are descriptors in the file. */
  const packsInUse = () =>
    inFile(`SELECT packId FROM packs k WHERE EXISTS (SELECT 1 FROM descriptorNotes WHERE pack = k.id)
      OR EXISTS (SELECT 1 FROM images WHERE pack = k.id AND length(descriptor) > 0)`)

  /** Of an operation, as the killed process has left it: the next one goes on with it at once. */
  async function hasEnded(id: string): Promise<boolean> {
    const ended = await inFile('SELECT endedAt FROM operations WHERE id = ?', id)
    expect(ended).toHaveLength(1)
    return ended[0] !== null
  }

  async function inFile(query: string, ...given: readonly string[]): Promise<unknown[]> {
    const { default: SqliteDatabase } = await import('better-sqlite3')
    const db = new SqliteDatabase(join(dataFolder, 'semblance.sqlite'), { readonly: true })
    try {
      return db
        .prepare(query)
        .pluck()
        .all(...given)
    } finally {
      db.close()
    }
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
