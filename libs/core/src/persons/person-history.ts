import type { Feedback } from '../feedback/feedback.ts'
import { listFeedback } from '../feedback/list-feedback.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, ImportId, PersonId } from '../ids.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { findVisiblePerson } from './find-visible-person.ts'
import { listImagesOf, personsBehind } from './merged-persons.ts'

/** Of each kind, the newest so many. */
const MOST_OF_A_KIND = 100

/** Something that is known to have happened to a person; `at`: milliseconds since the epoch. */
export type PersonEvent = { readonly at: number } & (
  | { readonly kind: 'made' }
  /** The last change; what was before it is not kept. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'image-added'; readonly imageId: ImageId }
  /** Somebody else became part of this person. Of them only the id is left. */
  | { readonly kind: 'merged'; readonly otherId: PersonId }
  /** An import means this person; `at` is when it was begun. */
  | {
      readonly kind: 'imported'
      readonly importId: ImportId
      readonly name: string
      readonly isMade: boolean
    }
  | { readonly kind: 'feedback'; readonly feedback: Feedback }
)

interface HistoryDeps {
  readonly gallery: Pick<GalleryPorts, 'records' | 'clock'>
  /** Null where there are no imports. */
  readonly imports: ImportStore | null
}

/**
 * What the records know of a person, newest first; null if the person is not there to be seen. It is no log: images that
 * were deleted, changes but the last, and searches have left nothing behind.
 */
export async function readHistory(
  deps: HistoryDeps,
  personId: PersonId,
  waiting?: Waiting,
): Promise<readonly PersonEvent[] | null> {
  const { gallery } = deps
  const person = await findVisiblePerson(gallery, personId, waiting)
  if (person === null) return null
  const behind = await personsBehind(gallery.records, personId, waiting)
  const own: readonly PersonEvent[] = [
    { kind: 'made', at: person.createdAt },
    ...(person.updatedAt > person.createdAt ? [{ kind: 'changed', at: person.updatedAt } as const] : []),
  ]
  const others = await Promise.all([
    addedImages(gallery, personId, waiting),
    merges(gallery, behind.filter((id) => id !== personId).slice(0, MOST_OF_A_KIND), waiting),
    imported(deps, behind.slice(0, MOST_OF_A_KIND), waiting),
    said(gallery, personId, waiting),
  ])
  return [...own, ...others.flat()].toSorted((a, b) => b.at - a.at)
}

type Gallery = HistoryDeps['gallery']

async function addedImages(
  { records }: Gallery,
  personId: PersonId,
  waiting?: Waiting,
): Promise<readonly PersonEvent[]> {
  const request = { page: 1, size: MOST_OF_A_KIND }
  const { items } = await listImagesOf(records, { personId, request }, waiting)
  return items.map(({ id, createdAt }) => ({ kind: 'image-added', imageId: id, at: createdAt }))
}

/** Of whoever was merged, the record has the moment as its last change. */
async function merges(
  { records }: Gallery,
  ids: readonly PersonId[],
  waiting?: Waiting,
): Promise<readonly PersonEvent[]> {
  const found = ids.length === 0 ? [] : await records.persons.findMany(ids, waiting)
  return found.map(({ id, updatedAt }) => ({ kind: 'merged', otherId: id, at: updatedAt }))
}

async function imported(
  { imports }: HistoryDeps,
  ids: readonly PersonId[],
  waiting?: Waiting,
): Promise<readonly PersonEvent[]> {
  if (imports === null) return []
  const bound = new Map<ImportId, boolean>()
  for (const personId of ids)
    for (const { id, isMade } of await imports.persons.importsOf(personId, waiting))
      bound.set(id, isMade || bound.get(id) === true)
  const found = await Promise.all([...bound.keys()].map((id) => imports.records.find(id, waiting)))
  return found.flatMap((one) => {
    if (one === null || one.state === 'deleting') return []
    const { id, name, createdAt } = one
    return [{ kind: 'imported', importId: id, name, isMade: bound.get(id) === true, at: createdAt }]
  })
}

async function said(
  gallery: Gallery,
  personId: PersonId,
  waiting?: Waiting,
): Promise<readonly PersonEvent[]> {
  const wanted = { personId, before: null, size: MOST_OF_A_KIND }
  const { items } = await listFeedback(gallery, wanted, waiting)
  return items.map((feedback) => ({ kind: 'feedback', feedback, at: feedback.createdAt }))
}
