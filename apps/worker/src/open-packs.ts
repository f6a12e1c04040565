import { engineOptionsOf } from '@semblance/config'
import { notePacksApart, type PackId, tracedStages } from '@semblance/core'
import {
  countingFaces,
  type OnnxFaceEngine,
  openOnnxFaceEngine,
  openPack,
  type PackProgress,
  packIdOf,
} from '@semblance/engine'
import type { Logger, Metrics } from '@semblance/telemetry'
import type { WorkerConfig } from './config.ts'
import type { OpenedPack } from './packs-in-memory.ts'
import { WorkerPacks, type WorkerPacksDeps } from './worker-packs.ts'

export interface OpenPacksDeps {
  readonly config: WorkerConfig
  readonly logger: Logger
  readonly metrics: Metrics
  readonly version: string
  /** The pack of a gallery that is new. */
  readonly configured: PackId
  readonly onPackProgress: (progress: PackProgress) => void
}

/**
 * None of them is loaded before it is known which ones the gallery has: the networks of the settings would be made, or
 * fetched, and kept in memory for nothing where it has others.
 */
export function openPacks(deps: OpenPacksDeps, resources: AsyncDisposableStack): WorkerPacks {
  const { logger, metrics, version, configured } = deps
  const open = packOpener(deps)
  const onServing = (pack: string) => metrics.setBuildInfo({ version, pack })
  const onFault = (pack: string, fault: unknown) =>
    logger.warn({ pack, err: fault }, 'a model pack of the gallery cannot be used')
  const onApart: WorkerPacksDeps['onApart'] = (packs) =>
    logger.warn({ pack: packs.serving, configured }, notePacksApart(packs, configured) ?? '')
  const packs = new WorkerPacks({ open, onServing, onFault, onApart }, configured)
  resources.defer(() => packs.close())
  onServing(configured)
  return packs
}

/** Opens packs by name, each with networks of its own. */
function packOpener(deps: OpenPacksDeps): (name: string) => Promise<OpenedPack> {
  const { config, logger, metrics } = deps
  const open = new Set<OnnxFaceEngine>()
  metrics.setDecodingLoad(() => {
    const loads = [...open].map(({ decodingLoad }) => decodingLoad)
    const sum = (of: 'pictures' | 'bytes') => loads.reduce((all, load) => all + load[of], 0)
    return { pictures: sum('pictures'), bytes: sum('bytes') }
  })
  return async (name) => {
    const pack = await openPack({
      packsFolder: config.SEMBLANCE_PACKS,
      modelsFolder: config.SEMBLANCE_MODELS,
      packId: name,
      onProgress: deps.onPackProgress,
    })
    const engine = await openOnnxFaceEngine({
      pack,
      ...engineOptionsOf(config),
      observe: tracedStages(metrics.observeStage),
      onWarning: (message) => logger.warn({}, message),
      onThreadDeath: (cause) => {
        metrics.countUnexpected('thread')
        logger.error({ err: cause }, 'a thread died; another takes its place')
      },
    })
    open.add(engine)
    logger.info({ pack: packIdOf(pack.manifest), provider: engine.executionProvider }, 'networks loaded')
    const close = async () => {
      open.delete(engine)
      await engine.close()
    }
    return { engine: countingFaces(engine, metrics), close }
  }
}
