import { join } from 'node:path'
import type { Effort } from '@semblance/core'
import { type OnnxFaceEngine, openOnnxFaceEngine, openPack } from '@semblance/engine'
import { benchCrowd } from './crowd.ts'
import type { BenchRecord } from './exact-index.ts'
import { median, medianRatio } from './measure.ts'
import type { ProbePhotos } from './probe-photos.ts'

const ROOT = join(import.meta.dirname, '../..')
/** The first is what the others are compared with. */
const PACKS = ['builtin@1', 'builtin@2', 'builtin-light'] as const
const ROUNDS = 5
const EFFORTS = { search: 'cheap', enrollment: 'rich' } as const satisfies Record<string, Effort>

interface Measured {
  readonly pack: string
  readonly engine: OnnxFaceEngine
  /** Seconds that the recognizers took since the last turn. */
  describing: number
}

/** Milliseconds of one turn. */
interface Turn {
  readonly processor: number
  readonly describing: number
}

/**
 * What a picture costs with each pack: the processor's time of a search and of an enrollment, and what the recognizers alone
 * take of it. One thread, one picture at a time, the packs in turns; each turn gives one ratio. And what a crowd costs.
 */
export async function benchPacks(photos: ProbePhotos): Promise<readonly BenchRecord[]> {
  const engines = await Promise.all(PACKS.map(open))
  try {
    const records: BenchRecord[] = []
    for (const [what, effort] of Object.entries(EFFORTS)) {
      const turns = await measureTurns(engines, photos.small, effort)
      for (const figure of ['processor', 'describing'] as const) {
        records.push(...recordsOf(`${what}, 250 px, ${figure}`, turns, figure))
      }
    }
    return [...records, ...(await benchCrowd())]
  } finally {
    for (const { engine } of engines) await engine.close()
  }
}

async function open(packId: string): Promise<Measured> {
  const modelsFolder = process.env.SEMBLANCE_MODELS ?? join(ROOT, 'models/.cache')
  const pack = await openPack({ packsFolder: join(ROOT, 'models'), modelsFolder, packId })
  const limits = { maxPixels: 50_000_000, maxFaces: 64 }
  const observe = (stage: string, seconds: number) => {
    if (stage === 'describe') measured.describing += seconds
  }
  const engine = await openOnnxFaceEngine({ pack, threads: 1, limits, observe })
  const measured: Measured = { pack: packId, engine, describing: 0 }
  return measured
}

/** For each pack its turns. The first round warms up and does not count. */
async function measureTurns(
  engines: readonly Measured[],
  pictures: readonly Uint8Array[],
  effort: Effort,
): Promise<ReadonlyMap<string, readonly Turn[]>> {
  const turns = new Map(engines.map(({ pack }) => [pack, [] as Turn[]]))
  for (let round = 0; round <= ROUNDS; round++) {
    for (const picture of pictures) {
      for (const measured of engines) {
        const turn = await measureTurn(measured, picture, effort)
        if (round > 0) turns.get(measured.pack)?.push(turn)
      }
    }
  }
  return turns
}

async function measureTurn(measured: Measured, picture: Uint8Array, effort: Effort): Promise<Turn> {
  measured.describing = 0
  const begun = process.cpuUsage()
  await measured.engine.findFaces(picture, { faces: 'central', effort, crop: null }, { lane: 'search' })
  const { user, system } = process.cpuUsage(begun)
  return { processor: (user + system) / 1000, describing: measured.describing * 1000 }
}

function recordsOf(
  name: string,
  turns: ReadonlyMap<string, readonly Turn[]>,
  figure: keyof Turn,
): BenchRecord[] {
  const of = (pack: string) => (turns.get(pack) ?? []).map((turn) => turn[figure])
  const [old, ...others] = PACKS
  const plain = { goal: null, better: 'less' } as const
  return [
    ...PACKS.map((pack) => ({ name: `${name}: ${pack}`, value: median(of(pack)), unit: 'ms', ...plain })),
    ...others.map((pack) => ({
      name: `${name}: ${pack} / ${old}`,
      value: medianRatio(of(pack), of(old)),
      unit: 'ratio',
      ...plain,
    })),
  ]
}
