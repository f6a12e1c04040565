export { type DiskRoom, type DiskRoomOptions, openDiskRoom } from './data-folder/disk-room.ts'
export { type DataFolderLock, lockDataFolder } from './data-folder/lock-data-folder.ts'
export {
  type ExactDescriptorIndex,
  type ExactDescriptorIndexOptions,
  openExactDescriptorIndex,
} from './descriptor-index/exact-descriptor-index.ts'
export { createLocalExclusive } from './exclusive/local-exclusive.ts'
export type { SqliteIdempotencyStore } from './idempotency/sqlite-idempotency-store.ts'
export { checkDatabaseFile } from './persons/check-database-file.ts'
export { openSqliteInspector } from './persons/sqlite-inspector.ts'
export {
  openSqlitePersonStore,
  openSqliteStores,
  type SqlitePersonStoreOptions,
  type SqliteStores,
} from './persons/sqlite-person-store.ts'
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
