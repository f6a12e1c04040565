import type { GalleryPorts } from '../gallery-ports.ts'
import { findLiveGroups } from '../groups/live-groups.ts'
import type { GroupId, ImageId, OperationId, PersonId } from '../ids.ts'
import type { OperationStore } from '../ports/operation-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { inPortions } from '../records/in-portions.ts'
import { type BeginDeps, insertOperation } from './begin-operation.ts'
import type { ComparedImages, CompareImagesRequest } from './compare-images.ts'
import type { DuplicatePair } from './duplicate-pair.ts'
import { handOverPairs } from './hand-over-pairs.ts'
import type { FindDuplicatesParameters, Operation, OperationOf } from './operation.ts'
import type { StepOutcome } from './step.ts'

/** Pairs that one search keeps, but for those of its last step: 30 MB. So many persons are no duplicates, but a threshold that is too wide. */
const MOST_PAIRS = 100_000
/** Pairs that are written in one call. */
const WRITTEN_AT_ONCE = 500

export type BeginDuplicatesOutcome =
  | { readonly outcome: 'begun'; readonly operation: Operation }
  | { readonly outcome: 'unknown-groups'; readonly groups: readonly GroupId[] }

/** Begins to look for persons who are enrolled twice. */
export async function beginDuplicateSearch(
  deps: BeginDeps,
  asked: FindDuplicatesParameters & { readonly id: OperationId },
  waiting?: Waiting,
): Promise<BeginDuplicatesOutcome> {
  const { id, threshold } = asked
  const groupIds = [...new Set(asked.groupIds)]
  const live = await findLiveGroups(deps.gallery, groupIds, waiting)
  const unknown = groupIds.filter((group) => !live.has(group))
  if (unknown.length > 0) return { outcome: 'unknown-groups', groups: unknown }
  const { images } = await deps.gallery.records.countEnrolled(waiting)
  const task = { kind: 'find-duplicates', parameters: { threshold, groupIds } } as const
  const draft = { id, ...task, state: 'running', total: images } as const
  const { operation } = await insertOperation(deps, draft, waiting)
  return { outcome: 'begun', operation }
}

export interface DuplicatesDeps {
  readonly gallery: Pick<GalleryPorts, 'records'>
  readonly operations: Pick<OperationStore, 'pairs'>
  /** Has some images compared somewhere, for a second or so: see `compareImages`. */
  readonly compareImages: (
    request: CompareImagesRequest,
    waiting: { readonly signal: AbortSignal },
  ) => Promise<ComparedImages>
}

/** Compares some more images. Its cursor is the last image that was compared. */
export async function findSomeDuplicates(
  deps: DuplicatesDeps,
  operation: OperationOf<'find-duplicates'>,
  waiting: { readonly signal: AbortSignal },
): Promise<StepOutcome> {
  const { id, cursor, done, parameters } = operation
  const request = { ...parameters, after: cursor as ImageId | null }
  const { pairs, images, last } = await deps.compareImages(request, waiting)
  for (let at = 0; at < pairs.length; at += WRITTEN_AT_ONCE)
    await deps.operations.pairs.add(id, pairs.slice(at, at + WRITTEN_AT_ONCE), waiting)
  await followPersons(deps, pairs, waiting)
  const isLimitReached = last !== null && (await deps.operations.pairs.count(id, waiting)) >= MOST_PAIRS
  return {
    changes: { cursor: last ?? cursor, done: done + images, isLimitReached },
    units: images,
    isDone: last === null || isLimitReached,
  }
}

/**
 * Whoever is deleted or merged is marked first, and the pairs go away or over after that. So either that finds the pairs just
 * written, or the mark is seen here.
 */
async function followPersons(
  { gallery, operations }: DuplicatesDeps,
  pairs: readonly DuplicatePair[],
  waiting: Waiting,
): Promise<void> {
  const ids = [...new Set(pairs.flatMap(({ personId, otherId }) => [personId, otherId]))]
  const gone = new Set(ids)
  const find = (some: readonly PersonId[]) => gallery.records.persons.findMany(some, waiting)
  for await (const found of inPortions(ids, find))
    for (const person of found) if (person.state === 'live') gone.delete(person.id)
  const handOver = { records: gallery.records, pairs: operations.pairs }
  for (const id of gone) await handOverPairs(handOver, id, waiting)
}
