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
import type { Logger, Metrics, ProcessTrust } from '@semblance/telemetry'
import type { WorkerConfig } from './config.ts'
import type { OpenedPack } from './packs-in-memory.ts'
import { WorkerPacks, type WorkerPacksDeps } from './worker-packs.ts'

export interface OpenPacksDeps {
  readonly config: WorkerConfig
  readonly logger: Logger
  readonly metrics: Metrics
  readonly trust: Pick<ProcessTrust, 'lose'>
  readonly version: string
  /** The pack of a gallery that is new. */
  readonly configured: PackId
  readonly onPackProgress: (progress: PackProgress) => void
}

export interface OpenedPacks {
  readonly packs: WorkerPacks
  /** Throws E_ENGINE_FAILED if the networks of the pack that serves answer to no picture. */
  check(): void
}

/**
 * None of them is loaded before it is known which ones the gallery has: the networks of the settings would be made, or
 * fetched, and kept in memory for nothing where it has others.
 */
export function openPacks(deps: OpenPacksDeps, resources: AsyncDisposableStack): OpenedPacks {
  const { logger, metrics, version, configured } = deps
  // Without the other pack the gallery serves all the same.
  const { open, check } = packOpener(deps, (packId) => packId === packs.serving)
  const onServing = (pack: string) => metrics.setBuildInfo({ version, pack })
  const onFault = (pack: string, fault: unknown) =>
    logger.warn({ pack, err: fault }, 'a model pack of the gallery cannot be used')
  const onApart: WorkerPacksDeps['onApart'] = (packs) =>
    logger.warn({ pack: packs.serving, configured }, notePacksApart(packs, configured) ?? '')
  const packs = new WorkerPacks({ open, onServing, onFault, onApart }, configured)
  resources.defer(() => packs.close())
  onServing(configured)
  return { packs, check }
}

/** Opens packs by name, each with networks of its own. */
function packOpener(
  deps: OpenPacksDeps,
  isServing: (packId: PackId) => boolean,
): {
  readonly open: (name: string) => Promise<OpenedPack>
  check(): void
} {
  const { metrics } = deps
  const loaded = new Set<OnnxFaceEngine>()
  metrics.setDecodingLoad(() => {
    const loads = [...loaded].map(({ decodingLoad }) => decodingLoad)
    const sum = (of: 'pictures' | 'bytes') => loads.reduce((all, load) => all + load[of], 0)
    return { pictures: sum('pictures'), bytes: sum('bytes') }
  })
  const open = async (name: string): Promise<OpenedPack> => {
    const engine = await openEngine({ ...deps, isServing }, name)
    loaded.add(engine)
    const close = async () => {
      loaded.delete(engine)
      await engine.close()
    }
    return { engine: countingFaces(engine, metrics), close }
  }
  const check = () => {
    for (const engine of loaded) if (isServing(engine.packId)) engine.check()
  }
  return { open, check }
}

async function openEngine(
  deps: OpenPacksDeps & { readonly isServing: (packId: PackId) => boolean },
  name: string,
): Promise<OnnxFaceEngine> {
  const { config, logger, metrics, trust, isServing, onPackProgress } = deps
  const pack = await openPack({
    packsFolder: config.SEMBLANCE_PACKS,
    modelsFolder: config.SEMBLANCE_MODELS,
    packId: name,
    onProgress: onPackProgress,
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
    onDead: ({ fault, trials: _, isLasting, ...dead }) => {
      logger.error({ err: fault, ...dead }, 'the networks answer to no picture')
      // It fails jobs faster than others do them, and so gets most of them: it must not go on.
      if (isLasting && isServing(dead.packId)) trust.lose('engine', fault)
    },
  })
  logger.info({ pack: packIdOf(pack.manifest), provider: engine.executionProvider }, 'networks loaded')
  return engine
}
