import type { ApiDeps } from '@semblance/api'
import { type PackSummary, readStrangerRates } from '@semblance/cluster'
import type { Clock, PackId } from '@semblance/core'
import type { BullmqJobQueue } from '@semblance/queue-bullmq'
import type { Dependencies, Metrics } from '@semblance/telemetry'

interface Known {
  readonly clock: Clock
  readonly pack: () => Pick<PackSummary, 'packId' | 'dimensions'>
  readonly jobs: Pick<BullmqJobQueue, 'scaling'>
  readonly dependencies: Dependencies
  readonly metrics: Pick<Metrics, 'recent'>
  readonly configured: PackId
  readonly packsFolder: string
}

/** What `/api/system` tells of this gateway and the cluster's servers. Times of stages are the workers' own metrics. */
export function systemPorts(known: Known): NonNullable<ApiDeps['system']> {
  const { clock, pack, jobs, dependencies, metrics, configured, packsFolder } = known
  return {
    shape: 'cluster',
    startedAt: clock.now() - process.uptime() * 1000,
    pack,
    // A gateway runs no networks: the pack's files need not be here.
    strangers: () => readStrangerRates(packsFolder, pack().packId).catch(() => null),
    configured,
    lanes: () => jobs.scaling(),
    dependencies: () => dependencies.standing(),
    recent: () => metrics.recent(),
    diskFree: null,
  }
}
