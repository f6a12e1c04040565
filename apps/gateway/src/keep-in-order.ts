import type { ClusterStores } from '@semblance/cluster'
import {
  countBacklog,
  OVERDUE_KINDS,
  repeatPass,
  reviewSetAside,
  startForgettingReplies,
  startReconciler,
} from '@semblance/core'
import type { RedisPicturesInFlight } from '@semblance/queue-bullmq'
import type { Logger, Metrics } from '@semblance/telemetry'

const RECONCILE_EVERY_MS = 10_000
const FORGET_EVERY_MS = 60_000
const REVIEW_SET_ASIDE_EVERY_MS = 3_600_000

interface Keeping {
  readonly stores: ClusterStores
  readonly metrics: Metrics
  readonly logger: Logger
  readonly inFlight: RedisPicturesInFlight
  /** Pictures without a record stay aside for so long. */
  readonly keepMs: number
}

/** What a gateway does beside its calls: it finishes what was left half done, and forgets what is over. */
export function keepInOrder(deps: Keeping, resources: AsyncDisposableStack): void {
  const { stores, metrics, logger, inFlight, keepMs } = deps
  const { gallery, idempotency } = stores
  metrics.setIndexSize(() => gallery.index.count())
  metrics.setGallerySize((waiting) => gallery.records.countEnrolled(waiting))
  // The backlog is told while the stores are not there, too: then it is NaN, by kind.
  metrics.setReconcilerBacklog((waiting) => countBacklog(gallery, waiting), OVERDUE_KINDS)
  const keepers: { stop(): Promise<void> }[] = []
  let isStopping = false
  const begin = () => {
    if (isStopping) return
    const reconciler = startReconciler(gallery, { everyMs: RECONCILE_EVERY_MS, onPass: () => {} })
    const forgetting = (what: string) => ({
      everyMs: FORGET_EVERY_MS,
      onFault: (fault: unknown) => logger.warn({ err: fault }, `${what} could not be forgotten`),
    })
    const replies = startForgettingReplies(idempotency, forgetting('old answers'))
    const pictures = repeatPass((waiting) => inFlight.forgetExpired(waiting), forgetting('old pictures'))
    const setAside = repeatPass(
      async (waiting) => {
        const { kept } = await reviewSetAside(gallery, { keepMs, ...waiting })
        metrics.showPicturesSetAside(kept)
      },
      { ...forgetting('pictures set aside'), everyMs: REVIEW_SET_ASIDE_EVERY_MS },
    )
    keepers.push(reconciler, replies, pictures, setAside)
  }
  // Whoever awaits `opened` hears of its failure.
  stores.opened.then(begin, () => {})
  resources.defer(async () => {
    isStopping = true
    await Promise.all(keepers.map((keeper) => keeper.stop()))
  })
}
