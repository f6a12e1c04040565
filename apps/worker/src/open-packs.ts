import { engineOptionsOf } from '@semblance/config'
import { tracedStages } from '@semblance/core'
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
import { WorkerPacks } from './worker-packs.ts'

export interface OpenPacksDeps {
  readonly config: WorkerConfig
  readonly logger: Logger
  readonly metrics: Metrics
  readonly version: string
  readonly onPackProgress: (progress: PackProgress) => void
}

/** The pack of the settings, loaded; whatever else the gallery has is loaded once that is known. */
export async function openPacks(
  deps: OpenPacksDeps,
  resources: AsyncDisposableStack,
): Promise<{ readonly first: OpenedPack; readonly packs: WorkerPacks }> {
  const { config, logger, metrics, version } = deps
  const open = packOpener(deps)
  const first = await open(config.SEMBLANCE_PACK)
  const onServing = (pack: string) => metrics.setBuildInfo({ version, pack })
  const onFault = (pack: string, fault: unknown) =>
    logger.warn({ pack, err: fault }, 'a model pack of the gallery cannot be used')
  const onOther = ({ serving, configured }: { readonly serving: string; readonly configured: string }) =>
    logger.warn(
      { pack: serving, configured },
      `This gallery is of model pack ${serving}, and SEMBLANCE_PACK says ${configured}: it goes on with ${serving}.`,
    )
  const packs = new WorkerPacks(
    { open, onServing, onFault, onOther },
    { packId: first.engine.packId, pack: first },
  )
  resources.defer(() => packs.close())
  onServing(first.engine.packId)
  return { first, packs }
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
