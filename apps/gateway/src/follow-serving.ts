import { type ClusterStores, type PackSummary, readPackSummary } from '@semblance/cluster'
import { notePacksApart, type PackId } from '@semblance/core'
import type { Logger } from '@semblance/telemetry'
import type { GatewayConfig } from './config.ts'

type Serving = Pick<PackSummary, 'packId' | 'dimensions'>

interface Following {
  readonly config: GatewayConfig
  readonly stores: ClusterStores
  readonly logger: Logger
  /** The pack of the settings. */
  readonly pack: PackSummary
  readonly onServing: (packId: PackId) => void
}

const LOOK_EVERY_MS = 5_000

/** Answers the pack that serves, as far as this gateway has heard: for people and metrics, no job goes by it. */
export function followServing(deps: Following, resources: AsyncDisposableStack): () => Serving {
  const { config, stores, logger, pack, onServing } = deps
  let serving: Serving = pack
  const look = async () => {
    const known = await stores.packs
    const { packs } = await known.read()
    if (packs.serving === serving.packId) return
    // A gateway runs no networks: the pack's files need not be here.
    const summary = readPackSummary(config.SEMBLANCE_PACKS, packs.serving)
    serving = await summary.catch(() => ({ packId: packs.serving, dimensions: serving.dimensions }))
    onServing(packs.serving)
    if (packs.serving === pack.packId) return
    const about = { pack: packs.serving, configured: pack.packId }
    logger.warn(about, notePacksApart(packs, pack.packId) ?? '')
  }
  // Of stores that are away every call tells.
  const lookOn = () => void look().catch(() => {})
  stores.opened.then(lookOn, () => {})
  const timer = setInterval(lookOn, LOOK_EVERY_MS)
  resources.defer(async () => clearInterval(timer))
  return () => serving
}
