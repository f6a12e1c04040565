export {
  ANOTHER_PROCESS,
  aClock,
  aDescriptor,
  aGroup,
  anEnrollment,
  anImage,
  anImport,
  anIndexEntry,
  anIndexQuery,
  aPerson,
  aPicture,
  aRow,
  type CrashSubject,
  crashAt,
  createFakeFaceEngine,
  createNaiveDescriptorIndex,
  createNaiveGenerationRegistry,
  createNaiveIdempotencyStore,
  createNaiveImageStore,
  createNaiveImportStore,
  createNaiveRecordStore,
  createStealableExclusive,
  type Debris,
  describeCrashes,
  describeRace,
  describeZombies,
  type Enrollment,
  enroll,
  expectSettled,
  expectStoresAgree,
  FAKE_DIMENSIONS,
  type FakeScene,
  type FamilyGallery,
  type Finder,
  fakeDescriptor,
  type GalleryFamily,
  galleryOver,
  type IndexedImage,
  isSlowTier,
  makeGroup,
  makePerson,
  type NaiveClaims,
  type NaiveDescriptorIndex,
  type NaiveGenerations,
  type NaiveImports,
  NEXT_START,
  newTestId,
  type OpenGallery,
  openTestGallery,
  type PausedProcess,
  PLAIN_POLICIES,
  type PrepareCall,
  type PreparedCall,
  type PrepareRace,
  ProcessDied,
  pauseAt,
  type Race,
  type RaceOptions,
  reconcileUntilSettled,
  recordSteps,
  type Seen,
  type ShownPerson,
  type Step,
  type StopPoint,
  searchNaively,
  shownPerson,
  shownPersons,
  sizeOf,
  TEST_PACK,
  type TestClock,
  type TestGallery,
  type TestGalleryPorts,
  USE_CASES,
  withRecords,
  type ZombieSubject,
} from '@semblance/core/testing'
export { findOnPath, freePort, isProgram } from '@semblance/dev-servers'
export { aHold } from './a-hold.ts'
export { aJob } from './a-job.ts'
export {
  type DamageableStore,
  type DamagedRecord,
  describeDamagedRecords,
} from './describe-damaged-records.ts'
export { type DescriptorIndexSetup, describeDescriptorIndexContract } from './descriptor-index-contract.ts'
export { describeExclusiveContract, type ExclusiveHarness } from './exclusive-contract.ts'
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
export { describeOperationStoreContract, type OperationStoreHarness } from './operation-store-contract.ts'
export {
  describePicturesInFlightContract,
  type PicturesInFlightHarness,
  type PicturesInFlightSetup,
} from './pictures-in-flight-contract.ts'
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
export { skipSuite } from './servers/skipped-server.ts'
export {
  openTestMongo,
  openTestQdrant,
  openTestRedis,
  type TestMongo,
  type TestMongoOptions,
  type TestQdrant,
  type TestQdrantOptions,
  type TestRedis,
  type TestRedisOptions,
} from './servers/test-servers.ts'
export { findSharedData } from './shared-data.ts'
export {
  describeSharedExclusiveContract,
  type ExclusiveProcess,
  type SharedExclusiveHarness,
  type SharedExclusiveSetup,
} from './shared-exclusive-contract.ts'
