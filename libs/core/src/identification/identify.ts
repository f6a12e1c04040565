import { cosineAt, type Likeness } from '../calibration.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import { findLiveGroups } from '../groups/live-groups.ts'
import type { GroupId, ImageId, PersonId } from '../ids.ts'
import type { Image } from '../images/image.ts'
import { comparedName } from '../persons/compared-name.ts'
import { findOwners } from '../persons/merged-persons.ts'
import { hasMetadata, type MetadataFilter } from '../persons/metadata-terms.ts'
import { isVisible, type Person } from '../persons/person.ts'
import type { CandidatePerson, FieldFilter, GalleryFilter } from '../ports/descriptor-index.ts'
import type { Waiting } from '../ports/waiting.ts'
import { galleryFilterOf } from './gallery-filter-of.ts'
import { likenessTo, nearestLikeness, type Probe } from './probe.ts'

/** Whom to look for, in the contract's terms. */
export interface IdentifyQuery {
  /** Members of any of these; none given: the whole gallery. An unknown group is an empty one. */
  readonly groupIds: readonly GroupId[]
  readonly field: FieldFilter | null
  /** All of these must hold of the person's metadata, as in a list of persons. */
  readonly metadata?: readonly MetadataFilter[] | undefined
  /** The greatest distance, 0..2, inclusive. */
  readonly threshold: number
  /**
   * In its place: the share of strangers for whom somebody may be found, above 0 and below 1. `aimSearch` turns it into a
   * distance; `identify` goes by the distance alone.
   */
  readonly targetFpir?: number | undefined
  /** The most persons that are answered. */
  readonly limit: number
  /** Persons who are never among the answers. */
  readonly exclude?: readonly PersonId[]
}

export interface MatchedImage extends Likeness {
  readonly image: Image
}

/** A candidate that the store confirmed. */
export interface IdentifiedPerson {
  readonly person: Person
  /** Images within the threshold, best first, at most 10. */
  readonly images: readonly [MatchedImage, ...MatchedImage[]]
}

const IMAGES_PER_PERSON = 10
/** The index nominates more images than are shown, since some may be deleted and not yet erased. */
const NOMINATED_IMAGES = 16
/** Persons at a time, unless more are wanted. */
const MOST_NOMINATED = 1_000
/** The index nominates a little below the threshold; the exact comparison is made here, on the distance. */
const NOMINATION_SLACK = 2e-6

type Searched = Pick<GalleryPorts, 'records' | 'index' | 'clock'>

/**
 * Finds distinct persons, best first, completely: the index only nominates, each nomination is checked against the
 * store (state, expiry, the whole filter), and the search goes on until `limit` persons stand ahead of everybody who
 * was not judged yet, or nobody is left. A person whose nearest pictures are dead, or bad as the probe is, may stand behind
 * others not yet nominated.
 */
export async function identify(
  gallery: Searched,
  search: { readonly probe: Probe; readonly query: IdentifyQuery },
  waiting?: Waiting,
): Promise<readonly IdentifiedPerson[]> {
  const { probe, query } = search
  const filter = await galleryFilterOf(gallery, query, waiting)
  if (filter === null) return []
  const minCosine = Math.max(-1, cosineAt(query.threshold, probe.operatingPoint) - NOMINATION_SLACK)

  let found: readonly IdentifiedPerson[] = []
  const judged: PersonId[] = [...(query.exclude ?? [])]
  let imagesPerPerson = NOMINATED_IMAGES
  let ahead = 0
  while (ahead < query.limit) {
    // Of whom many were dropped, more are nominated at a time: those who are near a bad probe may all be too far, by their quality.
    const dropped = judged.length - (query.exclude ?? []).length - found.length
    const limit = Math.max(query.limit - ahead, Math.min(MOST_NOMINATED, dropped))
    const nominated = await gallery.index.search(
      probe.descriptor,
      { filter, minCosine, limit, imagesPerPerson, exclude: judged },
      waiting,
    )
    const verdict = await judge(gallery, { nominated, filter, probe, query, imagesPerPerson }, waiting)
    found = withConfirmed(found, verdict)
    judged.push(...verdict.judged)
    const last = nominated.at(-1)
    if (verdict.undecided > 0) imagesPerPerson *= 4
    else if (last === undefined || nominated.length < limit) break
    else {
      imagesPerPerson = NOMINATED_IMAGES
      const behind = nominatedRank(probe, last)
      ahead = found.filter((person) => byRank(rankOf(person), behind) <= 0).length
    }
  }
  return found.toSorted(byNearest).slice(0, query.limit)
}

interface Verdict {
  /** A person may be among them twice, if the index has some of their pictures under whom was merged into them. */
  readonly confirmed: readonly IdentifiedPerson[]
  /** Whose a picture is that was added to the person with that id. */
  readonly owners: ReadonlyMap<PersonId, Person>
  readonly judged: readonly PersonId[]
  /** Persons who show fewer pictures than they may have, since nominated ones are dead and the index may hold more. */
  readonly undecided: number
}

interface Nominations {
  readonly nominated: readonly CandidatePerson[]
  readonly filter: GalleryFilter
  readonly probe: Probe
  readonly query: IdentifyQuery
  readonly imagesPerPerson: number
}

async function judge(gallery: Searched, nominations: Nominations, waiting?: Waiting): Promise<Verdict> {
  const { nominated, imagesPerPerson } = nominations
  if (nominated.length === 0) return { confirmed: [], owners: new Map(), judged: [], undecided: 0 }
  const { owners, images } = await readNominated(gallery, nominations, waiting)
  const visible = await findVisible(gallery, owners.values(), waiting)
  const confirmed: IdentifiedPerson[] = []
  const judged: PersonId[] = []
  for (const candidate of nominated) {
    const person = visible.get(owners.get(candidate.personId)?.id ?? candidate.personId)
    const itsImages = person === undefined ? [] : imagesOf(person, { candidate, owners, images })
    const matched = matchedImages(itsImages, nominations)
    const [best, ...others] = matched
    const isWanted =
      person !== undefined && passesFilter(person, nominations) && !isExcluded(person, nominations)
    const mayHaveMore = candidate.images.length >= imagesPerPerson
    if (isWanted && mayHaveMore && !areNearest(matched, { candidate, probe: nominations.probe })) continue
    judged.push(candidate.personId)
    if (isWanted && best !== undefined) confirmed.push({ person, images: [best, ...others] })
  }
  return { confirmed, owners, judged, undecided: nominated.length - judged.length }
}

interface Nominated {
  readonly owners: Verdict['owners']
  readonly images: ReadonlyMap<ImageId, Image>
}

/**
 * Whose the nominated pictures are is read in one go, so that somebody who is merged meanwhile is met either before or after
 * that, and never as two persons or as none.
 */
async function readNominated(
  gallery: Searched,
  { nominated, probe }: Pick<Nominations, 'nominated' | 'probe'>,
  waiting?: Waiting,
): Promise<Nominated> {
  const nominees = nominated.map(({ personId }) => personId)
  const [known, images] = await Promise.all([
    gallery.records.persons.findMany(nominees, waiting),
    findReadyImages(gallery, { nominated, probe }, waiting),
  ])
  const ids = new Set([...nominees, ...[...images.values()].map(({ personId }) => personId)])
  return { images, owners: await findOwners(gallery.records, { ids, known }, waiting) }
}

/** The nominated pictures that are the person's, as the person's own. */
function imagesOf(
  person: Person,
  { candidate, owners, images }: Nominated & { readonly candidate: CandidatePerson },
): readonly NominatedImage[] {
  return candidate.images.flatMap(({ imageId, cosine }) => {
    const image = images.get(imageId)
    if (image === undefined || owners.get(image.personId)?.id !== person.id) return []
    return [{ image: { ...image, personId: person.id }, cosine }]
  })
}

interface NominatedImage {
  readonly image: Image
  readonly cosine: number
}

function matchedImages(
  images: readonly NominatedImage[],
  { probe, query }: Nominations,
): readonly MatchedImage[] {
  return images
    .flatMap(({ image, cosine }) => {
      const likeness = likenessTo(probe, { cosine, quality: image.quality, damage: image.damage })
      return likeness.distance > query.threshold ? [] : [{ image, ...likeness }]
    })
    .toSorted(byLikeness)
    .slice(0, IMAGES_PER_PERSON)
}

/** Whether no picture that was not nominated can take the place of one of these: few may be left, or bad ones, which stand behind. */
function areNearest(
  matched: readonly MatchedImage[],
  { candidate, probe }: { readonly candidate: CandidatePerson; readonly probe: Probe },
): boolean {
  const [last, lastNominated] = [matched.at(-1), candidate.images.at(-1)]
  if (last === undefined || lastNominated === undefined) return false
  const isFull = matched.length >= Math.min(IMAGES_PER_PERSON, candidate.images.length)
  return isFull && last.distance <= nearestLikeness(probe, lastNominated.cosine).distance
}

function isExcluded({ id }: Person, { query }: Nominations): boolean {
  return query.exclude?.includes(id) === true
}

/**
 * Everybody found so far, each once: with the pictures that the index still has under whoever was merged into them, also if
 * that happened while the search was going on.
 */
function withConfirmed(
  before: readonly IdentifiedPerson[],
  { confirmed, owners }: Verdict,
): readonly IdentifiedPerson[] {
  const all = [...before, ...confirmed]
  const persons = new Map(all.map(({ person }) => [person.id, person]))
  const found = new Map<PersonId, IdentifiedPerson>()
  for (const one of all) {
    const owner = persons.get(owners.get(one.person.id)?.id ?? one.person.id) ?? one.person
    const own = owner.id === one.person.id ? one : asOwn(owner, one)
    const known = found.get(owner.id)
    found.set(owner.id, known === undefined ? own : nearestImages(known, own))
  }
  return [...found.values()]
}

function asOwn(person: Person, { images: [best, ...others] }: IdentifiedPerson): IdentifiedPerson {
  const own = (matched: MatchedImage) => ({ ...matched, image: { ...matched.image, personId: person.id } })
  return { person, images: [own(best), ...others.map(own)] }
}

/** Those of these persons who can be seen, their groups cut down to the live ones. */
async function findVisible(
  gallery: Searched,
  persons: Iterable<Person>,
  waiting?: Waiting,
): Promise<ReadonlyMap<PersonId, Person>> {
  const now = gallery.clock.now()
  const visible = [...persons].filter((person) => isVisible(person, now))
  const live = await findLiveGroups(
    gallery,
    visible.flatMap((person) => person.groups),
    waiting,
  )
  return new Map(
    visible.map((person) => [person.id, { ...person, groups: person.groups.filter((id) => live.has(id)) }]),
  )
}

/** As the probe's pack judges them. */
async function findReadyImages(
  gallery: Searched,
  { nominated, probe }: Pick<Nominations, 'nominated' | 'probe'>,
  waiting?: Waiting,
): Promise<ReadonlyMap<ImageId, Image>> {
  const ids = nominated.flatMap((candidate) => candidate.images.map((image) => image.imageId))
  const { packId } = probe.descriptor
  const images = await gallery.records.images.findJudged({ ids, packId }, waiting)
  return new Map(images.filter((image) => image.state === 'ready').map((image) => [image.id, image]))
}

/** The whole filter once more, on the person as the store has it: the index may be behind. */
function passesFilter(person: Person, { filter, query }: Nominations): boolean {
  if (filter.groups !== null && !filter.groups.some((group) => person.groups.includes(group))) return false
  if (!hasMetadata(person.metadata, query.metadata ?? [])) return false
  if (filter.field === null) return true
  const value = filter.field.field === 'name' ? comparedName(person.name) : person.externalId
  const isAmong = value !== null && filter.field.values.includes(value)
  return filter.field.op === 'in' ? isAmong : !isAmong
}

/** The same person found by two probes: each image by its nearer one, best first. */
export function nearestImages(one: IdentifiedPerson, other: IdentifiedPerson): IdentifiedPerson {
  const images = new Map<ImageId, MatchedImage>(one.images.map((matched) => [matched.image.id, matched]))
  for (const matched of other.images) {
    const known = images.get(matched.image.id)
    if (known === undefined || byLikeness(matched, known) < 0) images.set(matched.image.id, matched)
  }
  const [best, ...others] = [...images.values()].toSorted(
    (a, b) => byLikeness(a, b) || (a.image.id < b.image.id ? -1 : 1),
  )
  return { person: one.person, images: [best ?? one.images[0], ...others.slice(0, IMAGES_PER_PERSON - 1)] }
}

/** Orders by the nearest image, ties by the smaller person id. */
export function byNearest(a: IdentifiedPerson, b: IdentifiedPerson): number {
  return byRank(rankOf(a), rankOf(b))
}

/** A rank is where somebody stands in the order of a search: by the nearest picture, ties by the smaller id. */
interface Rank extends Pick<Likeness, 'distance' | 'cosine'> {
  readonly id: PersonId
}

function rankOf({ person, images }: IdentifiedPerson): Rank {
  const [{ distance, cosine }] = images
  return { distance, cosine, id: person.id }
}

/** The rank as the index has it, at best. Nobody whom it did not nominate comes before its last. */
function nominatedRank(probe: Probe, { personId, images }: CandidatePerson): Rank {
  return { ...nearestLikeness(probe, images[0]?.cosine ?? 1), id: personId }
}

function byRank(a: Rank, b: Rank): number {
  return byLikeness(a, b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

/** By the distance, which is on a grid: of one distance the greater cosine is nearer. */
function byLikeness(
  a: Pick<Likeness, 'distance' | 'cosine'>,
  b: Pick<Likeness, 'distance' | 'cosine'>,
): number {
  return a.distance - b.distance || b.cosine - a.cosine
}
