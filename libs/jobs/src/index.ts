export type {
  ComparePayload,
  DetectPayload,
  JobName,
  JobOrigin,
  PictureSource,
  SearchEnrolledPayload,
  SearchPayload,
} from './catalogue.ts'
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
export { runJob } from './run-job.ts'
