import type { GalleryPorts } from '../gallery-ports.ts'
import type { OperationId, PersonId } from '../ids.ts'
import { inLanes } from '../in-lanes.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { matchingPersons } from '../persons/matching-persons.ts'
import { countImagesOf } from '../persons/merged-persons.ts'
import { isVisible } from '../persons/person.ts'
import type { PersonFilter } from '../persons/read-persons.ts'
import type { OperationStore } from '../ports/operation-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { inPortions } from '../records/in-portions.ts'
import { type BeginDeps, insertOperation } from './begin-operation.ts'
import type { Operation, OperationOf } from './operation.ts'
import type { StepOutcome } from './step.ts'

/** Persons of one step: a second or two of work, after which a cancellation is noticed. */
const PART = 100
/** Persons deleted side by side: each waits for the stores most of its time. */
const DELETED_AT_ONCE = 8

export interface PersonCount {
  readonly persons: number
  /** Enrolled pictures of these persons. */
  readonly images: number
}

/** How many persons a filter is about, and their pictures. */
export async function countPersons(
  gallery: Pick<GalleryPorts, 'records' | 'clock'>,
  filter: PersonFilter,
  waiting?: Waiting,
): Promise<PersonCount> {
  let [persons, images] = [0, 0]
  for await (const ids of matchingPersons(gallery, { filter }, waiting)) {
    persons += ids.length
    images += await countImagesOf(gallery.records, ids, waiting)
  }
  return { persons, images }
}

export type BeginDeletionOutcome =
  | { readonly outcome: 'begun'; readonly operation: Operation }
  /** Nothing was done. */
  | { readonly outcome: 'other-count'; readonly persons: number }

/**
 * Begins to delete all persons to whom the filter applies now, if there are `count` of them. Whom it is about is written
 * down before this resolves: who comes to match later is left alone.
 */
export async function beginDeletion(
  deps: BeginDeps,
  asked: { readonly id: OperationId; readonly filter: PersonFilter; readonly count: number },
  waiting?: Waiting,
): Promise<BeginDeletionOutcome> {
  const { id, filter, count } = asked
  // By the time that a request is repeated, persons are gone: it must not be taken for another count.
  const earlier = await deps.operations.records.find(id, waiting)
  if (earlier !== null) return { outcome: 'begun', operation: earlier }
  let persons = 0
  for await (const ids of matchingPersons(deps.gallery, { filter }, waiting)) persons += ids.length
  if (persons !== count) return { outcome: 'other-count', persons }
  const task = { kind: 'delete-persons', parameters: { filter } } as const
  const { isNew, operation } = await insertOperation(
    deps,
    { id, ...task, state: 'preparing', total: count },
    waiting,
  )
  return isNew ? prepare(deps, { operation, filter }) : { outcome: 'begun', operation }
}

/** A list that could not be written whole is not left behind: nobody would carry it out. */
async function prepare(
  deps: BeginDeps,
  asked: { readonly operation: Operation; readonly filter: PersonFilter },
): Promise<BeginDeletionOutcome> {
  try {
    return await writeTargets(deps, asked)
  } catch (fault) {
    // If this fails, too, the operation fails by itself once it has stood still for long.
    await deps.operations.records.forget(asked.operation.id).catch(() => {})
    throw fault
  }
}

/** It takes no signal: a caller that leaves half way must not leave half a list. */
async function writeTargets(
  { gallery, operations }: BeginDeps,
  { operation, filter }: { readonly operation: Operation; readonly filter: PersonFilter },
): Promise<BeginDeletionOutcome> {
  const { id, total } = operation
  let [persons, position] = [0, 0]
  for await (const ids of matchingPersons(gallery, { filter })) {
    persons += ids.length
    const parts = partsOf(ids).map((personIds) => ({ position: ++position, personIds }))
    if (parts.length > 0) await operations.targets.add(id, parts)
  }
  if (persons !== total) {
    await operations.records.forget(id)
    return { outcome: 'other-count', persons }
  }
  const running = { state: 'running', updatedAt: gallery.clock.now() } as const
  const begun = await operations.records.update(operation, running)
  return { outcome: 'begun', operation: begun ?? operation }
}

function partsOf(ids: readonly PersonId[]): readonly (readonly PersonId[])[] {
  const count = Math.ceil(ids.length / PART)
  return Array.from({ length: count }, (_, i) => ids.slice(i * PART, (i + 1) * PART))
}

interface DeletionDeps {
  readonly gallery: GalleryPorts
  readonly operations: OperationStore
}

/**
 * Deletes some of the persons. Its cursor is the position of the part that is done. A part that is done twice has no second
 * effect: who is gone counts as done.
 */
export async function deleteSomePersons(
  { gallery, operations }: DeletionDeps,
  operation: OperationOf<'delete-persons'>,
  waiting: Waiting,
): Promise<StepOutcome> {
  const { id, cursor, done, skipped, parameters } = operation
  const finished = Number(cursor ?? 0)
  await operations.targets.drop(id, finished, waiting)
  const part = await operations.targets.next(id, finished, waiting)
  if (part === null) return { changes: {}, units: 0, isDone: true }
  const visible = await visibleAmong(gallery, part.personIds, waiting)
  const matching = await matchingAmong(gallery, { ids: visible, filter: parameters.filter ?? {} }, waiting)
  // The erasure is done with here, and not left to run behind an answer that nobody waits for.
  const own = { ...gallery, background: undefined }
  let isStopped = false
  await inLanes(matching, { width: DELETED_AT_ONCE, signal: waiting.signal }, async (personId) => {
    // Whoever cancels or pauses it must not see a hundred more persons go.
    isStopped ||= (await operations.records.find(id, waiting))?.state !== 'running'
    if (!isStopped) await deletePerson(own, personId)
  })
  waiting.signal?.throwIfAborted()
  if (isStopped) return { changes: {}, units: 0, isDone: false }
  const units = part.personIds.length
  const left = skipped + visible.length - matching.length
  return {
    changes: { cursor: String(part.position), done: done + units, skipped: left },
    units,
    isDone: false,
  }
}

/** Those of these persons that can be read and seen: of any other nobody can tell whether the filter applies. */
async function visibleAmong(
  { records, clock }: GalleryPorts,
  ids: readonly PersonId[],
  waiting: Waiting,
): Promise<readonly PersonId[]> {
  const visible: PersonId[] = []
  const find = (some: readonly PersonId[]) => records.persons.findMany(some, waiting)
  for await (const found of inPortions(ids, find)) {
    const now = clock.now()
    visible.push(...found.filter((person) => isVisible(person, now)).map((person) => person.id))
  }
  return visible.toSorted()
}

/** Those of these persons, in order, to whom the filter still applies. */
async function matchingAmong(
  gallery: GalleryPorts,
  { ids, filter }: { readonly ids: readonly PersonId[]; readonly filter: PersonFilter },
  waiting: Waiting,
): Promise<readonly PersonId[]> {
  const [first, last] = [ids[0], ids.at(-1)]
  if (first === undefined || last === undefined) return []
  const wanted = new Set(ids)
  const matching: PersonId[] = []
  // A text that ends early comes before all that it begins, so that the first id itself is looked at.
  const query = { filter, after: first.slice(0, -1), upTo: last }
  for await (const some of matchingPersons(gallery, query, waiting))
    matching.push(...some.filter((id) => wanted.has(id)))
  return matching
}
