import { packInvalid, packNotLoaded } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, OperationId, PackId } from '../ids.ts'
import { comparePacks, isWorse } from '../packs/compare-packs.ts'
import { moveUnderWay } from '../packs/move-under-way.ts'
import type { PackDesk } from '../ports/pack-desk.ts'
import type { Waiting } from '../ports/waiting.ts'
import { compareSome } from '../reconciliation/compare-index.ts'
import { type BeginDeps, insertOperation } from './begin-operation.ts'
import { type DescribingDeps, describeFailed, describeLacking } from './describe-part.ts'
import type { Operation, OperationOf, RedescribeFindings, RedescribeParameters } from './operation.ts'
import type { StepOutcome } from './step.ts'

/** Images whose vectors one step compares with the store: a second or so. */
const COMPARED = 4_000

export interface RedescribeDeps extends DescribingDeps {
  readonly desk: PackDesk
}

export type BeginRedescribingOutcome =
  | { readonly outcome: 'begun'; readonly operation: Operation }
  /** That pack serves already. */
  | { readonly outcome: 'serving'; readonly packId: PackId }
  /** The gallery has another pack beside the one that serves: it has to be dropped first. */
  | { readonly outcome: 'busy'; readonly packId: PackId }
  /** One such operation has not ended. */
  | { readonly outcome: 'under-way'; readonly id: OperationId }

/** Begins to move the gallery to another pack. Throws E_PACK_INVALID for a pack that is not at hand. */
export async function beginRedescribing(
  deps: BeginDeps & { readonly desk: PackDesk },
  asked: { readonly id: OperationId; readonly pack: string } & Pick<
    RedescribeParameters,
    'share' | 'switches'
  >,
  waiting?: Waiting,
): Promise<BeginRedescribingOutcome> {
  const { id, pack, share, switches } = asked
  const earlier = await deps.operations.records.find(id, waiting)
  if (earlier !== null) return { outcome: 'begun', operation: earlier }
  const packId = await deps.desk.identify(pack)
  const packs = await deps.desk.readPacks(waiting)
  if (packs?.serving === packId) return { outcome: 'serving', packId }
  const other = packs?.other ?? null
  if (other !== null && other !== packId) return { outcome: 'busy', packId: other }
  const underWay = await moveUnderWay(deps.operations, waiting)
  if (underWay !== undefined) return { outcome: 'under-way', id: underWay.id }
  const { images } = await deps.gallery.records.countEnrolled(waiting)
  const parameters = { packId, share, switches, found: null }
  const draft = { id, kind: 'redescribe', parameters, state: 'running', total: images } as const
  const { operation } = await insertOperation(deps, draft, waiting)
  return { outcome: 'begun', operation }
}

/** Where an operation of this kind goes on, as its cursor has it. */
type Place =
  /**
   * Describes what is lacking behind `after`; `hadSome`: the pass has found some so far; `failed`: so many images the networks
   * failed on, in all passes of this operation. `of: 'failed'`: the pass that tries these once more, and is the last one. An older
   * version, which may lead next, takes it for one more pass over what is lacking.
   */
  | {
      readonly at: 'describe'
      readonly after: ImageId | null
      readonly hadSome: boolean
      readonly failed?: number
      readonly of?: 'failed'
    }
  /** Compares the new pack's index with the store behind `after`, and puts it right. */
  | { readonly at: 'check'; readonly after: ImageId | null }
  /** Compares the packs. */
  | { readonly at: 'judge' }
  /** The comparison is written down; lets the new one serve. */
  | { readonly at: 'switch' }
  /** The new one serves. Jobs that began before that may have enrolled images without it. `of`: as above. */
  | { readonly at: 'settle'; readonly after: ImageId | null; readonly of?: 'failed' }

export interface RedescribeStepDeps {
  readonly gallery: GalleryPorts
  /** Left out: this installation cannot move to another pack. */
  readonly redescribing?: RedescribeDeps | undefined
}

/**
 * Does a little more of the move. The images that lack a descriptor are asked for anew in each pass, and not written down at
 * the beginning: so whatever is enrolled meanwhile, and left half done by a crash, is met before the pack comes to serve.
 */
export async function redescribeSome(
  { gallery, redescribing }: RedescribeStepDeps,
  operation: OperationOf<'redescribe'>,
  waiting: { readonly signal: AbortSignal },
): Promise<StepOutcome> {
  const { packId } = operation.parameters
  if (redescribing === undefined) throw packInvalid(packId, 'this process cannot load a second pack')
  const deps = { gallery, redescribing }
  const place = operation.cursor === null ? null : (JSON.parse(operation.cursor) as Place)
  if (place === null) {
    if ((await redescribing.desk.begin(packId, waiting)) === 'busy')
      throw packInvalid(packId, 'the gallery has another one beside that which serves')
    return going({ at: 'describe', after: null, hadSome: false })
  }
  switch (place.at) {
    case 'describe':
      return describePart(deps, { operation, place }, waiting)
    case 'check':
      return checkSome(deps, { operation, place }, waiting)
    case 'judge':
      return judge(deps, operation, waiting)
    case 'switch':
      return switchOver(deps, packId, waiting)
    case 'settle':
      return settle(deps, { operation, place }, waiting)
  }
}

type Deps = { readonly gallery: GalleryPorts; readonly redescribing: RedescribeDeps }
type Redescribing = OperationOf<'redescribe'>

function going(place: Place, changes: StepOutcome['changes'] = {}, units = 0): StepOutcome {
  return { changes: { ...changes, cursor: JSON.stringify(place) }, units, isDone: false }
}

async function describePart(
  deps: Deps,
  { operation, place }: { readonly operation: Redescribing; readonly place: Place & { at: 'describe' } },
  waiting: { readonly signal: AbortSignal },
): Promise<StepOutcome> {
  const { packId } = operation.parameters
  // After a restart it may be that nobody has loaded it yet.
  await deps.redescribing.desk.begin(packId, waiting)
  if (place.of === 'failed') return describeFailedPart(deps, { operation, place }, waiting)
  const part = await describeLacking(deps, { packId, after: place.after }, waiting)
  const { units, last, isCut } = part
  const changes = { done: operation.done + units, skipped: operation.skipped + part.skipped }
  const sofar = { hadSome: place.hadSome || units > 0 || isCut, failed: (place.failed ?? 0) + part.failed }
  if (isCut) return going({ at: 'describe', after: place.after, ...sofar }, changes, units)
  if (last !== null) return going({ at: 'describe', after: last, ...sofar }, changes, units)
  // An image may have been enrolled behind the place where the pass was; a pass that finds nothing is the last one.
  if (sofar.hadSome) return going({ at: 'describe', after: null, ...sofar, hadSome: false }, changes, units)
  return going({ at: 'describe', after: null, ...sofar, hadSome: true, of: 'failed' }, changes, units)
}

/**
 * Networks that die fail on a few images before it is known that they are dead, and so no fault of these. Those of earlier
 * operations are tried, too.
 */
async function describeFailedPart(
  deps: Deps,
  { operation, place }: { readonly operation: Redescribing; readonly place: Place & { at: 'describe' } },
  waiting: { readonly signal: AbortSignal },
): Promise<StepOutcome> {
  const { packId } = operation.parameters
  const { mended, last, isCut } = await describeFailed(deps, { packId, after: place.after }, waiting)
  if (isCut) return going(place)
  const { failed = 0 } = place
  // Of those whom this operation has counted.
  const counted = Math.min(mended, failed)
  const changes = { skipped: operation.skipped - counted }
  if (last !== null) return going({ ...place, after: last, failed: failed - counted }, changes, mended)
  // Some were deleted meanwhile, and what a process had described that was killed in its step counts with nobody.
  const done = Math.max(operation.done, operation.total)
  return going({ at: 'check', after: null }, { ...changes, done }, mended)
}

/** Nothing that was described is missing in the index that is to serve, whatever a lost disk or an unfinished drop has left. */
async function checkSome(
  { gallery, redescribing }: Deps,
  { operation, place }: { readonly operation: Redescribing; readonly place: Place & { at: 'check' } },
  waiting: { readonly signal: AbortSignal },
): Promise<StepOutcome> {
  const { packId } = operation.parameters
  const copy = await redescribing.desk.copyOf(packId, waiting)
  if (copy === null) return going({ at: 'judge' })
  const { records, onDamage } = gallery
  const from = { after: place.after, atMost: COMPARED }
  const { last } = await compareSome({ records, copy, packId, onDamage }, from, { ...waiting, repair: true })
  return going(last === null ? { at: 'judge' } : { at: 'check', after: last })
}

async function judge(
  { gallery, redescribing }: Deps,
  operation: Redescribing,
  waiting: { readonly signal: AbortSignal },
): Promise<StepOutcome> {
  const { desk } = redescribing
  const { packId, share, switches } = operation.parameters
  const packs = await desk.readPacks(waiting)
  // An earlier run of this step came as far as this.
  if (packs?.serving === packId) return going({ at: 'settle', after: null })
  if (packs === null || (await desk.countUnready(packId)) > 0) throw packNotLoaded(packId)
  const known = async (id: PackId) => ({ packId: id, operatingPoint: await desk.operatingPoint(id) })
  const compared = { before: await known(packs.serving), after: await known(packId) }
  const comparison = await comparePacks(gallery, compared, waiting)
  const { images } = await gallery.records.countEnrolled(waiting)
  const undescribed = await gallery.records.descriptors.countUndescribed(packId, waiting)
  const counts = { images, undescribed, comparison }
  const held = heldBack(counts, { share, switches })
  const found: RedescribeFindings = { ...counts, held }
  const parameters = { ...operation.parameters, found }
  if (held !== null) return { changes: { parameters }, units: 0, isDone: true }
  return going({ at: 'switch' }, { parameters })
}

async function switchOver(
  { redescribing: { desk } }: Deps,
  packId: PackId,
  waiting: { readonly signal: AbortSignal },
): Promise<StepOutcome> {
  if (!(await desk.switchTo(packId, waiting))) {
    if ((await desk.readPacks(waiting))?.other === packId) throw packNotLoaded(packId)
    throw packInvalid(packId, 'it was dropped while the gallery was moving to it')
  }
  return going({ at: 'settle', after: null })
}

/** Why the new pack does not come to serve; null: it does. */
function heldBack(
  { images, undescribed, comparison }: Omit<RedescribeFindings, 'held'>,
  { share, switches }: Pick<RedescribeParameters, 'share' | 'switches'>,
): RedescribeFindings['held'] {
  if (!switches) return 'not-asked'
  if (images > 0 && images - undescribed < share * images) return 'too-few-described'
  return isWorse(comparison) ? 'finds-fewer' : null
}

async function settle(
  deps: Deps,
  { operation, place }: { readonly operation: Redescribing; readonly place: Place & { at: 'settle' } },
  waiting: { readonly signal: AbortSignal },
): Promise<StepOutcome> {
  const target = { packId: operation.parameters.packId, after: place.after }
  if (place.of === 'failed') {
    const { mended, last, isCut } = await describeFailed(deps, target, waiting)
    if (isCut) return going(place)
    if (last !== null) return going({ ...place, after: last }, {}, mended)
    return { changes: {}, units: mended, isDone: true }
  }
  const { units, last, isCut } = await describeLacking(deps, target, waiting)
  const changes = { done: operation.done + units }
  if (isCut) return going(place, changes, units)
  if (last !== null) return going({ at: 'settle', after: last }, changes, units)
  return going({ at: 'settle', after: null, of: 'failed' }, changes, units)
}
