export { aClock, type TestClock } from './builders/a-clock.ts'
export { aDescriptor, TEST_PACK } from './builders/a-descriptor.ts'
export { aGroup } from './builders/a-group.ts'
export { aPerson } from './builders/a-person.ts'
export { anImage } from './builders/an-image.ts'
export { newTestId } from './builders/new-test-id.ts'
export { anIndexEntry, anIndexQuery } from './descriptor-index/an-index-entry.ts'
export { searchNaively } from './descriptor-index/search-naively.ts'
export { type DescriptorIndexSetup, describeDescriptorIndexContract } from './descriptor-index-contract.ts'
export { describeExclusiveContract, type ExclusiveHarness } from './exclusive-contract.ts'
export { describeImageStoreContract, type ImageStoreHarness } from './image-store-contract.ts'
export {
  aHold,
  aJob,
  describeJobQueueContract,
  type JobQueueHarness,
  type JobQueueSetup,
  type TestHandler,
} from './job-queue-contract.ts'
export {
  describePersonStoreContract,
  type OpenPersonStore,
  type PersonStoreHarness,
} from './person-store/person-store-contract.ts'
export {
  describePicturesInFlightContract,
  type PicturesInFlightHarness,
  type PicturesInFlightSetup,
} from './pictures-in-flight-contract.ts'
