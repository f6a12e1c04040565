import { finishAfterAnswer, type GalleryPorts } from '../gallery-ports.ts'
import type { PersonId } from '../ids.ts'
import { eraseImage } from '../images/delete-image.ts'
import { inLanes } from '../in-lanes.ts'
import type { MergedPerson } from '../ports/person-records.ts'
import type { Waiting } from '../ports/waiting.ts'
import { bindInImports, bindUpToMark, timeOfMark } from './bind-in-imports.ts'
import { changePerson } from './change-person.ts'
import { changeSettled } from './change-settled.ts'
import { mergedIntoOf, personsBehind } from './merged-persons.ts'
import { isVisible, type Person } from './person.ts'

export type DeletePersonOutcome = { readonly outcome: 'deleted' } | { readonly outcome: 'person-not-found' }

/** Images listed at a time: a person may have thousands. */
const PART = 50
interface ErasureOptions {
  readonly atMost: number
  /** All that `bindUpToMark` would do has been done. */
  readonly isBound?: boolean
  readonly signal?: AbortSignal | undefined
}

type ErasingGallery = Pick<
  GalleryPorts,
  | 'records'
  | 'index'
  | 'pictures'
  | 'clock'
  | 'bindInImports'
  | 'eraseFromImports'
  | 'eraseFromOperations'
  | 'onDeferred'
>

/** Images of a person erased side by side: each waits for the stores most of its time. */
const ERASED_AT_ONCE = 4

/**
 * The person is invisible for good once this resolves, whatever happens after; the erasure follows at once. A record
 * that cannot be read is deleted by its id alone: nobody can tell whether it was visible.
 */
export async function deletePerson(
  given: GalleryPorts,
  id: PersonId,
  waiting?: Waiting,
): Promise<DeletePersonOutcome> {
  const gallery = { ...given, onDeferred: tellingOnce(given.onDeferred) }
  const now = gallery.clock.now()
  const bindAgain = await bindInImports(gallery, id, waiting)
  const decide = async (person: Person) =>
    isVisible(person, now)
      ? ({ state: 'deleting', updatedAt: await timeOfMark(gallery, waiting) } as const)
      : null
  const marked = await changeSettled(gallery, { id, decide }, waiting)
  if (marked === null && !(await markUnreadable(gallery, id, waiting))) return { outcome: 'person-not-found' }
  if (marked !== null) await bindAgain()
  await finishAfterAnswer(gallery, 'erase-person', async ({ signal }) => {
    while (!(await erasePerson(gallery, id, { atMost: PART, signal }))) signal?.throwIfAborted()
  })
  return { outcome: 'deleted' }
}

/** A store that is broken is met at each of many steps of an erasure. */
function tellingOnce(tell: GalleryPorts['onDeferred']): GalleryPorts['onDeferred'] {
  const told = new Set<string>()
  return (step, ...fault) => {
    if (told.has(step)) return
    told.add(step)
    tell(step, ...fault)
  }
}

async function markUnreadable(gallery: GalleryPorts, id: PersonId, waiting?: Waiting): Promise<boolean> {
  const updatedAt = await timeOfMark(gallery, waiting)
  return gallery.records.persons.markUnreadable({ id, updatedAt }, waiting)
}

/**
 * Erases what a `deleting` person owns, with all who were merged into them, then the person. Answers false, to be called
 * again, when it has stopped after `atMost` images.
 */
export async function erasePerson(
  gallery: ErasingGallery,
  id: PersonId,
  options: ErasureOptions,
): Promise<boolean> {
  await eraseNames(gallery, id, options)
  for (const merged of await gallery.records.persons.listMerged([id], options)) {
    if (merged.state === 'live') continue
    await markMerged(gallery, merged, options)
    if (!(await erasePerson(gallery, merged.id, options))) return false
  }
  const images = await gallery.records.images.listIds(id, options)
  await inLanes(images.slice(0, options.atMost), { width: ERASED_AT_ONCE }, async (image) => {
    const isMarked = await gallery.records.images.move(
      image,
      { from: ['pending', 'ready'], to: 'deleting' },
      options,
    )
    // Its state may be one that no version knows.
    if (!isMarked) await gallery.records.images.markUnreadable({ id: image, personId: id }, options)
    await eraseImage(gallery, image, options)
  })
  if (images.length > options.atMost) return false
  await gallery.records.feedback.erase(id, options)
  await eraseFromImports(gallery, { id, behind: [id] }, options)
  await gallery.eraseFromOperations?.(id, options)
  await buryPerson(gallery, id, options)
  return true
}

/**
 * Names and pictures that wait in imports do not wait for thousands of images, nor for a store of theirs that is away. A fault here
 * keeps no image: the same is done once more, for what came since, before the person is buried.
 */
async function eraseNames(gallery: ErasingGallery, id: PersonId, options: ErasureOptions): Promise<void> {
  if (gallery.eraseFromImports === undefined) return
  const behind = await personsBehind(gallery.records, id, options)
  try {
    await eraseFromImports(gallery, { id, behind }, options)
  } catch (fault) {
    options.signal?.throwIfAborted()
    gallery.onDeferred('erase-person-from-imports', fault)
  }
}

async function eraseFromImports(
  gallery: ErasingGallery,
  { id, behind }: { readonly id: PersonId; readonly behind: readonly PersonId[] },
  options: ErasureOptions,
): Promise<void> {
  if (options.isBound !== true) await bindUpToMark(gallery, id, options)
  for (const one of behind) await gallery.eraseFromImports?.(one, options)
}

/**
 * Whoever merges them just now sees the mark of the one they were merged into, and leaves them deleted. They go with that one, as of the
 * same time: see `bindUpToMark`.
 */
async function markMerged(
  gallery: Pick<GalleryPorts, 'records' | 'index'>,
  { id, mergedInto }: MergedPerson,
  waiting: Waiting,
): Promise<void> {
  const into = await gallery.records.persons.find(mergedInto, waiting)
  const marked = { state: 'deleting', ...(into === null ? {} : { updatedAt: into.updatedAt }) } as const
  const decide = (person: Person) => (mergedIntoOf(person) === mergedInto ? marked : null)
  await changePerson(gallery, { id, decide }, waiting)
}

async function buryPerson(
  gallery: Pick<GalleryPorts, 'records' | 'index' | 'clock'>,
  id: PersonId,
  waiting: Waiting,
): Promise<void> {
  const decide = ({ state }: Person) => (state === 'deleting' ? ({ state: 'gone' } as const) : null)
  const buried = await changePerson(gallery, { id, decide }, waiting)
  if (buried !== null) return
  // Damaged since it was marked.
  const updatedAt = gallery.clock.now()
  const isMarked = await gallery.records.persons.markUnreadable({ id, updatedAt }, waiting)
  if (isMarked) await changePerson(gallery, { id, decide }, waiting)
}
