import { AppError } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { personsBehind } from './merged-persons.ts'
import type { Person } from './person.ts'

type Gallery = Pick<GalleryPorts, 'records' | 'clock' | 'bindInImports' | 'onDeferred'>

/**
 * Rows of imports that wait with the external id of somebody who goes mean that person, unless somebody else has it as well; and no
 * row that comes later, or came once they had expired, does. To be called before the mark: from then on nobody finds the person by
 * that id, and a waiting row would make them anew. Safe to run twice, and without effect on whoever does not go after all: the rows
 * would find the same person.
 *
 * Answers what does the same once more: for rows that come until a deletion is answered, after the mark. Throws what may pass, since
 * nothing is marked yet. Nobody stays for another fault, such as a damaged table; at worst such rows bring somebody back, and the
 * fault is told.
 */
export async function bindInImports(
  gallery: Gallery,
  id: PersonId,
  waiting?: Waiting,
): Promise<() => Promise<void>> {
  try {
    const bind = await bindingOf(gallery, id, waiting)
    await bind()
    return () => bind().catch((fault: unknown) => gallery.onDeferred(STEP, fault))
  } catch (fault) {
    if (fault instanceof AppError && fault.retryable) throw fault
    waiting?.signal?.throwIfAborted()
    gallery.onDeferred(STEP, fault)
    return async () => {}
  }
}

const STEP = 'bind-person-in-imports'

async function bindingOf(gallery: Gallery, id: PersonId, waiting?: Waiting): Promise<() => Promise<void>> {
  const bind = gallery.bindInImports
  const person = bind === undefined ? null : await gallery.records.persons.find(id, waiting)
  // Of whoever was marked before, rows that have come since mean somebody else.
  if (bind === undefined || person?.state !== 'live') return async () => {}
  const behind = await personsBehind(gallery.records, id, waiting)
  const beforeMs = person.expireAt ?? undefined
  return async () => {
    // Asked each time: somebody who was being merged into the person may be no more by the mark.
    const named = (await isSharedId(gallery, person, waiting)) ? null : person.externalId
    for (const one of behind)
      await bind({ id: one, externalId: one === id ? named : null, beforeMs }, waiting)
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
