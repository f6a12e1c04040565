import type { Exclusive, Gallery, ImageStore, PersonStore } from '@semblance/core'
import { v7 } from 'uuid'
import { aClock, type TestClock } from './builders/a-clock.ts'
import { TEST_PACK } from './builders/a-descriptor.ts'
import { FAKE_DIMENSIONS } from './fake-face-engine.ts'
import { createNaiveDescriptorIndex, type NaiveDescriptorIndex } from './naive/naive-descriptor-index.ts'
import { createNaiveExclusive } from './naive/naive-exclusive.ts'
import { createNaiveImageStore } from './naive/naive-image-store.ts'
import { createNaivePersonStore } from './naive/naive-person-store.ts'

export interface TestGallery extends Gallery {
  readonly index: NaiveDescriptorIndex
  readonly clock: TestClock
  /** A fresh UUIDv7 of the gallery's own time. */
  readonly newId: <Id extends string>() => Id
  /** What was left to the reconciler, oldest first. */
  readonly deferred: readonly { readonly step: string; readonly fault: unknown }[]
}

export interface TestGalleryPorts {
  readonly persons?: PersonStore
  readonly pictures?: ImageStore
  readonly exclusive?: Exclusive
  /** The one that the stores given were opened with. */
  readonly clock?: TestClock
}

/** An empty gallery in memory, with a clock that stands still; real adapters take the place of the naive ones. */
export function openTestGallery(ports: TestGalleryPorts = {}): TestGallery {
  const clock = ports.clock ?? aClock()
  const deferred: { step: string; fault: unknown }[] = []
  return {
    persons: ports.persons ?? createNaivePersonStore(clock),
    pictures: ports.pictures ?? createNaiveImageStore(clock),
    exclusive: ports.exclusive ?? createNaiveExclusive(),
    index: createNaiveDescriptorIndex({ packId: TEST_PACK, dimensions: FAKE_DIMENSIONS }),
    clock,
    newId: <Id extends string>() => v7({ msecs: clock.now() }) as Id,
    onDeferred: (step, fault) => deferred.push({ step, fault }),
    deferred,
  }
}
