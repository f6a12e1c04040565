export type {
  ComparePayload,
  DetectPayload,
  ImportRowPayload,
  JobName,
  JobOrigin,
  PictureSource,
  SearchEnrolledPayload,
  SearchPayload,
} from './catalogue.ts'
export { gatePayloadOf } from './gate-payload.ts'
export { onlyEngine } from './handlers/in-every-pack.ts'
export { jobConcurrency } from './job-concurrency.ts'
export { createJobHandlers, type JobDeps, type JobHandlers } from './job-handlers.ts'
export type {
  AddImageResult,
  ComparedPictureResult,
  CompareResult,
  DetectedFaceResult,
  DetectionResult,
  DetectResult,
  EnrolledFaceResult,
  PictureProblem,
  SearchResult,
  ThumbnailResult,
} from './job-results.ts'
export { runImportRow } from './run-import-row.ts'
export { runJob } from './run-job.ts'
export { type BulkWork, type BulkWorkOptions, startBulkWork } from './start-bulk-work.ts'
export { THUMBNAIL_MAKER } from './thumbnail-maker.ts'
