import { type ClusterStores, openClusterStores, type PackSummary } from '@semblance/cluster'
import type { Clock } from '@semblance/core'
import { createDamageLog, type Logger, type Metrics } from '@semblance/telemetry'
import type { GatewayConfig } from './config.ts'

interface OpeningDeps {
  readonly config: GatewayConfig
  readonly logger: Logger
  readonly metrics: Metrics
  readonly clock: Clock
  /** The pack of the settings. */
  readonly pack: PackSummary
  /** This is told what is waited for, and why. */
  readonly onWaiting: (what: string, reason: string) => void
}

/** Opens the stores of the cluster as a gateway needs them. They go on opening while their servers are away. */
export function openStores(deps: OpeningDeps): ClusterStores {
  const { config, logger, metrics, clock, pack, onWaiting } = deps
  return openClusterStores({
    settings: config,
    pack,
    packsFolder: config.SEMBLANCE_PACKS,
    clock,
    appName: 'semblance-gateway',
    logger,
    onWaiting,
    onDamage: createDamageLog({ logger, metrics }),
    onImportRow: metrics.countImportRow,
  })
}
