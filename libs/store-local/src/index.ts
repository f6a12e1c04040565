export { type DiskRoom, type DiskRoomOptions, openDiskRoom } from './data-folder/disk-room.ts'
export { type DataFolderLock, lockDataFolder } from './data-folder/lock-data-folder.ts'
export {
  type ExactDescriptorIndex,
  type ExactDescriptorIndexOptions,
  openExactDescriptorIndex,
} from './descriptor-index/main/exact-descriptor-index.ts'
export { createLocalExclusive } from './exclusive/local-exclusive.ts'
export {
  type DiskImageStoreOptions,
  openDiskImageStore,
  readDiskImages,
} from './pictures/disk-image-store.ts'
export {
  createMemoryPicturesInFlight,
  type MemoryPicturesOptions,
} from './pictures/memory-pictures-in-flight.ts'
export {
  createInProcessJobQueue,
  type InProcessJobQueueOptions,
  type JobReport,
} from './queue/in-process-job-queue.ts'
export type { JobOutcome } from './queue/queued-job.ts'
export { checkDatabaseFile } from './records/main/check-database-file.ts'
export { type AcceptMoment, copyDatabase } from './records/main/copy-database.ts'
export { openSqliteInspector, readSchemaVersion, readServingPack } from './records/main/sqlite-inspector.ts'
export {
  openSqliteRecordStore,
  openSqliteStores,
  type SqliteRecordStoreOptions,
  type SqliteStores,
} from './records/main/sqlite-record-store.ts'
export type { LocalIdempotencyStore } from './records/store-calls.ts'
