export {
  type AddImagePayload,
  addImageJob,
  type ComparePayload,
  compareJob,
  type DetectPayload,
  detectJob,
  type PictureSource,
  type SearchEnrolledPayload,
  type SearchPayload,
  searchEnrolledJob,
  searchJob,
} from './catalogue.ts'
export { defineJob, type JobDefinition, runJob } from './define-job.ts'
export { createJobHandlers, type JobDeps, type JobHandlers } from './job-handlers.ts'
export { jobPlaces } from './job-places.ts'
export type {
  AddImageResult,
  ComparedPictureResult,
  CompareResult,
  DetectedFaceResult,
  DetectionResult,
  DetectResult,
  EnrolledFaceResult,
  IdentifiedResult,
  PictureProblem,
  SearchEnrolledResult,
  SearchResult,
} from './job-results.ts'
