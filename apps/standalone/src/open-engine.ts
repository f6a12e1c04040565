import { engineOptionsOf } from '@semblance/config'
import { type FaceEngine, tracedStages } from '@semblance/core'
import { countingFaces, type OpenedPack, openOnnxFaceEngine } from '@semblance/engine'
import type { Logger, Metrics } from '@semblance/telemetry'
import type { StandaloneConfig } from './config.ts'

/** The networks, which count what they see. */
export async function openEngine(
  deps: {
    readonly pack: OpenedPack
    readonly config: StandaloneConfig
    readonly metrics: Metrics
    readonly logger: Logger
    readonly onThreadDeath: (cause: unknown) => void
  },
  resources: AsyncDisposableStack,
): Promise<FaceEngine> {
  const { pack, config, metrics, logger } = deps
  const engine = await openOnnxFaceEngine({
    pack,
    ...engineOptionsOf(config),
    observe: tracedStages(metrics.observeStage),
    onWarning: (message) => logger.warn({}, message),
    onThreadDeath: deps.onThreadDeath,
  })
  resources.defer(() => engine.close())
  metrics.setDecodingLoad(() => engine.decodingLoad)
  return countingFaces(engine, metrics)
}
