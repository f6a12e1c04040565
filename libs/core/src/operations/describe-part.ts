import { AppError, hasWorkerDied, packNotLoaded } from '../errors.ts'
import type { FailedTries } from '../failed-tries.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PackId } from '../ids.ts'
import { inLanes } from '../in-lanes.ts'
import { pause } from '../lead.ts'
import type { DescribeAgainOutcome } from '../packs/describe-again.ts'

export interface DescribingDeps {
  /** Images under way at once; 8 if left out. */
  readonly atOnce?: number | undefined
  /** Kept from step to step: pictures on which the networks failed, and that were away right after it. Left out: each step begins anew. */
  readonly failedTries?: FailedTries | undefined
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
/** Tries of one image whose networks fail, in one step. */
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
}

/** Describes images that nobody has described by this pack, behind `after`. */
export async function describeLacking(
  deps: Deps,
  { packId, after }: Place,
  waiting: { readonly signal: AbortSignal },
): Promise<DescribedPart> {
  const query = { packId, after, limit: partOf(deps) }
  const { ids, last } = await deps.gallery.records.descriptors.listLacking(query, waiting)
  const outcomes = await describeAll(deps, { packId, ids }, waiting)
  const undescribed = outcomes.filter((one) => one.outcome === 'undescribed')
  const failed = undescribed.filter(({ why }) => why === 'failed').length
  return { units: ids.length, skipped: undescribed.length, failed, last }
}

/** Tries images once more on which the networks have failed; `mended`: so many of them are described now, or gone. */
export async function describeFailed(
  deps: Deps,
  { packId, after }: Place,
  waiting: { readonly signal: AbortSignal },
): Promise<{ readonly mended: number; readonly last: ImageId | null }> {
  const limit = partOf(deps)
  const found = await deps.gallery.records.descriptors.listUndescribed({ packId, after, limit }, waiting)
  const ids = found.filter(({ why }) => why === 'failed').map(({ imageId }) => imageId)
  const outcomes = await describeAll(deps, { packId, ids }, waiting)
  const mended = outcomes.filter(({ outcome }) => outcome !== 'undescribed').length
  return { mended, last: found.length < limit ? null : (found.at(-1)?.imageId ?? null) }
}

function partOf({ redescribing: { atOnce = AT_ONCE } }: Deps): number {
  return Math.max(PART, 2 * atOnce)
}

async function describeAll(
  deps: Deps,
  { packId, ids }: { readonly packId: PackId; readonly ids: readonly ImageId[] },
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly DescribeAgainOutcome[]> {
  const { atOnce = AT_ONCE, failedTries } = deps.redescribing
  const outcomes: DescribeAgainOutcome[] = []
  const describe = async (imageId: ImageId, isAlone: boolean) => {
    const outcome = await describeOne(deps, { imageId, packId, isAlone }, { signal })
    if (outcome !== null) outcomes.push(outcome)
    return outcome !== null
  }
  const describeAlone = async (imageId: ImageId) => void (await describe(imageId, true))
  // Of pictures that were under way as the networks died, or a worker, one may have done it: each is tried alone.
  const isSuspected = (imageId: ImageId) => (failedTries?.of(nameOf({ imageId, packId })) ?? 0) > 0
  await inLanes(ids.filter(isSuspected), { width: 1, signal }, describeAlone)
  const others = ids.filter((imageId) => !isSuspected(imageId))
  const suspects: ImageId[] = []
  await inLanes(others, { width: atOnce, signal }, async (imageId) => {
    if (!(await describe(imageId, false))) suspects.push(imageId)
  })
  await inLanes(suspects, { width: 1, signal }, describeAlone)
  return outcomes
}

/**
 * A picture on which the networks fail again and again is noted, and keeps nobody waiting. Null: a worker died that had others as well,
 * and the picture is to be tried alone.
 */
async function describeOne(
  { gallery, redescribing }: Deps,
  { isAlone, ...target }: { readonly imageId: ImageId; readonly packId: PackId; readonly isAlone: boolean },
  waiting: { readonly signal: AbortSignal },
): Promise<DescribeAgainOutcome | null> {
  const { failedTries } = redescribing
  const name = nameOf(target)
  let elsewhere = 0
  for (let tries = 1 + (failedTries?.of(name) ?? 0); ; tries++) {
    try {
      const outcome = await redescribing.describe(target, waiting)
      if (outcome.outcome !== 'not-loaded') {
        failedTries?.forget(name)
        return outcome
      }
      if (++elsewhere >= MOST_ELSEWHERE) throw packNotLoaded(target.packId)
      tries--
      await pause(ELSEWHERE_MS, waiting.signal)
    } catch (fault) {
      if (waiting.signal.aborted) throw fault
      if (isNobodysFault(fault)) {
        // It may have been this picture that the networks died of.
        if (tries > 1 && isEngineAway(fault)) failedTries?.note(name, tries - 1)
        throw fault
      }
      if (!isAlone && hasWorkerDied(fault)) return null
      if (tries < MOST_TRIES) {
        await pause(FIRST_RETRY_MS * 2 ** (tries - 1), waiting.signal)
        continue
      }
      failedTries?.forget(name)
      gallery.onDeferred('describe a picture again', fault)
      await gallery.records.descriptors.note({ ...target, why: 'failed' }, waiting)
      return { outcome: 'undescribed', why: 'failed' }
    }
  }
}

function nameOf({ imageId, packId }: { readonly imageId: ImageId; readonly packId: PackId }): string {
  return `${packId} ${imageId}`
}

function isEngineAway({ code }: AppError): boolean {
  return code === 'E_ENGINE_UNAVAILABLE' || code === 'E_NO_WORKER'
}

/** Something that every image needs is away or full, or the networks answer to no picture. */
function isNobodysFault(fault: unknown): fault is AppError {
  return fault instanceof AppError && fault.retryable && fault.code !== 'E_ENGINE_FAILED'
}
