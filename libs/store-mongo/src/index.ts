export {
  type AskOptions,
  type MongoDatabase,
  type MongoDatabaseOptions,
  openMongoDatabase,
} from './database/mongo-database.ts'
export { openS3ImageStore, type S3Credentials, type S3ImageStoreOptions } from './pictures/s3-image-store.ts'
