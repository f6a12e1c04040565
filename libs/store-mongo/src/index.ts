export { openS3ImageStore, type S3Credentials, type S3ImageStoreOptions } from './pictures/s3-image-store.ts'
