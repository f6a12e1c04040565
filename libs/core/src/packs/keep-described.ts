import { packNotLoaded } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import { type ImageId, leastUuidAt, type PackId } from '../ids.ts'
import { pause } from '../lead.ts'
import type { RedescribeDeps } from '../operations/redescribe.ts'
import type { OperationStore } from '../ports/operation-store.ts'
import { describeUnlessDeadly } from './describe-unless-deadly.ts'
import { finishLeft } from './finish-left.ts'
import { hasMoved } from './gallery-packs.ts'
import { moveUnderWay } from './move-under-way.ts'

export interface KeepDescribedDeps {
  readonly gallery: GalleryPorts
  readonly operations: Pick<OperationStore, 'records'>
  readonly redescribing: RedescribeDeps
}

const EVERY_MS = 30_000
const MINUTE_MS = 60_000
/** Younger images may be with the job that enrolled them. */
const SETTLED_MS = MINUTE_MS
/** Looked at again and again, beyond the last look that went well. Longer would be much in an import. */
const LOOK_BACK_MS = 10 * MINUTE_MS
/** Whoever leads next looks back as far as nobody may have led. */
const FIRST_LOOK_BACK_MS = 24 * 60 * MINUTE_MS
const PART = 50

/**
 * While a gallery has had two packs: a picture whose process died after it was enrolled, and before every pack had described
 * it, is described by those that are lacking, and finished if it was not enrolled yet. And what is left of dropped packs goes. Until
 * the signal aborts.
 */
export async function keepDescribed(
  deps: KeepDescribedDeps,
  signal: AbortSignal,
  everyMs = EVERY_MS,
): Promise<void> {
  const { clock, onDeferred } = deps.gallery
  let doneMs = clock.now() - FIRST_LOOK_BACK_MS
  const deferring = async (what: string, work: () => Promise<void>) => {
    try {
      await work()
    } catch (fault) {
      if (!signal.aborted) onDeferred(what, fault)
    }
  }
  while (!signal.aborted) {
    // First: a look at what is enrolled may be held up by one picture, and nobody sees these until then.
    await deferring('finish what a crash left', () => finishLeft(deps, { signal }))
    await deferring('describe what a crash left', async () => {
      const now = clock.now()
      await deps.redescribing.desk.tidyAway({ signal })
      await describeLeft(deps, LOOK_BACK_MS + Math.max(0, now - doneMs), { signal })
      doneMs = now
    })
    await pause(everyMs, signal)
  }
}

/**
 * Describes images of the last `lookBackMs` that lack a pack, but for those of the last minute; answers how many. Throws E_NO_WORKER
 * at the end if nobody could describe some by a pack.
 */
export async function describeLeft(
  { gallery, operations, redescribing }: KeepDescribedDeps,
  lookBackMs: number,
  waiting: { readonly signal: AbortSignal },
): Promise<number> {
  const packs = await redescribing.desk.readPacks(waiting)
  if (packs === null || !hasMoved(packs)) return 0
  // An operation that describes everything meets these, too.
  const isMoving = (await moveUnderWay(operations, waiting)) !== undefined
  const lacking = [packs.serving, ...(packs.other === null || isMoving ? [] : [packs.other])]
  const now = gallery.clock.now()
  const [from, to] = [leastUuidAt(now - lookBackMs), leastUuidAt(now - SETTLED_MS)]
  let described = 0
  let notLoaded: PackId | null = null
  for (const packId of lacking) {
    for (const imageId of await listLeft(gallery, { packId, from, to }, waiting)) {
      const outcome = await describeUnlessDeadly({ gallery, redescribing }, { imageId, packId }, waiting)
      if (outcome === 'described') described++
      if (outcome === 'not-loaded') notLoaded = packId
    }
  }
  if (notLoaded !== null) throw packNotLoaded(notLoaded)
  return described
}

async function listLeft(
  { records }: Pick<GalleryPorts, 'records'>,
  { packId, from, to }: { readonly packId: PackId; readonly from: string; readonly to: string },
  waiting: { readonly signal: AbortSignal },
): Promise<readonly ImageId[]> {
  const ids: ImageId[] = []
  for (let after: ImageId | null = from as ImageId; after !== null && after < to; ) {
    const query = { packId, after, limit: PART }
    const part: Awaited<ReturnType<typeof records.descriptors.listLacking>> =
      await records.descriptors.listLacking(query, waiting)
    ids.push(...part.ids.filter((id) => id < to))
    after = part.last
  }
  return ids
}
