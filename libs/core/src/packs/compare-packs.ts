import { likenessOf } from '../calibration.ts'
import type { Descriptor } from '../descriptor.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PackId, PersonId } from '../ids.ts'
import { findOwners } from '../persons/merged-persons.ts'
import type { Waiting } from '../ports/waiting.ts'

/** What a search says at first, by one pack, of enrolled images that are searched for among all others. */
export interface PackFigures {
  readonly packId: PackId
  /** Mated probes whose own person is the nearest. */
  readonly rank1: number
  /** Mated probes whose own person is the nearest, and within a distance of 1. */
  readonly found: number
  /** Probes whose nearest is somebody else, within a distance of 1. */
  readonly falsePositives: number
}

export interface PackComparison {
  /** Images that were searched for with both packs. */
  readonly probes: number
  /** Those of them whose person has another image. */
  readonly mated: number
  /** Probes for which both packs name the same person first. */
  readonly sameTop: number
  readonly before: PackFigures
  readonly after: PackFigures
}

export interface ComparedPack {
  readonly packId: PackId
  /** The pack's cosine that has distance 1, for two enrolled images. */
  readonly operatingPoint: number
}

/** Enough that one in a hundred is seen; and a few seconds of searches in a gallery of a million. */
const PROBES = 200
/** Images of a person that the index is asked for: the probe itself, and the nearest other one. */
const IMAGES = 2
/** A comparison of fewer mated probes says little. */
const LEAST_MATED = 20
/** Of all mated probes: so many more may be missed, by chance. */
const LOSS = 0.05

/** Searches for a sample of the enrolled images by both packs, and tells how the answers differ. Writes nothing. */
export async function comparePacks(
  gallery: Pick<GalleryPorts, 'records' | 'index'>,
  { before, after }: { readonly before: ComparedPack; readonly after: ComparedPack },
  waiting?: Waiting,
): Promise<PackComparison> {
  const tally = { probes: 0, mated: 0, sameTop: 0, before: tallyOf(before), after: tallyOf(after) }
  for (const imageId of await gallery.records.descriptors.sampleIds({ limit: PROBES }, waiting)) {
    const personId = await ownerOf(gallery, imageId, waiting)
    if (personId === null) continue
    const [one, other] = [
      await topOf(gallery, { imageId, personId, pack: before }, waiting),
      await topOf(gallery, { imageId, personId, pack: after }, waiting),
    ]
    if (one === null || other === null) continue
    tally.probes++
    if (one.isMated && other.isMated) tally.mated++
    if (one.personId === other.personId) tally.sameTop++
    count(tally.before, one, personId)
    count(tally.after, other, personId)
  }
  return tally
}

/** Whether the pack that is to come misses many whom the one that serves finds. */
export function isWorse({ mated, before, after }: PackComparison): boolean {
  return mated >= LEAST_MATED && after.rank1 < before.rank1 - LOSS * mated
}

type Tally = { -readonly [Key in keyof PackFigures]: PackFigures[Key] }

function tallyOf({ packId }: ComparedPack): Tally {
  return { packId, rank1: 0, found: 0, falsePositives: 0 }
}

function count(figures: Tally, { personId, distance, isMated }: Top, own: PersonId): void {
  const isOwn = personId === own
  if (isMated && isOwn) figures.rank1++
  if (isMated && isOwn && distance <= 1) figures.found++
  if (personId !== null && !isOwn && distance <= 1) figures.falsePositives++
}

async function ownerOf(
  { records }: Pick<GalleryPorts, 'records'>,
  imageId: ImageId,
  waiting?: Waiting,
): Promise<PersonId | null> {
  const [image] = await records.images.findMany([imageId], waiting)
  if (image?.state !== 'ready') return null
  const owner = (await findOwners(records, { ids: [image.personId] }, waiting)).get(image.personId)
  return owner?.state === 'live' ? owner.id : null
}

interface Top {
  /** Whose image is nearest to the probe, the probe itself aside; null if there is no other image. */
  readonly personId: PersonId | null
  /** 0..2. */
  readonly distance: number
  /** The probe's person has another image that this pack has described. */
  readonly isMated: boolean
}

/** Null if the image has no descriptor of the pack. */
async function topOf(
  gallery: Pick<GalleryPorts, 'records' | 'index'>,
  probe: { readonly imageId: ImageId; readonly personId: PersonId; readonly pack: ComparedPack },
  waiting?: Waiting,
): Promise<Top | null> {
  const { imageId, personId, pack } = probe
  const target = { imageId, packId: pack.packId }
  const descriptor: Descriptor | null = await gallery.records.descriptors.find(target, waiting)
  if (descriptor === null) return null
  const filter = { groups: null, field: null }
  const query = { filter, minCosine: -1, limit: 2, imagesPerPerson: IMAGES, exclude: [] }
  const persons = await gallery.index.search(descriptor, query, waiting)
  const others = persons
    .flatMap(({ images }) => images)
    .filter((image) => image.imageId !== imageId)
    .toSorted((a, b) => b.cosine - a.cosine)
  const [nearest] = others
  return {
    personId: nearest?.personId ?? null,
    distance: nearest === undefined ? 2 : likenessOf(nearest.cosine, pack.operatingPoint).distance,
    isMated: others.some((image) => image.personId === personId),
  }
}
