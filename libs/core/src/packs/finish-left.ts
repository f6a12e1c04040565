import { packNotLoaded } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PackId } from '../ids.ts'
import type { RedescribeDeps } from '../operations/redescribe.ts'
import { finishLeftImage, LEFT_IMAGE_MS } from '../reconciliation/finish-left-image.ts'
import { describeUnlessDeadly } from './describe-unless-deadly.ts'
import { hasMoved } from './gallery-packs.ts'

export interface FinishLeftDeps {
  readonly gallery: GalleryPorts
  readonly redescribing: RedescribeDeps
}

/** Ids asked for at a time. */
const PART = 100

/**
 * While a gallery has had two packs: what a process left `pending` that died is described by those that are lacking, and is enrolled
 * only then. The reconciler leaves it alone until it has what they make of it. Throws E_NO_WORKER at the end if nobody could describe
 * some by the pack that serves: these wait, unseen.
 */
export async function finishLeft(
  deps: FinishLeftDeps,
  waiting: { readonly signal: AbortSignal },
): Promise<void> {
  const { gallery, redescribing } = deps
  const packs = await redescribing.desk.readPacks(waiting)
  if (packs === null || !hasMoved(packs)) return
  const { aloneSince } = redescribing.desk
  const aloneMs = aloneSince === undefined ? LEFT_IMAGE_MS : gallery.clock.monotonic() - aloneSince
  let isWaiting = false
  for (const id of await listPending(gallery, Math.min(LEFT_IMAGE_MS, aloneMs), waiting)) {
    try {
      isWaiting ||= (await finishOne(deps, id, waiting)) === 'waits'
    } catch (fault) {
      waiting.signal.throwIfAborted()
      gallery.onDeferred('finish what a crash left', fault)
    }
  }
  if (isWaiting) throw packNotLoaded(packs.serving)
}

/** All at once: from page to page of a list that changes, some would be passed over. */
async function listPending(
  { records }: Pick<GalleryPorts, 'records'>,
  untouchedMs: number,
  waiting: { readonly signal: AbortSignal },
): Promise<readonly ImageId[]> {
  const query = { kind: 'pending-image', untouchedMs, skip: 0 } as const
  for (let limit = PART; ; limit *= 4) {
    const ids = await records.overdue.list({ ...query, limit }, waiting)
    if (ids.length < limit) return ids as readonly ImageId[]
  }
}

/** `waits`: nobody could describe it by the pack that serves. */
async function finishOne(
  deps: FinishLeftDeps,
  id: ImageId,
  waiting: { readonly signal: AbortSignal },
): Promise<'waits' | 'seen-to'> {
  const lacking = await finishLeftImage(deps.gallery, { id }, waiting)
  if (lacking.length === 0) return 'seen-to'
  const notLoaded: PackId[] = []
  const without: PackId[] = []
  for (const packId of lacking) {
    const outcome = await describeUnlessDeadly(deps, { imageId: id, packId }, waiting)
    if (outcome === 'not-loaded') notLoaded.push(packId)
    if (outcome === 'undescribed') without.push(packId)
  }
  // Read now: a look at the pictures before this one may have taken minutes.
  const serving = (await deps.redescribing.desk.readPacks(waiting))?.serving
  // One that does not serve cannot come to serve while it is not loaded, nor before it has described what is enrolled.
  without.push(...notLoaded.filter((packId) => packId !== serving))
  await finishLeftImage(deps.gallery, { id, without }, waiting)
  // Its own pack may have been dropped since it was begun: what that made of it goes now that another one has described it.
  deps.redescribing.desk.tidyOnceMore()
  return notLoaded.some((packId) => packId === serving) ? 'waits' : 'seen-to'
}
