import { AppError } from '../errors.ts'
import type { GalleryPorts, GoingByName } from '../gallery-ports.ts'
import type { PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { personsBehind } from './merged-persons.ts'
import type { Person } from './person.ts'
import { useUpPersonId } from './use-up-person-id.ts'

type Gallery = Pick<GalleryPorts, 'records' | 'clock' | 'bindInImports' | 'nowInImports' | 'onDeferred'>

/**
 * Rows of imports that wait with the external id of somebody who goes mean that person, unless somebody else has it as well; and no
 * row that comes later, or came once they had expired, does. To be called before the mark: from then on nobody finds the person by
 * that id, and a waiting row would make them anew. Safe to run twice, and without effect on whoever does not go after all: the rows
 * would find the same person.
 *
 * Answers what does the same once more: for rows that come until a deletion is answered, after the mark. What that one could not do,
 * `bindUpToMark` does. Throws what may pass, since nothing is marked yet. Nobody stays for another fault, such as a damaged table; at
 * worst such rows bring somebody back, and the fault is told.
 */
export async function bindInImports(
  gallery: Gallery,
  id: PersonId,
  waiting?: Waiting,
): Promise<() => Promise<void>> {
  try {
    const bind = await bindingOf(gallery, id, waiting)
    await bind('before the mark')
    return () => bind().catch((fault: unknown) => gallery.onDeferred(STEP, fault))
  } catch (fault) {
    throwIfPassing(fault, waiting)
    gallery.onDeferred(STEP, fault)
    return async () => {}
  }
}

function throwIfPassing(fault: unknown, waiting?: Waiting): void {
  if (fault instanceof AppError && fault.retryable) throw fault
  waiting?.signal?.throwIfAborted()
}

/**
 * The `updatedAt` of a mark that is about to be made, by the clock by which rows of imports are added: `bindUpToMark` goes by it. Throws
 * what may pass; for another fault nobody stays.
 */
export async function timeOfMark(
  { clock, nowInImports, onDeferred }: Pick<Gallery, 'clock' | 'nowInImports' | 'onDeferred'>,
  waiting?: Waiting,
): Promise<number> {
  try {
    return (await nowInImports?.(waiting)) ?? clock.now()
  } catch (fault) {
    throwIfPassing(fault, waiting)
    onDeferred(STEP, fault)
    return clock.now()
  }
}

/**
 * For a process that died, or met a fault, between the mark and the end of what `bindInImports` answers: rows that met the person
 * meanwhile, and were there before the mark, go with the person. What came later stays, as the deletion may have been answered by then.
 * So does a row that has the external id and met nobody: it makes somebody else, as does one that comes from whoever takes an import
 * back. To be called before the person is erased from the imports. Throws what may pass.
 */
export async function bindUpToMark(
  gallery: Pick<Gallery, 'records' | 'bindInImports' | 'onDeferred'>,
  id: PersonId,
  waiting?: Waiting,
): Promise<void> {
  const { records, bindInImports: seal } = gallery
  const person = seal === undefined ? null : await records.persons.find(id, waiting)
  if (person?.state !== 'deleting') return
  const beforeMs = Math.min(person.updatedAt, person.expireAt ?? Number.POSITIVE_INFINITY)
  try {
    for (const one of await personsBehind(records, id, waiting))
      await seal?.({ id: one, externalId: null, beforeMs }, waiting)
  } catch (fault) {
    throwIfPassing(fault, waiting)
    gallery.onDeferred(STEP, fault)
  }
}

const STEP = 'bind-person-in-imports'

type Bind = (when?: 'before the mark') => Promise<void>

async function bindingOf(gallery: Gallery, id: PersonId, waiting?: Waiting): Promise<Bind> {
  if (gallery.bindInImports === undefined) return async () => {}
  // Somebody else may delete the person once the record is read, and rows that are sent after that mean somebody else.
  const readAt = await gallery.nowInImports?.(waiting)
  const found = await gallery.records.persons.find(id, waiting)
  // Of whoever was marked before, rows that have come since mean somebody else.
  if (found !== null && found.state !== 'live') return async () => {}
  // Whoever cannot be read is deleted by the id alone.
  const person = found ?? { id, externalId: null, expireAt: null }
  const expireAt = person.expireAt ?? undefined
  const times = [readAt, expireAt].filter((at) => at !== undefined)
  return async (when) => {
    const beforeMs = when === undefined || times.length === 0 ? expireAt : Math.min(...times)
    // Asked each time: somebody who was being merged into the person may be no more by the mark.
    const named = (await isSharedId(gallery, person, waiting)) ? null : person.externalId
    for (const one of await personsBehind(gallery.records, id, waiting))
      await sealOne(gallery, { id: one, externalId: one === id ? named : null, beforeMs }, waiting)
  }
}

/** Rows whose import was to make somebody by the external id, and has not, mean the person as well: nobody is made any more then. */
async function sealOne(gallery: Gallery, going: GoingByName, waiting?: Waiting): Promise<void> {
  const toBeMade = (await gallery.bindInImports?.(going, waiting)) ?? []
  const insteadOf: PersonId[] = []
  for (const one of toBeMade) if (await isNeverMade(gallery, one, waiting)) insteadOf.push(one)
  if (insteadOf.length > 0) await gallery.bindInImports?.({ ...going, insteadOf }, waiting)
}

async function isNeverMade(gallery: Gallery, id: PersonId, waiting?: Waiting): Promise<boolean> {
  const there = await gallery.records.persons.find(id, waiting)
  if (there !== null) return there.state === 'gone'
  try {
    return await useUpPersonId(gallery, id, waiting)
  } catch (fault) {
    // Where there is no room for a tombstone, there is none for a person, and a deletion must not wait for room.
    if (fault instanceof AppError && fault.code === 'E_STORAGE_FULL') return true
    throw fault
  }
}

async function isSharedId(
  { records, clock }: Pick<Gallery, 'records' | 'clock'>,
  { id, externalId }: Pick<Person, 'id' | 'externalId'>,
  waiting?: Waiting,
): Promise<boolean> {
  if (externalId === null) return false
  const query = { externalId, nowMs: clock.now() }
  const { items } = await records.persons.list(query, { page: 1, size: 2 }, waiting)
  return items.some((one) => one.id !== id)
}
