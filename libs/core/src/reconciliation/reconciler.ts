import type { GalleryPorts } from '../gallery-ports.ts'
import { pause, startLeading } from '../lead.ts'
import type { OverdueCount } from '../ports/overdue-records.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { OverdueKind } from './chores.ts'
import { countBacklog, type Reconciled, reconcile } from './reconcile.ts'
import { RecordBackoff } from './record-backoff.ts'

/** Key of the lease under which one process of the installation reconciles. */
const RECONCILER_LEASE = 'reconciler'

export interface Reconciler {
  /** Tells the metrics what waits longer than it should, whoever leads. */
  backlog(waiting?: Waiting): Promise<Readonly<Record<OverdueKind, OverdueCount>>>
  /** Ends the pass at work at its next step, gives the lease to the next one, and resolves when that is done. */
  stop(): Promise<void>
}

export interface ReconcilerOptions {
  /** Pause between two passes, unless one leaves work that it could have done. */
  readonly everyMs: number
  /** This is told of each whole pass of this process. */
  readonly onPass: (done: Reconciled) => void
  /** First of the growing waits after a fault of the lease's own store; 1000 by default. */
  readonly retryMs?: number
}

/**
 * Reconciles for as long as this process leads: the lease is held from the first pass on, so that others only wait for
 * it. It is left when it is lost, and asked for again. A pass that fails is reported; the next one comes.
 */
export function startReconciler(gallery: GalleryPorts, options: ReconcilerOptions): Reconciler {
  const leading = startLeading(gallery, {
    key: RECONCILER_LEASE,
    what: 'lead the reconciler',
    work: (signal) => passAgainAndAgain(gallery, options, signal),
    retryMs: options.retryMs,
  })
  return { backlog: (waiting) => countBacklog(gallery, waiting), stop: leading.stop }
}

/** Waits until the signal aborts, and resolves then, whatever it was that ended. */
async function passAgainAndAgain(
  gallery: GalleryPorts,
  options: ReconcilerOptions,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new RecordBackoff(gallery.clock)
  while (!signal.aborted) {
    const hasMore = await runPass(gallery, { ...options, backoff }, signal)
    await pause(hasMore ? 0 : options.everyMs, signal)
  }
}

/** True if there is more to do at once. */
async function runPass(
  gallery: GalleryPorts,
  options: ReconcilerOptions & { readonly backoff: RecordBackoff },
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const done = await reconcile(gallery, { waitsForOthers: true, backoff: options.backoff, signal })
    options.onPass(done)
    return done.hasMore
  } catch (fault) {
    if (!signal.aborted) gallery.onDeferred('reconcile', fault)
    return false
  }
}
