import { v7 } from 'uuid'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId } from '../ids.ts'
import type { DescriptorIndex, IndexPayload } from '../ports/descriptor-index.ts'
import type { Exclusive } from '../ports/exclusive.ts'
import type { ImageStore } from '../ports/image-store.ts'
import type { RecordStore } from '../ports/record-store.ts'
import { aClock, type TestClock } from './builders/a-clock.ts'
import { TEST_PACK } from './builders/a-descriptor.ts'
import { FAKE_DIMENSIONS } from './fake-face-engine.ts'
import { createNaiveDescriptorIndex, type NaiveDescriptorIndex } from './naive/naive-descriptor-index.ts'
import { createNaiveExclusive } from './naive/naive-exclusive.ts'
import { createNaiveImageStore } from './naive/naive-image-store.ts'
import { createNaiveRecordStore } from './naive/naive-record-store.ts'

/** One vector as the index has it. */
export interface IndexedImage {
  readonly imageId: ImageId
  /** Null from an index whose adapter cannot tell. */
  readonly payload: IndexPayload | null
}

export interface FamilyGallery extends GalleryPorts {
  readonly clock: TestClock
  /** A fresh UUIDv7 of the gallery's own time. */
  readonly newId: <Id extends string>() => Id
  /** What was left to the reconciler, oldest first. */
  readonly deferred: readonly { readonly step: string; readonly fault: unknown }[]
  /** Lets time go by: makes all records older by so much, as the stores judge it, and the clock later where it can. */
  age(ms: number): Promise<void>
  /** All vectors, by increasing image id. */
  indexed(): Promise<readonly IndexedImage[]>
  /** Of what was opened for this gallery alone; not of the ports that came from outside. */
  close(): Promise<void>
}

/** A gallery whose index can be looked into. */
export interface TestGallery extends FamilyGallery {
  readonly index: NaiveDescriptorIndex
}

export type OpenGallery = () => FamilyGallery | Promise<FamilyGallery>

export async function usingGallery<T>(
  open: OpenGallery,
  work: (gallery: FamilyGallery) => Promise<T>,
): Promise<T> {
  const gallery = await open()
  try {
    return await work(gallery)
  } finally {
    await gallery.close()
  }
}

export interface TestGalleryPorts {
  readonly records?: RecordStore
  readonly pictures?: ImageStore
  readonly exclusive?: Exclusive
  /** The one that the stores given were opened with. */
  readonly clock?: TestClock
}

/** An empty gallery in memory, with a clock that stands still; real adapters take the place of the naive ones. */
export function openTestGallery(ports: TestGalleryPorts = {}): TestGallery {
  const clock = ports.clock ?? aClock()
  const index = createNaiveDescriptorIndex({ packId: TEST_PACK, dimensions: FAKE_DIMENSIONS })
  const gallery = galleryOver({
    records: ports.records ?? createNaiveRecordStore(clock),
    pictures: ports.pictures ?? createNaiveImageStore(clock),
    exclusive: ports.exclusive ?? createNaiveExclusive(),
    index,
    clock,
    age: async (ms) => clock.advance(ms),
    indexed: async () => index.entries(),
    close: async () => {},
  })
  return { ...gallery, index }
}

/** What a family of adapters needs to be run through `describeCrashes`, `describeRace` and `describeZombies`. */
export interface GalleryFamily {
  readonly records: RecordStore
  readonly pictures: ImageStore
  readonly exclusive: Exclusive
  /** Of `TEST_PACK` and `FAKE_DIMENSIONS`, and empty. */
  readonly index: DescriptorIndex
  /** The one that the stores judge ages by; if they have a clock of their own, one that stands still. */
  readonly clock?: TestClock
  /** As the record store's contract has it: moves the store's clock, or sets the times of writing back. */
  readonly age: (ms: number) => Promise<void>
  /** Ids alone, through the port, if left out; what each carries is then told by searches. */
  readonly indexed?: () => Promise<readonly IndexedImage[]>
  readonly close: () => Promise<void>
}

/** A gallery for tests over any adapters, empty as long as they are. */
export function galleryOver(family: GalleryFamily): FamilyGallery {
  const { records, pictures, exclusive, index, clock = aClock(), age, close } = family
  const deferred: { step: string; fault: unknown }[] = []
  return {
    records,
    pictures,
    exclusive,
    index,
    clock,
    newId: <Id extends string>() => v7({ msecs: clock.now() }) as Id,
    onDeferred: (step, fault) => deferred.push({ step, fault }),
    deferred,
    age,
    indexed: family.indexed ?? (() => listIndexed(index)),
    close,
  }
}

async function listIndexed(index: DescriptorIndex): Promise<readonly IndexedImage[]> {
  const ids = await index.listImageIds({ after: null, limit: 10_000 })
  return ids.map((imageId) => ({ imageId, payload: null }))
}
