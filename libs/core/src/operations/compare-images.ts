import { cosineAt } from '../calibration.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import { findLiveGroups } from '../groups/live-groups.ts'
import { likenessTo, probeOf } from '../identification/probe.ts'
import type { GroupId, ImageId } from '../ids.ts'
import { scanServing } from '../packs/scan-serving.ts'
import { isVisible } from '../persons/person.ts'
import type { CandidatePerson, IndexProbe, ManyQuery } from '../ports/descriptor-index.ts'
import type { FaceEngine } from '../ports/face-engine.ts'
import type { EnrolledRow } from '../ports/image-records.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { KnownQuality } from '../quality-shift.ts'
import type { UrgentWork } from '../urgent-work.ts'
import { type DuplicatePair, pairOf } from './duplicate-pair.ts'

export interface CompareImagesRequest {
  /** Images with greater ids are compared; null: from the first on. */
  readonly after: ImageId | null
  /** The greatest distance, 0..2, inclusive. */
  readonly threshold: number
  /** Members of any of these are compared with each other; none: the whole gallery. */
  readonly groupIds: readonly GroupId[]
}

export interface ComparedImages {
  readonly pairs: readonly DuplicatePair[]
  /** Images that were looked at. */
  readonly images: number
  /** The last of them; null: there are no images behind. */
  readonly last: ImageId | null
}

export interface CompareImagesDeps {
  readonly gallery: Pick<GalleryPorts, 'records' | 'index' | 'clock' | 'onDamage'>
  /** The engine only tells what a cosine means: nothing is decoded or described. */
  readonly engine: Pick<FaceEngine, 'calibration' | 'packId'>
  /** Work that goes first, part by part; left out: none. */
  readonly urgent?: UrgentWork | undefined
  /** So long works one call before others get its place; a second if left out. */
  readonly workMs?: number
}

/** Images that are read at once. */
const BATCH = 32
const WORK_MS = 1_000
/** Pairs that one call answers, but for those of its last batch: an answer is no place for megabytes. */
const MOST_PAIRS = 1_000
/** Of one image: who has more likenesses than this is no duplicate of them all. */
const MOST_LIKENESSES = 100
/** The index nominates a little below the threshold; the exact comparison is made here, on the distance. */
const NOMINATION_SLACK = 2e-6

/**
 * Compares some enrolled images, by increasing id, with those of all other persons, for about a second. Nothing is
 * written: it can be asked again. A pair is found from either side, so that an image that is added meanwhile is not missed.
 */
export async function compareImages(
  deps: CompareImagesDeps,
  request: CompareImagesRequest,
  waiting: Waiting = {},
): Promise<ComparedImages> {
  const { gallery, workMs = WORK_MS } = deps
  const begun = performance.now()
  const groups = await groupsOf(gallery, request.groupIds, waiting)
  const pairs = new Map<string, DuplicatePair>()
  const onPair = (pair: DuplicatePair) => {
    const key = `${pair.personId} ${pair.otherId}`
    const known = pairs.get(key)
    if (known === undefined || pair.distance < known.distance) pairs.set(key, pair)
  }
  let [images, last] = [0, request.after]
  let isEnd = false
  while (!isEnd) {
    const query = { packId: deps.engine.packId, after: last, limit: BATCH }
    const rows = await scanServing(gallery.records, query, waiting)
    const search = { rows, groups, threshold: request.threshold, onPair }
    await compareRows(deps, search, waiting)
    images += rows.length
    last = rows.at(-1)?.image.id ?? last
    isEnd = rows.length < BATCH
    if (pairs.size >= MOST_PAIRS || performance.now() - begun > workMs) break
  }
  return { pairs: [...pairs.values()], images, last: isEnd ? null : last }
}

/** Null: everybody. */
async function groupsOf(
  gallery: Pick<GalleryPorts, 'records'>,
  groupIds: readonly GroupId[],
  waiting: Waiting,
): Promise<readonly GroupId[] | null> {
  return groupIds.length === 0 ? null : [...(await findLiveGroups(gallery, groupIds, waiting))]
}

interface RowSearch {
  readonly rows: readonly EnrolledRow[]
  readonly groups: readonly GroupId[] | null
  readonly threshold: number
  readonly onPair: (pair: DuplicatePair) => void
}

async function compareRows(deps: CompareImagesDeps, search: RowSearch, waiting: Waiting): Promise<void> {
  const { gallery, engine } = deps
  const { rows, groups, threshold, onPair } = search
  const operatingPoint = engine.calibration.richRich
  const now = gallery.clock.now()
  const probes = rows.filter(
    ({ person }) =>
      isVisible(person, now) && (groups === null || person.groups.some((id) => groups.includes(id))),
  )
  const minCosine = Math.max(-1, cosineAt(threshold, operatingPoint) - NOMINATION_SLACK)
  const query = { filter: { groups, field: null }, minCosine, limit: MOST_LIKENESSES }
  const found = await likenessesOf(deps, { rows: probes, query }, waiting)
  const nominated = found.flatMap((persons) => persons.flatMap(({ images }) => images.slice(0, 1)))
  const nominees = await qualitiesOf(deps, nominated, waiting)
  for (const [at, { image, person }] of probes.entries()) {
    const probe = probeOf(engine.calibration, 'richRich', image)
    const own = { personId: person.id, imageId: image.id }
    for (const { personId, images } of found[at] ?? []) {
      const [best] = images
      if (best === undefined) continue
      const { imageId, cosine } = best
      const { distance } = likenessTo(probe, { ...nominees.get(imageId), cosine })
      if (distance <= threshold) onPair(pairOf(own, { personId, imageId }, distance))
    }
  }
}

/**
 * How good the nearest picture of each person is. A better one of theirs, which may count as nearer, is a probe itself: the pair is
 * found from its side.
 */
async function qualitiesOf(
  { gallery, engine }: CompareImagesDeps,
  images: readonly { readonly imageId: ImageId }[],
  waiting: Waiting,
): Promise<ReadonlyMap<ImageId, KnownQuality>> {
  const { qualityShift, damageShift } = engine.calibration
  if ((qualityShift ?? damageShift) === undefined || images.length === 0) return new Map()
  const ids = [...new Set(images.map(({ imageId }) => imageId))]
  const found = await gallery.records.images.findJudged({ ids, packId: engine.packId }, waiting)
  return new Map(found.map(({ id, quality, damage }) => [id, { quality, damage }]))
}

/** By row; nobody for a stored descriptor that cannot be compared with others. */
async function likenessesOf(
  deps: CompareImagesDeps,
  asked: { readonly rows: readonly EnrolledRow[]; readonly query: ManyQuery },
  waiting: Waiting,
): Promise<readonly (readonly CandidatePerson[])[]> {
  const { gallery, urgent } = deps
  const { rows, query } = asked
  const probes = rows.map(
    ({ image, person }): IndexProbe => ({
      descriptor: image.descriptor,
      exclude: [person.id],
    }),
  )
  const giveWay = async () => urgent?.giveWay(waiting)
  try {
    return await gallery.index.searchMany(probes, query, { ...waiting, giveWay })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const [only] = rows
    if (rows.length === 1 && only !== undefined) {
      gallery.onDamage?.({ kind: 'image', id: only.image.id, why: error.message })
      return [[]]
    }
    // One of them is damaged; the others are looked for all the same.
    const found: (readonly CandidatePerson[])[] = []
    for (const row of rows) found.push(...(await likenessesOf(deps, { rows: [row], query }, waiting)))
    return found
  }
}
