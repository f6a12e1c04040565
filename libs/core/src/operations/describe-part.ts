import { hasWorkerDied, isNobodysFault, isTooSlow, packNotLoaded } from '../errors.ts'
import type { FailedTries } from '../failed-tries.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PackId } from '../ids.ts'
import { inLanes } from '../in-lanes.ts'
import { pause } from '../lead.ts'
import type { DescribeAgainOutcome } from '../packs/describe-again.ts'

export interface DescribingDeps {
  /** Images under way at once; 8 if left out. */
  readonly atOnce?: number | undefined
  /** Kept from step to step: pictures with which the networks, or a worker, may have died. */
  readonly failedTries: FailedTries
  /** Has one image described somewhere, as `describeAgain` does. */
  readonly describe: (
    asked: { readonly imageId: ImageId; readonly packId: PackId },
    waiting: { readonly signal: AbortSignal },
  ) => Promise<DescribeAgainOutcome>
}

/** Images of one step, or twice as many as are under way: seconds of work, after which a pause or a cancellation is noticed. */
const PART = 48
/** Images under way at once: enough that no thread waits for the store; the queue says how many run. */
const AT_ONCE = 8
/** Tries of an image that came to a process that cannot use the pack, and the wait before the next: another one may take it. */
const MOST_ELSEWHERE = 20
const ELSEWHERE_MS = 100
/** Tries of one image at which the networks fail, or no worker comes to an end. */
const MOST_TRIES = 3
/** The wait before the next of them; it doubles each time. Networks that are dead are known to be so by then. */
const FIRST_RETRY_MS = 500

type Deps = { readonly gallery: GalleryPorts; readonly redescribing: DescribingDeps }
type Place = { readonly packId: PackId; readonly after: ImageId | null }

/** What came of a part of the images. */
export interface DescribedPart {
  readonly units: number
  /** Those of which the pack makes nothing, whatever the reason. */
  readonly skipped: number
  /** Those of them on which the networks failed. */
  readonly failed: number
  /** Go on after this one; null: there is nothing behind. */
  readonly last: ImageId | null
  /** Some of the part are to be tried alone: go on where it began. */
  readonly isCut: boolean
}

/**
 * Describes images that nobody has described by this pack, behind `after`. Of those that were under way as the networks died, or a
 * worker, one may have done it: each is tried alone, one in a part, so that a pause is noticed between them.
 */
export async function describeLacking(
  deps: Deps,
  { packId, after }: Place,
  waiting: { readonly signal: AbortSignal },
): Promise<DescribedPart> {
  const query = { packId, after, limit: partOf(deps) }
  const { ids, last } = await deps.gallery.records.descriptors.listLacking(query, waiting)
  const { failedTries } = deps.redescribing
  const suspect = ids.find((imageId) => failedTries.of(nameOf({ imageId, packId })) > 0)
  const outcomes =
    suspect === undefined
      ? await describeSideBySide(deps, { packId, ids }, waiting)
      : [await describeOne(deps, { imageId: suspect, packId, isAlone: true }, waiting)].filter(isKnown)
  const undescribed = outcomes.filter((one) => one.outcome === 'undescribed')
  const failed = undescribed.filter(({ why }) => why === 'failed').length
  const isCut = outcomes.length < ids.length
  return { units: outcomes.length, skipped: undescribed.length, failed, last, isCut }
}

/**
 * Tries an image once more on which the networks have failed, alone; `mended`: so many are described now, or gone. `last` as in
 * `DescribedPart`; the place where it began means that the image is to be tried again.
 */
export async function describeFailed(
  deps: Deps,
  { packId, after }: Place,
  waiting: { readonly signal: AbortSignal },
): Promise<{ readonly mended: number; readonly last: ImageId | null; readonly isCut: boolean }> {
  const limit = partOf(deps)
  const found = await deps.gallery.records.descriptors.listUndescribed({ packId, after, limit }, waiting)
  const failed = found.find(({ why }) => why === 'failed')
  const behind = found.length < limit ? null : (found.at(-1)?.imageId ?? null)
  if (failed === undefined) return { mended: 0, last: behind, isCut: false }
  const { imageId } = failed
  const outcome = await describeOne(deps, { imageId, packId, isAlone: true, isNoted: true }, waiting)
  if (outcome === null) return { mended: 0, last: after, isCut: true }
  const isLast = behind === null && found.at(-1)?.imageId === imageId
  return { mended: outcome.outcome === 'undescribed' ? 0 : 1, last: isLast ? null : imageId, isCut: false }
}

function partOf({ redescribing: { atOnce = AT_ONCE } }: Deps): number {
  return Math.max(PART, 2 * atOnce)
}

/** What came of those that need not be tried alone. */
async function describeSideBySide(
  deps: Deps,
  { packId, ids }: { readonly packId: PackId; readonly ids: readonly ImageId[] },
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly DescribeAgainOutcome[]> {
  const { atOnce = AT_ONCE } = deps.redescribing
  const outcomes: DescribeAgainOutcome[] = []
  await inLanes(ids, { width: atOnce, signal }, async (imageId) => {
    const outcome = await describeOne(deps, { imageId, packId, isAlone: false }, { signal })
    if (outcome !== null) outcomes.push(outcome)
  })
  return outcomes
}

interface Described {
  readonly imageId: ImageId
  readonly packId: PackId
  /** No other picture of the move is under way. */
  readonly isAlone: boolean
  /** It has failed before, so often that it was noted. */
  readonly isNoted?: boolean
}

/**
 * A picture on which the networks fail again and again is noted, and keeps nobody waiting. Null: it may have ended a worker, as others
 * that this one had may have, and is to be tried alone, or alone once more.
 */
async function describeOne(
  { gallery, redescribing }: Deps,
  { isAlone, isNoted = false, ...target }: Described,
  waiting: { readonly signal: AbortSignal },
): Promise<DescribeAgainOutcome | null> {
  const { failedTries } = redescribing
  const name = nameOf(target)
  let elsewhere = 0
  for (let tries = 1 + failedTries.of(name); ; tries++) {
    try {
      const outcome = await redescribing.describe(target, waiting)
      if (outcome.outcome !== 'not-loaded') {
        failedTries.forget(name)
        return outcome
      }
      if (++elsewhere >= MOST_ELSEWHERE) throw packNotLoaded(target.packId)
      tries--
      await pause(ELSEWHERE_MS, waiting.signal)
    } catch (fault) {
      if (waiting.signal.aborted || isNobodysFault(fault)) throw fault
      // A worker that is started again after each death, a little later each time, may not come to the end of a job in time.
      const isOfWorker = hasWorkerDied(fault) || isTooSlow(fault)
      const isEnough = tries >= MOST_TRIES || (isNoted && isOfWorker)
      const isOver = isEnough && (isAlone || !isOfWorker)
      if (!isOver) {
        // Kept whatever comes next: it may have been this picture that the networks, or the worker, died of.
        failedTries.note(name, tries)
        if (isTooSlow(fault)) gallery.onDeferred('describe a picture again', fault)
        if (isOfWorker) return null
        await pause(FIRST_RETRY_MS * 2 ** (tries - 1), waiting.signal)
        continue
      }
      failedTries.forget(name)
      gallery.onDeferred('describe a picture again', fault)
      await gallery.records.descriptors.note({ ...target, why: 'failed' }, waiting)
      return { outcome: 'undescribed', why: 'failed' }
    }
  }
}

function isKnown(outcome: DescribeAgainOutcome | null): outcome is DescribeAgainOutcome {
  return outcome !== null
}

function nameOf({ imageId, packId }: { readonly imageId: ImageId; readonly packId: PackId }): string {
  return `${packId} ${imageId}`
}
