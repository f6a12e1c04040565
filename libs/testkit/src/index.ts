export { aHold } from './a-hold.ts'
export { aJob } from './a-job.ts'
export { aClock, type TestClock } from './builders/a-clock.ts'
export { aDescriptor, TEST_PACK } from './builders/a-descriptor.ts'
export { aGroup } from './builders/a-group.ts'
export { aPerson } from './builders/a-person.ts'
export { anImage } from './builders/an-image.ts'
export { anImport, aRow, PLAIN_POLICIES } from './builders/an-import.ts'
export { newTestId } from './builders/new-test-id.ts'
export { type Debris, leaveDebris } from './debris.ts'
export {
  ANOTHER_PROCESS,
  type CrashSubject,
  describeCrashes,
  type Finder,
  NEXT_START,
} from './describe-crashes.ts'
export {
  type DamageableStore,
  type DamagedRecord,
  describeDamagedRecords,
} from './describe-damaged-records.ts'
export { describeRace, type PrepareRace, type Race, type RaceOptions } from './describe-race.ts'
export { describeZombies, withClockApart, type ZombieSubject } from './describe-zombies.ts'
export { anIndexEntry, anIndexQuery } from './descriptor-index/an-index-entry.ts'
export { searchNaively } from './descriptor-index/search-naively.ts'
export { type DescriptorIndexSetup, describeDescriptorIndexContract } from './descriptor-index-contract.ts'
export { describeExclusiveContract, type ExclusiveHarness } from './exclusive-contract.ts'
export {
  aPicture,
  createFakeFaceEngine,
  FAKE_CALIBRATION,
  FAKE_DIMENSIONS,
  type FakeScene,
  fakeDescriptor,
} from './fake-face-engine.ts'
export {
  crashAt,
  type PausedProcess,
  ProcessDied,
  pauseAt,
  recordSteps,
  type Step,
  type StopPoint,
  stopPointsOf,
  takeTurns,
  withoutPort,
  withRecords,
} from './faulty-ports.ts'
export {
  aCandidacy,
  aDraft,
  anEnrollment,
  atCosine,
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
export {
  aClaim,
  aStoredReply,
  describeIdempotencyStoreContract,
  type IdempotencyStoreHarness,
} from './idempotency-store-contract.ts'
export { describeImageStoreContract, type ImageStoreHarness } from './image-store-contract.ts'
export { describeImportStoreContract } from './import-store/import-store-contract.ts'
export type { ImportStoreHarness } from './import-store/import-store-harness.ts'
export {
  describeJobQueueContract,
  type JobQueueHarness,
  type JobQueueSetup,
} from './job-queue-contract.ts'
export { createNaiveDescriptorIndex, type NaiveDescriptorIndex } from './naive/naive-descriptor-index.ts'
export { createNaiveExclusive, createStealableExclusive } from './naive/naive-exclusive.ts'
export { createNaiveGenerationRegistry } from './naive/naive-generation-registry.ts'
export { createNaiveIdempotencyStore, type NaiveClaims } from './naive/naive-idempotency-store.ts'
export { createNaiveImageStore } from './naive/naive-image-store.ts'
export { createNaiveImportStore, type NaiveImports } from './naive/naive-import-store.ts'
export { type NaiveGenerations, openNaiveRebuildableIndex } from './naive/naive-rebuildable-index.ts'
export { createNaiveRecordStore } from './naive/naive-record-store.ts'
export {
  describePicturesInFlightContract,
  type PicturesInFlightHarness,
  type PicturesInFlightSetup,
} from './pictures-in-flight-contract.ts'
export type { PrepareCall, PreparedCall, Seen } from './prepared-call.ts'
export {
  checkAnswer,
  DEVIATIONS,
  describedAnswers,
  publicDescription,
  UNDESCRIBED_STATUSES,
} from './public-description.ts'
export {
  describeRecordStoreContract,
  type OpenRecordStore,
  type RecordStoreHarness,
} from './record-store/record-store-contract.ts'
export { findOnPath, isProgram } from './servers/find-on-path.ts'
export { freePort } from './servers/free-ports.ts'
export {
  buildTestMongo,
  lookForTestMongo,
  openTestMongo,
  type TestMongo,
  type TestMongoOptions,
} from './servers/mongo-server.ts'
export { openTestQdrant, type TestQdrant, type TestQdrantOptions } from './servers/qdrant-server.ts'
export { openTestRedis, type TestRedis, type TestRedisOptions } from './servers/redis-server.ts'
export { skipSuite } from './servers/skipped-server.ts'
export {
  describeSharedExclusiveContract,
  type ExclusiveProcess,
  type SharedExclusiveHarness,
  type SharedExclusiveSetup,
} from './shared-exclusive-contract.ts'
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
export { USE_CASES } from './use-cases.ts'
