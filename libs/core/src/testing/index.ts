export { aClock, type TestClock } from './builders/a-clock.ts'
export { aDescriptor, TEST_PACK } from './builders/a-descriptor.ts'
export { aGroup } from './builders/a-group.ts'
export { aPerson } from './builders/a-person.ts'
export { anImage } from './builders/an-image.ts'
export { anImport, aRow, PLAIN_POLICIES } from './builders/an-import.ts'
export {
  anIndexEntry,
  anIndexQuery,
  aSignDescriptor,
  aSignDescriptorAt,
  SIGNS,
} from './builders/an-index-entry.ts'
export { aDeletion, aDuplicateSearch, aPair } from './builders/an-operation.ts'
export { newTestId } from './builders/new-test-id.ts'
export { type Debris, leaveDebris } from './debris.ts'
export {
  ANOTHER_PROCESS,
  type CrashSubject,
  describeCrashes,
  type Finder,
  NEXT_START,
} from './describe-crashes.ts'
export { describeRace, type PrepareRace, type Race, type RaceOptions } from './describe-race.ts'
export { describeZombies, withClockApart, type ZombieSubject } from './describe-zombies.ts'
export {
  aPicture,
  createFakeFaceEngine,
  FAKE_DIMENSIONS,
  type FakeScene,
  fakeDescriptor,
  GOOD_PARTS,
  ofQuality,
} from './fake-face-engine.ts'
export {
  crashAt,
  type PausedProcess,
  ProcessDied,
  pauseAt,
  recordSteps,
  type Step,
  type StopPoint,
  takeTurns,
  withoutPort,
  withRecords,
} from './faulty-ports.ts'
export {
  aCandidacy,
  aDraft,
  anEnrollment,
  type Enrollment,
  enroll,
  enrollAt,
  makeGroup,
  makePerson,
  makePersonAt,
  PROBE,
} from './gallery-acts.ts'
export {
  expectForgotten,
  expectNothingHalfWritten,
  expectSettled,
  expectStoresAgree,
  reconcileUntilSettled,
  type ShownPerson,
  shownPerson,
  shownPersons,
} from './gallery-claims.ts'
export { createNaiveDescriptorIndex, type NaiveDescriptorIndex } from './naive/naive-descriptor-index.ts'
export { createNaiveExclusive, createStealableExclusive } from './naive/naive-exclusive.ts'
export { createNaiveGenerationRegistry } from './naive/naive-generation-registry.ts'
export { createNaiveIdempotencyStore, type NaiveClaims } from './naive/naive-idempotency-store.ts'
export { createNaiveImageStore } from './naive/naive-image-store.ts'
export { createNaiveImportStore, type NaiveImports } from './naive/naive-import-store.ts'
export { createNaiveOperationStore, type NaiveOperations } from './naive/naive-operation-store.ts'
export { type NaiveGenerations, openNaiveRebuildableIndex } from './naive/naive-rebuildable-index.ts'
export { createNaiveRecordStore } from './naive/naive-record-store.ts'
export { NaiveTables } from './naive/naive-tables.ts'
export { searchNaively } from './naive/search-naively.ts'
export type { PrepareCall, PreparedCall, Seen } from './prepared-call.ts'
export {
  type FamilyGallery,
  type GalleryFamily,
  galleryOver,
  type IndexedImage,
  type OpenGallery,
  openTestGallery,
  type TestGallery,
  type TestGalleryPorts,
} from './test-gallery.ts'
export { isSlowTier, sizeOf } from './tier.ts'
export { USE_CASES } from './use-cases.ts'
