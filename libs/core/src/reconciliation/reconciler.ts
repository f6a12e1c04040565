import type { Gallery } from '../gallery.ts'
import { type Reconciled, reconcile } from './reconcile.ts'

/** Key of the lease under which one process of the installation reconciles. */
const RECONCILER_LEASE = 'reconciler'

export interface Reconciler {
  /** Ends the pass at work at its next step, and resolves when it has ended. */
  stop(): Promise<void>
}

export interface ReconcilerOptions {
  /** Pause between two passes. */
  readonly everyMs: number
  readonly onPass: (found: Reconciled) => void
}

/** Reconciles for as long as the process lives, one pass at a time. A pass that fails is reported; the next one comes. */
export function startReconciler(gallery: Gallery, options: ReconcilerOptions): Reconciler {
  const stopping = new AbortController()
  const { signal } = stopping
  let timer: NodeJS.Timeout | undefined
  let pass: Promise<void> = Promise.resolve()

  const runPass = async () => {
    try {
      const work = () => reconcile(gallery, { waitsForOthers: true, signal })
      options.onPass(await gallery.exclusive.run(RECONCILER_LEASE, work, { signal }))
    } catch (fault) {
      if (!signal.aborted) gallery.onDeferred('reconcile', fault)
    }
    schedule()
  }
  const schedule = () => {
    if (signal.aborted) return
    timer = setTimeout(() => {
      pass = runPass()
    }, options.everyMs)
    timer.unref()
  }
  schedule()
  return {
    stop: async () => {
      stopping.abort(new Error('the reconciler is stopping'))
      clearTimeout(timer)
      await pass
    },
  }
}
