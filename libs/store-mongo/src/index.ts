export { describeMongo, type MongoDescription } from './database/describe-mongo.ts'
export {
  type AskOptions,
  type MongoDatabase,
  type MongoDatabaseOptions,
  openMongoDatabase,
} from './database/mongo-database.ts'
export { createMongoExclusive, type MongoExclusiveOptions } from './exclusive/mongo-exclusive.ts'
export {
  type MongoIdempotencyStoreOptions,
  openMongoIdempotencyStore,
} from './idempotency/mongo-idempotency-store.ts'
export { type MongoImportStoreOptions, openMongoImportStore } from './imports/mongo-import-store.ts'
export {
  type MongoOperationStoreOptions,
  openMongoOperationStore,
} from './operations/mongo-operation-store.ts'
export {
  MAX_PICTURE_BYTES,
  type MongoImageStoreOptions,
  openMongoImageStore,
} from './pictures/mongo-image-store.ts'
export {
  openS3ImageStore,
  type S3Credentials,
  type S3ImageStoreOptions,
} from './pictures/open-s3-image-store.ts'
export { createMongoInspector } from './records/mongo-inspector.ts'
export {
  type MongoRecordStore,
  type MongoRecordStoreOptions,
  openMongoRecordStore,
} from './records/mongo-record-store.ts'
