import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PersonId } from '../ids.ts'
import type { EnrolledImage } from '../images/image.ts'
import { hasMoved } from '../packs/gallery-packs.ts'
import type { PageRequest } from '../page.ts'
import { findVisiblePerson } from '../persons/find-visible-person.ts'
import { findOwners, listImagesOf } from '../persons/merged-persons.ts'
import { isVisible } from '../persons/person.ts'
import type { FaceEngine } from '../ports/face-engine.ts'
import type { ObserveStage } from '../ports/observer.ts'
import type { Waiting } from '../ports/waiting.ts'
import { byNearest, type IdentifiedPerson, type IdentifyQuery, identify, nearestImages } from './identify.ts'
import { type Probe, probeOf } from './probe.ts'
import { aimSearch, type SearchReach } from './search-reach.ts'

/** Somebody or something in the gallery already, whose stored descriptors are the probes. */
export type EnrolledProbe =
  | { readonly kind: 'person'; readonly personId: PersonId }
  | { readonly kind: 'image'; readonly imageId: ImageId }

export interface SearchEnrolledRequest extends IdentifyQuery {
  readonly enrolled: EnrolledProbe
  /** The person asked with is among the answers, too. */
  readonly includeSelf: boolean
}

export type SearchEnrolledOutcome =
  /** Nobody if the person has no image to search with. */
  | {
      readonly outcome: 'searched'
      readonly persons: readonly IdentifiedPerson[]
      /** Left out if the search was asked for a distance, as by workers of an earlier release. */
      readonly reach?: SearchReach
    }
  | { readonly outcome: 'person-not-found' }
  | { readonly outcome: 'image-not-found' }

export interface SearchEnrolledDeps {
  readonly gallery: Pick<GalleryPorts, 'records' | 'index' | 'clock' | 'onDamage'>
  /** The engine only tells what a cosine means: nothing is decoded or described. */
  readonly engine: Pick<FaceEngine, 'calibration' | 'packId'>
  readonly observe: ObserveStage
}

const PAGE_SIZE = 1000

/**
 * Who else looks like this enrolled person, or image? Of a person every image is a probe, and whoever is found counts
 * by the nearest of all pairs. Stored descriptors are rich on both sides, which has an operating point of its own.
 */
export async function searchEnrolled(
  deps: SearchEnrolledDeps,
  request: SearchEnrolledRequest,
  waiting?: Waiting,
): Promise<SearchEnrolledOutcome> {
  const { gallery, engine, observe } = deps
  const probes = await findProbes(gallery, request.enrolled, waiting)
  if (probes.outcome !== 'found') return probes
  const begun = performance.now()
  const wanted = { ...request, exclude: request.includeSelf ? [] : [probes.personId] }
  const aim = { query: wanted, pairing: 'richRich', probes: probes.imageIds.length } as const
  const { query, reach } = await aimSearch(deps, aim, waiting)
  let persons: readonly IdentifiedPerson[] = []
  for (const imageId of probes.imageIds) {
    const face = await readyFace(deps, imageId, waiting)
    if (face === null) continue
    const probe = probeOf(engine.calibration, 'richRich', face)
    const found = await identifyIfUsable(gallery, { imageId, probe, query }, waiting)
    persons = merge(persons, found, request.limit)
  }
  observe('index', (performance.now() - begun) / 1000)
  return { outcome: 'searched', persons, ...(reach === null ? {} : { reach }) }
}

type Probes =
  | { readonly outcome: 'found'; readonly personId: PersonId; readonly imageIds: readonly ImageId[] }
  | Exclude<SearchEnrolledOutcome, { outcome: 'searched' }>

async function findProbes(
  gallery: SearchEnrolledDeps['gallery'],
  enrolled: EnrolledProbe,
  waiting?: Waiting,
): Promise<Probes> {
  if (enrolled.kind === 'image') {
    const [image] = await gallery.records.images.findMany([enrolled.imageId], waiting)
    if (image?.state !== 'ready') return { outcome: 'image-not-found' }
    const owners = await findOwners(gallery.records, { ids: [image.personId] }, waiting)
    const owner = owners.get(image.personId)
    if (owner === undefined || !isVisible(owner, gallery.clock.now())) return { outcome: 'image-not-found' }
    return { outcome: 'found', personId: owner.id, imageIds: [image.id] }
  }
  const person = await findVisiblePerson(gallery, enrolled.personId, waiting)
  if (person === null) return { outcome: 'person-not-found' }
  return {
    outcome: 'found',
    personId: person.id,
    imageIds: await allReadyImages(gallery, person.id, waiting),
  }
}

async function allReadyImages(
  gallery: SearchEnrolledDeps['gallery'],
  personId: PersonId,
  waiting?: Waiting,
): Promise<readonly ImageId[]> {
  const ids: ImageId[] = []
  let request: PageRequest = { page: 1, size: PAGE_SIZE }
  for (;;) {
    const images = await listImagesOf(gallery.records, { personId, request }, waiting)
    ids.push(...images.items.map(({ id }) => id))
    if (images.nextCursor === null) return ids
    request = { ...request, cursor: images.nextCursor }
  }
}

/** Nobody for a stored descriptor that cannot be compared with others: the person's further images are asked all the same. */
async function identifyIfUsable(
  gallery: SearchEnrolledDeps['gallery'],
  search: { readonly imageId: ImageId; readonly probe: Probe; readonly query: IdentifyQuery },
  waiting?: Waiting,
): Promise<readonly IdentifiedPerson[]> {
  try {
    return await identify(gallery, search, waiting)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    gallery.onDamage?.({ kind: 'image', id: search.imageId, why: error.message })
    return []
  }
}

/** Null if it was deleted since it was listed, or if the pack that serves made nothing of it. */
async function readyFace(
  { gallery, engine }: SearchEnrolledDeps,
  id: ImageId,
  waiting?: Waiting,
): Promise<Pick<EnrolledImage, 'descriptor' | 'quality' | 'damage'> | null> {
  const image = await gallery.records.images.find(id, waiting)
  if (image?.state !== 'ready') return null
  if (image.descriptor.packId === engine.packId) return image
  const { packId } = engine
  const noted = await gallery.records.descriptors.find({ imageId: id, packId }, waiting)
  if (noted !== null) {
    const [judged = image] = await gallery.records.images.findJudged({ ids: [id], packId }, waiting)
    return { ...judged, descriptor: noted }
  }
  // Of a gallery that never had another pack this is a damaged record, which is told of where it is compared.
  return hasMoved(await gallery.records.settings.readPacks(waiting)) ? null : image
}

/** Both lists are the best for their probe, so together they hold the best for either. */
function merge(
  one: readonly IdentifiedPerson[],
  other: readonly IdentifiedPerson[],
  limit: number,
): readonly IdentifiedPerson[] {
  const persons = new Map(one.map((found) => [found.person.id, found]))
  for (const found of other) {
    const known = persons.get(found.person.id)
    persons.set(found.person.id, known === undefined ? found : nearestImages(known, found))
  }
  return [...persons.values()].toSorted(byNearest).slice(0, limit)
}
