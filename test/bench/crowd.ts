import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type OnnxFaceEngine, openOnnxFaceEngine, openPack } from '@semblance/engine'
import sharp from 'sharp'
import { findSharedData } from '../servers/shared-data.ts'
import type { BenchRecord } from './exact-index.ts'
import { median } from './measure.ts'

const ROOT = join(import.meta.dirname, '../..')
const PACK = 'builtin@2'
const FACES = 101
const COLUMNS = 11
/** Pixels of each portrait, whose face is then about 70 pixels wide. */
const SIDE = 150
const THREADS = 2
const ROUNDS = 9

/**
 * What it costs to find and describe every face of a picture that 101 portraits were put together to: as a search with
 * `detectAll` does it, before the index is asked. By the clock, and the time of the processor.
 */
export async function benchCrowd(): Promise<readonly BenchRecord[]> {
  const engine = await open()
  try {
    const picture = await crowd()
    const turns: Awaited<ReturnType<typeof measure>>[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      const turn = await measure(engine, picture)
      if (round > 0) turns.push(turn)
    }
    const record = (what: string, value: number, rest: Pick<BenchRecord, 'unit' | 'goal'>): BenchRecord => ({
      name: `every face of a picture of ${FACES}: ${what}`,
      value,
      better: 'less',
      ...rest,
    })
    const of = (figure: 'faces' | 'seconds' | 'processor') => median(turns.map((turn) => turn[figure]))
    return [
      { ...record('found', of('faces'), { unit: 'faces', goal: null }), better: 'more' },
      record(`by the clock, ${THREADS} threads`, of('seconds'), { unit: 's', goal: 1.5 }),
      record('processor', of('processor'), { unit: 's', goal: null }),
    ]
  } finally {
    await engine.close()
  }
}

async function open(): Promise<OnnxFaceEngine> {
  const modelsFolder = process.env.SEMBLANCE_MODELS ?? join(ROOT, 'models/.cache')
  const pack = await openPack({ packsFolder: join(ROOT, 'models'), modelsFolder, packId: PACK })
  const limits = { maxPixels: 50_000_000, maxFaces: 2 * FACES }
  return openOnnxFaceEngine({ pack, threads: THREADS, limits, observe: () => {} })
}

/** The first photo of each of so many people, side by side. */
async function crowd(): Promise<Uint8Array> {
  const data = findSharedData()
  if (data === null) throw new Error('there are no photos')
  const images = join(data, 'lfw-dev/images')
  const people = (await readdir(images)).toSorted().slice(0, FACES)
  const tiles = people.map(async (person, at) => {
    const [photo = ''] = (await readdir(join(images, person))).toSorted()
    const input = await sharp(await readFile(join(images, person, photo)))
      .resize(SIDE, SIDE)
      .png()
      .toBuffer()
    return { input, left: (at % COLUMNS) * SIDE, top: Math.floor(at / COLUMNS) * SIDE }
  })
  const size = { width: COLUMNS * SIDE, height: Math.ceil(FACES / COLUMNS) * SIDE }
  return sharp({ create: { ...size, channels: 3, background: 'black' } })
    .composite(await Promise.all(tiles))
    .jpeg({ quality: 90 })
    .toBuffer()
}

async function measure(engine: OnnxFaceEngine, picture: Uint8Array) {
  const [begun, used] = [performance.now(), process.cpuUsage()]
  const report = await engine.findFaces(
    picture,
    { faces: 'all', effort: 'cheap', crop: null },
    { lane: 'search' },
  )
  const seconds = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage(used)
  const faces = report.outcome === 'faces' ? report.faces.length : 0
  return { faces, seconds, processor: (user + system) / 1e6 }
}
