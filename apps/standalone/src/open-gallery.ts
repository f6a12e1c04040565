import type { Clock } from '@semblance/core'
import { createDamageLog, type Logger, type Metrics, type ProcessTrust } from '@semblance/telemetry'
import type { StandaloneConfig } from './config.ts'
import { type LocalStores, openLocalStores } from './local-stores.ts'
import type { PackOpener } from './open-packs.ts'

interface Opening {
  readonly config: StandaloneConfig
  readonly logger: Logger
  readonly trust: ProcessTrust
  readonly version: string
  readonly metrics: Metrics
  readonly clock: Clock
  readonly opener: PackOpener
  readonly onThreadDeath: (cause: unknown) => void
}

/** The gallery of the data folder, with the packs that it has; what they need to tell goes to log and metrics. */
export function openGallery(deps: Opening, resources: AsyncDisposableStack): Promise<LocalStores> {
  const { config, logger, trust, metrics, clock, opener, version, onThreadDeath } = deps
  return openLocalStores(
    {
      dataFolder: config.SEMBLANCE_DATA,
      opener,
      threads: config.SEMBLANCE_THREADS,
      clock,
      acceptedMissing: config.SEMBLANCE_ACCEPT_MISSING_RECORDS,
      onDamage: createDamageLog({ logger, metrics }),
      onImportRow: metrics.countImportRow,
      diskReserveBytes: config.SEMBLANCE_DISK_RESERVE,
      onRoom: (state) => tellRoom(logger, state),
      onDeferred: (step, fault) => logger.warn({ step, err: fault }, 'left to the reconciler'),
      onThreadDeath,
      onStoreDeath: (cause) => trust.lose('thread', cause),
      onServing: (pack) => metrics.setBuildInfo({ version, pack }),
      onLoaded: (loaded) => logger.info(loaded, 'the networks of a second pack are loaded'),
    },
    resources,
  )
}

function tellRoom(logger: Logger, { isScarce, freeBytes }: { isScarce: boolean; freeBytes: number }): void {
  if (isScarce) logger.error({ freeBytes }, 'the disk is nearly full: enrollments are refused')
  else logger.warn({ freeBytes }, 'there is room on the disk again: enrollments go on')
}
