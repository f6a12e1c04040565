import type { ApiDeps } from '@semblance/api'
import { type Clock, type JobQueue, type Lane, type PackId, strangerRates } from '@semblance/core'
import type { Dependencies, Metrics } from '@semblance/telemetry'
import type { LocalStores } from './local-stores.ts'

interface Known {
  readonly clock: Clock
  readonly gallery: Pick<LocalStores, 'packs' | 'room'>
  readonly queue: Pick<JobQueue, 'load'>
  readonly dependencies: Dependencies
  readonly metrics: Pick<Metrics, 'recent'>
  readonly configured: PackId
}

/** What `/api/system` tells of this process and its data folder. */
export function systemPorts(known: Known): NonNullable<ApiDeps['system']> {
  const { clock, gallery, queue, dependencies, metrics, configured } = known
  return {
    shape: 'standalone',
    startedAt: clock.now() - process.uptime() * 1000,
    pack: () => gallery.packs.serving,
    strangers: async () => strangerRates(gallery.packs.serving.calibration),
    configured,
    lanes: async () => {
      const load = await queue.load()
      // This process is the only worker, of every lane.
      const state = (lane: Lane) => ({ ...load[lane], workers: 1 })
      return { search: state('search'), enroll: state('enroll'), bulk: state('bulk') }
    },
    dependencies: () => dependencies.standing(),
    recent: () => metrics.recent(),
    diskFree: () => gallery.room.freeBytes(),
  }
}
