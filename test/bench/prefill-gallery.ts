import { createHash, randomFillSync } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  Clock,
  EnrolledImage,
  GroupId,
  ImageId,
  PackId,
  Person,
  PersonId,
  RecordStore,
} from '@semblance/core'
import { openDiskImageStore, openSqliteRecordStore } from '@semblance/store-local'

export interface GalleryPlan {
  readonly dataFolder: string
  readonly packId: PackId
  readonly dimensions: number
  /** Persons with one face each, in random directions, all in one group. */
  readonly faces: number
  /** Faces of the first persons, so that searches find somebody. */
  readonly known: readonly Float32Array[]
  /** Stored for the first persons, one each; nobody else's picture is ever read here. */
  readonly pictures: readonly Uint8Array[]
}

/** Everybody's. */
export const GROUP = uuidOf(0, 3) as GroupId

const AT_A_TIME = 64

/** A data folder as enrolling would have left it, without inference. */
export async function prefillGallery(plan: GalleryPlan): Promise<void> {
  const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
  await mkdir(join(plan.dataFolder, 'pictures'), { recursive: true, mode: 0o700 })
  const records = await openSqliteRecordStore({ file: join(plan.dataFolder, 'semblance.sqlite'), clock })
  const pictures = await openDiskImageStore({ folder: join(plan.dataFolder, 'pictures'), clock })
  await fillRecords(records, plan)
  for (const [number, bytes] of plan.pictures.entries()) await pictures.put(imageIdOf(number), bytes)
  await Promise.all([records.close(), pictures.close()])
}

/** The records of the plan, in any store. */
export async function fillRecords(
  records: Pick<RecordStore, 'settings' | 'groups' | 'persons' | 'images'>,
  plan: Omit<GalleryPlan, 'dataFolder'>,
): Promise<void> {
  await records.settings.claimPack(plan.packId)
  await records.groups.insert({
    id: GROUP,
    name: 'Bench',
    metadata: '{}',
    createdAt: Date.now(),
    state: 'live',
  })
  for (let from = 0; from < plan.faces; from += AT_A_TIME) {
    const numbers = Array.from({ length: Math.min(AT_A_TIME, plan.faces - from) }, (_, i) => from + i)
    const batch = numbers.map((number) => ({ person: personOf(number), image: imageOf(number, plan) }))
    await Promise.all(batch.map(({ person }) => records.persons.insert(person)))
    await Promise.all(batch.map(({ image }) => records.images.insert(image)))
  }
}

export function personIdOf(number: number): PersonId {
  return uuidOf(number, 1) as PersonId
}

export function imageIdOf(number: number): ImageId {
  return uuidOf(number, 2) as ImageId
}

function personOf(number: number): Person {
  const now = Date.now()
  return {
    id: personIdOf(number),
    name: `Person ${number}`,
    externalId: `bench-${number}`,
    metadata: '{"source":"bench"}',
    groups: [GROUP],
    expireAt: null,
    createdAt: now,
    updatedAt: now,
    rev: 1,
    state: 'live',
    dirty: false,
  }
}

function imageOf(number: number, plan: Omit<GalleryPlan, 'dataFolder'>): EnrolledImage {
  const picture = plan.pictures[number] ?? new Uint8Array()
  return {
    id: imageIdOf(number),
    personId: personIdOf(number),
    state: 'ready',
    contentType: 'image/jpeg',
    bytes: picture.byteLength,
    sha256: createHash('sha256').update(picture).digest('hex'),
    createdAt: Date.now(),
    quality: null,
    descriptor: { packId: plan.packId, values: plan.known[number] ?? randomDirection(plan.dimensions) },
  }
}

function randomDirection(dimensions: number): Float32Array {
  const raw = Float32Array.from(randomFillSync(new Int32Array(dimensions)), (value) => value / 2 ** 31)
  const length = Math.hypot(...raw)
  return raw.map((value) => value / length)
}

/** UUIDv7 in form: increasing numbers, as ids made one after the other are. */
function uuidOf(number: number, kind: number): string {
  return `01900000-000${kind}-7000-8000-${number.toString(16).padStart(12, '0')}`
}
