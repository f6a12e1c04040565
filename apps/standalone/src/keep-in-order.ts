import { startForgettingReplies, startReconciler } from '@semblance/core'
import { startCheckingDatabase } from './check-database.ts'
import { type PictureKeeping, startKeepingPictures } from './keep-pictures.ts'

/** Looking costs a millisecond, and what has expired is to be erased within seconds. */
const RECONCILE_EVERY_MS = 2_000
const FORGET_REPLIES_EVERY_MS = 60_000

/** What the server does beside its calls: it finishes what was left half done, forgets what is over, and looks at its files. */
export function keepInOrder(deps: PictureKeeping, resources: AsyncDisposableStack): void {
  const { gallery, metrics, logger } = deps
  metrics.setIndexSize(() => gallery.index.count())
  metrics.setGallerySize((waiting) => gallery.records.countEnrolled(waiting))
  metrics.setDiskFree(() => gallery.room.freeBytes())
  const pictures = startKeepingPictures(deps)
  const database = startCheckingDatabase({ file: gallery.databaseFile, metrics, logger })
  const reconciler = startReconciler(gallery, { everyMs: RECONCILE_EVERY_MS, onPass: () => {} })
  metrics.setReconcilerBacklog((waiting) => reconciler.backlog(waiting))
  const replies = startForgettingReplies(gallery.idempotency, {
    everyMs: FORGET_REPLIES_EVERY_MS,
    onFault: (fault) => logger.warn({ err: fault }, 'old answers could not be forgotten'),
  })
  resources.defer(async () => {
    await Promise.all([pictures.stop(), database.stop(), reconciler.stop(), replies.stop()])
  })
}
