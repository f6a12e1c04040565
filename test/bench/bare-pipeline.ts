import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Clock, type FaceEngine, loadIndex } from '@semblance/core'
import { openOnnxFaceEngine, openPack } from '@semblance/engine'
import { openExactDescriptorIndex, openSqliteRecordStore } from '@semblance/store-local'

const ROOT = join(import.meta.dirname, '../..')

/** What a search cannot do without, in this process: picture bytes to candidates, with nothing around it. */
export interface BarePipeline {
  readonly engine: FaceEngine
  /** Takes the faces of a data folder that no server is using. */
  load(dataFolder: string): Promise<void>
  /** Throws where no face is found. */
  search(picture: Uint8Array): Promise<void>
  close(): Promise<void>
}

export async function openBarePipeline(): Promise<BarePipeline> {
  const threads = availableParallelism()
  const pack = await openPack({
    packsFolder: join(ROOT, 'models'),
    modelsFolder: process.env.SEMBLANCE_MODELS ?? join(ROOT, 'models/.cache'),
    packId: 'builtin@2',
  })
  const limits = { maxPixels: 50_000_000, maxFaces: 64 }
  const engine = await openOnnxFaceEngine({ pack, threads, limits, observe: () => {} })
  const { packId, dimensions } = engine
  const index = await openExactDescriptorIndex({ packId, dimensions, threads })
  const query = {
    filter: { groups: null, field: null },
    minCosine: engine.calibration.richCheap,
    limit: 100,
    imagesPerPerson: 16,
    exclude: [],
  }
  return {
    engine,
    load: async (dataFolder) => {
      const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
      const records = await openSqliteRecordStore({ file: join(dataFolder, 'semblance.sqlite'), clock })
      await loadIndex({ records, index })
      await records.close()
    },
    search: async (picture) => {
      await index.search(await describe(engine, picture), query)
    },
    close: async () => {
      await Promise.all([engine.close(), index.close()])
    },
  }
}

/** As a search describes its probe: the central face, at the cheap effort. */
export async function describe(engine: FaceEngine, picture: Uint8Array) {
  const request = { faces: 'central', effort: 'cheap', crop: null } as const
  const report = await engine.findFaces(picture, request, { lane: 'search' })
  if (report.outcome !== 'faces') throw new Error(`a reference photo shows ${report.outcome}`)
  return report.faces[0].descriptor
}
