import { AppError, hasWorkerDied, isTooSlow } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PackId } from '../ids.ts'
import type { DescribingDeps } from '../operations/describe-part.ts'
import type { DescribeAgainOutcome } from './describe-again.ts'

/** Looks at one picture that failed each time: it may have been something else that its worker died of. */
const MOST_TRIES = 3

/**
 * Describes what a crash left; a fault that may be the picture's own is reported, so that those behind it go on. Once it has failed,
 * or ended its workers, in a few looks, it is noted as one on which the networks failed.
 */
export async function describeUnlessDeadly(
  { gallery, redescribing }: { readonly gallery: GalleryPorts; readonly redescribing: DescribingDeps },
  target: { readonly imageId: ImageId; readonly packId: PackId },
  waiting: { readonly signal: AbortSignal },
): Promise<DescribeAgainOutcome['outcome'] | 'failed'> {
  const { failedTries } = redescribing
  const name = `left ${target.packId} ${target.imageId}`
  try {
    const { outcome } = await redescribing.describe(target, waiting)
    failedTries.forget(name)
    return outcome
  } catch (fault) {
    if (waiting.signal.aborted || !mayBeOfPicture(fault)) throw fault
    gallery.onDeferred('describe what a crash left', fault)
    const tries = failedTries.of(name) + 1
    failedTries.note(name, tries)
    if (tries < MOST_TRIES) return 'failed'
    await gallery.records.descriptors.note({ ...target, why: 'failed' }, waiting)
    failedTries.forget(name)
    return 'undescribed'
  }
}

function mayBeOfPicture(fault: unknown): boolean {
  const hasFailed = fault instanceof AppError && fault.code === 'E_ENGINE_FAILED'
  return hasFailed || hasWorkerDied(fault) || isTooSlow(fault)
}
