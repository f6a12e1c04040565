import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isSlowTier, sizeOf } from '@semblance/testkit'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SPARING_MALLOC } from '../../deploy/node-environment.mjs'
import { type Installation, shapesByTier, startInstallation } from '../servers/installation.ts'
import { MORE_THREADS } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type Answer, type Calls, callsTo } from './calls.ts'
import { bombPng, thinPng } from './hostile-pictures.ts'

const shared = findSharedData()
const PHOTO = 'lfw-dev/images/Abdullah_Gul/Abdullah_Gul_0001.jpg'
const MEGABYTE = 1_000_000
/** The default of SEMBLANCE_DECODING_BYTES, and what docs/operations.md gives for work under way, light pictures and small faces. */
const UNDER_WAY_BYTES = (800 + 100 + 2 * 80 + 2 * 230) * MEGABYTE
/**
 * What it gives for a server at rest that has decoded such pictures: 170 to 360 MB more than before, by how its memory came to be cut up.
 * Networks for small faces that are kept for good, against which this was written, would be 460 MB beyond that.
 */
const KEPT_BYTES = 420 * MEGABYTE
const REST_MS = 6_000
const FLOOD_MS = sizeOf({ ci: 6_000, slow: 12_000 })
const FLOOD_CLIENTS = 12
/**
 * The middle time of an honest search beside a flood, by that of one alone. The flood keeps both processors busy, so some
 * time is lost in any order of work: 2 to 7 times on two processors. It was 63 (standalone) and 85 times (cluster) beside the
 * JPEGs, and 31 and 18 times beside the GIFs, when looks at parts of large pictures were in line with all others.
 */
const MOST_TIMES_SLOWER = 12

/** Small files of many pixels, in kinds that a decoder unfolds whole. */
async function heavyPictures(): Promise<readonly Buffer[]> {
  const plain = (side: number) =>
    sharp({ create: { width: side, height: side, channels: 3, background: '#776655' } })
  return Promise.all([
    // 748 MB: almost all that there is for decoding.
    plain(5800).avif({ effort: 0 }).toBuffer(),
    plain(7000).avif({ effort: 0 }).toBuffer(),
    plain(7000).gif({ effort: 1 }).toBuffer(),
    plain(7000).png({ progressive: true }).toBuffer(),
    plain(3500).toColourspace('rgb16').png({ progressive: true }).toBuffer(),
    plain(7000).jpeg({ progressive: true, quality: 50 }).toBuffer(),
    plain(7000).webp({ effort: 0 }).toBuffer(),
    thinPng(50_000_000, 1),
    thinPng(1, 50_000_000),
    bombPng(7000, 7000),
  ])
}

/** What a flood of one kind sends: large, light to decode, and without a face, so that every part is looked at. */
const FLOODS = [
  {
    kind: 'one-color JPEGs of 12 megapixels',
    clients: 8,
    picture: () => onePicture(4000, 3000).jpeg().toBuffer(),
  },
  {
    kind: 'GIFs of 49 megapixels',
    clients: 2,
    picture: () => onePicture(7000, 7000).gif({ effort: 1 }).toBuffer(),
  },
] as const

function onePicture(width: number, height: number) {
  return sharp({ create: { width, height, channels: 3, background: '#776655' } })
}

function middleOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >>> 1]!
}

function residentBytes(pids: readonly number[]): number {
  const of = (pid: number) =>
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  return 1024 * Math.max(...pids.map(of))
}

describe.skipIf(shared === null || process.platform !== 'linux').each(await shapesByTier())(
  'small files that are large to decode, %s',
  (shape) => {
    let server: Installation
    let calls: Calls
    let photo: Buffer
    let heavy: readonly Buffer[]

    beforeAll(async () => {
      heavy = await heavyPictures()
      expect(Math.max(...heavy.map(({ length }) => length))).toBeLessThan(MEGABYTE)
      server = await startInstallation(shape, { ...MORE_THREADS, ...SPARING_MALLOC })
      calls = callsTo(server)
      photo = await readFile(join(shared!, PHOTO))
      const personId = await calls.createPerson({ name: 'honest' })
      expect((await calls.addImage(personId, photo)).status).toBe(200)
      await calls.search(photo)
    }, 120_000)
    afterAll(() => server?.close())

    it('hold up no honest search, and memory stays within what operations.md says', async () => {
      const atRest = residentBytes(server.pids())
      const ends = performance.now() + FLOOD_MS
      let [highest, sent] = [0, 0]
      const statuses = new Map<number, number>()
      const attacker = async () => {
        while (performance.now() < ends) {
          const { status } = await calls.search(heavy[sent++ % heavy.length]!)
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
          // Who is refused at once does not make the rest of it a test of parsing.
          if (status !== 200) await sleep(20)
        }
      }
      const watcher = async () => {
        while (performance.now() < ends) {
          highest = Math.max(highest, residentBytes(server.pids()))
          await sleep(20)
        }
      }
      const honest: { readonly answer: Answer; readonly ms: number }[] = []
      const searcher = async () => {
        while (performance.now() < ends) {
          const begun = performance.now()
          honest.push({ answer: await calls.search(photo), ms: performance.now() - begun })
        }
      }
      await Promise.all([...Array.from({ length: FLOOD_CLIENTS }, attacker), watcher(), searcher()])
      expect(honest.map(({ answer }) => answer.status)).toEqual(honest.map(() => 200))
      expect(honest.every(({ answer }) => answer.json.persons.length === 1)).toBe(true)
      const times = honest.map(({ ms }) => ms).toSorted((a, b) => a - b)
      expect(times[times.length >>> 1]).toBeLessThan(5_000)
      expect(highest - atRest).toBeLessThan(UNDER_WAY_BYTES)
      await expect
        .poll(() => residentBytes(server.pids()) - atRest, { timeout: REST_MS, interval: 500 })
        .toBeLessThan(KEPT_BYTES)
      expect([...statuses.keys()].every((status) => [200, 400, 503].includes(status))).toBe(true)
    }, 60_000)

    it.each(
      isSlowTier ? FLOODS : FLOODS.slice(0, 1),
    )('searches go on beside a flood of $kind at detect, which goes on, too', async (flood) => {
      const image = `data:image/jpeg;base64,${(await flood.picture()).toString('base64')}`
      const timed = async () => {
        const begun = performance.now()
        const { status } = await calls.search(photo)
        return { status, ms: performance.now() - begun }
      }
      const alone = []
      for (let count = 0; count < 7; count += 1) alone.push(await timed())
      const ends = performance.now() + FLOOD_MS
      let detected = 0
      const attacker = async () => {
        while (performance.now() < ends) {
          const { status } = await calls.ask('POST', '/detect', { image })
          if (status === 200) detected += 1
          else await sleep(20)
        }
      }
      const honest: { readonly status: number; readonly ms: number }[] = []
      const searcher = async () => {
        await sleep(1_000)
        while (performance.now() < ends) honest.push(await timed())
      }
      await Promise.all([...Array.from({ length: flood.clients }, attacker), searcher()])
      expect(honest.map(({ status }) => status)).toEqual(honest.map(() => 200))
      expect(detected).toBeGreaterThan(0)
      const [beside, undisturbed] = [honest, alone].map((some) => middleOf(some.map(({ ms }) => ms)))
      const worst = Math.max(...honest.map(({ ms }) => ms))
      console.info(
        `${shape}, ${flood.kind}: ${undisturbed} ms alone; ${beside} beside, worst ${worst}; ${detected} detected`,
      )
      expect(beside! / undisturbed!).toBeLessThan(MOST_TIMES_SLOWER)
    }, 60_000)
  },
)
