import type { Descriptor } from '../descriptor.ts'
import { comparedQuality } from '../detection/face-quality.ts'
import { packNotLoaded } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PackId } from '../ids.ts'
import type { EnrolledImage } from '../images/image.ts'
import { faultOfPicture } from '../images/read-picture.ts'
import { writeVectors } from '../images/write-vectors.ts'
import { findOwners } from '../persons/merged-persons.ts'
import type { EngineWork, Face, FaceEngine } from '../ports/face-engine.ts'
import type { FaceEngines } from '../ports/pack-desk.ts'
import { enrolledAmong, enrolledByPlace } from './enrolled-among.ts'
import type { UndescribedReason } from './gallery-packs.ts'

export interface DescribeAgainDeps {
  readonly gallery: GalleryPorts
  readonly engines: FaceEngines
}

export type DescribeAgainOutcome =
  | { readonly outcome: 'described' }
  /** It is noted why. */
  | { readonly outcome: 'undescribed'; readonly why: UndescribedReason }
  /** The image was deleted: there is nothing to do. */
  | { readonly outcome: 'gone' }
  /** This process has not loaded the pack, or its networks answer to no picture here: another process may do it. */
  | { readonly outcome: 'not-loaded' }

/**
 * Describes the picture of an image that is enrolled, or about to be, by another pack, and puts that into the index and then beside
 * its own descriptor into the store: so an image that has a note of the pack has its vector, too, and one that a crash left in
 * between is lacking and is described once more. It can be done again, and by two processes at once. Whoever deletes, changes or
 * merges meanwhile either meets what is written here or is seen afterwards: nothing is left of a deleted image.
 */
export async function describeAgain(
  deps: DescribeAgainDeps,
  { imageId, packId }: { readonly imageId: ImageId; readonly packId: PackId },
  work: EngineWork,
): Promise<DescribeAgainOutcome> {
  const { gallery, engines } = deps
  const engine = engines.of(packId)
  if (engine === null || engine.isDead) return { outcome: 'not-loaded' }
  const image = await gallery.records.images.find(imageId, work)
  if (image?.state !== 'ready' && image?.state !== 'pending') return { outcome: 'gone' }
  const there = await gallery.records.descriptors.find({ imageId, packId }, work)
  // The pack of the image tells which face was enrolled, and it may be another one.
  if (there === null && engines.of(image.descriptor.packId)?.isDead === true) return { outcome: 'not-loaded' }
  const made = there === null ? await describe({ ...deps, engine }, image, work) : { descriptor: there }
  if (typeof made === 'string') {
    const isNoted = await gallery.records.descriptors.note({ imageId, packId, why: made }, work)
    return isNoted ? { outcome: 'undescribed', why: made } : { outcome: 'gone' }
  }
  const { descriptor } = made
  if (!(await writeVector(gallery, { image, descriptor }, work))) return { outcome: 'gone' }
  if (there !== null) return { outcome: 'described' }
  // Whoever has marked it as deleted since then takes the vector away as well.
  const note = { imageId, packId, values: descriptor.values, ...comparedQuality(made.quality) }
  const isNoted = await gallery.records.descriptors.note(note, work)
  return { outcome: isNoted ? 'described' : 'gone' }
}

/** Describes a new image by every pack that has not done so. A fault is reported: the image is enrolled all the same. */
export async function describeByOthers(
  deps: DescribeAgainDeps,
  imageId: ImageId,
  work: EngineWork,
): Promise<void> {
  const { serving, others } = deps.engines
  if (others.length === 0) return
  for (const { packId } of [serving, ...others]) await describeUnlessThere(deps, { imageId, packId }, work)
}

/** As `GalleryPorts.describeBeside` asks: what the packs of this process, but for its own, make of an image. */
export async function describeBeside(
  deps: DescribeAgainDeps,
  { id: imageId, descriptor }: EnrolledImage,
  work: EngineWork,
): Promise<readonly Descriptor[]> {
  const made: Descriptor[] = []
  for (const { packId } of [deps.engines.serving, ...deps.engines.others]) {
    if (packId === descriptor.packId) continue
    await describeUnlessThere(deps, { imageId, packId }, work)
    const there = await deps.gallery.records.descriptors.find({ imageId, packId })
    if (there !== null) made.push(there)
  }
  return made
}

type Target = Parameters<typeof describeAgain>[1]

async function describeUnlessThere(deps: DescribeAgainDeps, target: Target, work: EngineWork): Promise<void> {
  try {
    const isThere = (await deps.gallery.records.descriptors.find(target, work)) !== null
    const done = isThere ? null : await describeAgain(deps, target, work)
    if (done?.outcome === 'not-loaded') throw packNotLoaded(target.packId)
  } catch (fault) {
    deps.gallery.onDeferred(`describe a new picture by ${target.packId}`, fault)
  }
}

type DescribedFace = Pick<Face, 'descriptor' | 'quality'>
type Describing = DescribeAgainDeps & { readonly engine: FaceEngine }

async function describe(
  deps: Describing,
  image: EnrolledImage,
  work: EngineWork,
): Promise<DescribedFace | UndescribedReason> {
  const picture = await deps.gallery.pictures.get(image.id, work)
  if (picture === null) return 'picture-missing'
  if ((await faultOfPicture(picture, image, work)) !== null) return 'picture-damaged'
  const request = { effort: 'rich', crop: null } as const
  // Some detectors see few faces on the way to the central one, which need not be the one that was enrolled.
  const central = { ...request, faces: 'central', examineFirst: true, countsEveryFace: true } as const
  const report = await deps.engine.findFaces(picture, central, work)
  if (report.outcome === 'no-face') return 'no-face'
  if (report.outcome !== 'faces') return 'undecodable'
  const own = deps.engines.of(image.descriptor.packId)
  // Nobody here can tell which face was enrolled, and most are the central one.
  if (own === null) return report.faces[0]
  const isAlone = (report.examined?.picture.faceCount ?? 1) <= 1
  const only = isAlone ? await enrolledAmong(own, { faces: report.faces, picture, image }, work) : null
  if (only !== null) return only
  const all = await deps.engine.findFaces(picture, { ...request, faces: 'all' }, work)
  // Not all of the central ones are among them: one that lies on its side is sought with less patience where all are asked for.
  const faces = all.outcome === 'faces' ? [...report.faces, ...all.faces] : report.faces
  const seen = { faces, picture, image }
  const enrolled = (await enrolledAmong(own, seen, work)) ?? (await enrolledByPlace(own, seen, work))
  return enrolled ?? 'other-face'
}

/** False if the image, or its person, went meanwhile: the vector is taken back then. */
async function writeVector(
  gallery: GalleryPorts,
  { image, descriptor }: { readonly image: EnrolledImage; readonly descriptor: Descriptor },
  work: EngineWork,
): Promise<boolean> {
  const owners = await findOwners(gallery.records, { ids: [image.personId] }, work)
  const person = owners.get(image.personId)
  if (person === undefined || (person.state !== 'live' && person.state !== 'pending')) return false
  const row = { image: { ...image, descriptor }, person }
  const written = await writeVectors(
    { records: gallery.records, copy: gallery.index, onDamage: gallery.onDamage },
    [row],
    work,
  )
  return written.kept > 0
}
