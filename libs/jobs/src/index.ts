export {
  type AddImagePayload,
  addImageJob,
  type DetectPayload,
  detectJob,
  type PictureSource,
  type SearchPayload,
  searchJob,
} from './catalogue.ts'
export { defineJob, type JobDefinition, runJob } from './define-job.ts'
export { createJobHandlers, type JobDeps, type JobHandlers } from './job-handlers.ts'
export type {
  AddImageResult,
  DetectedFaceResult,
  DetectionResult,
  DetectResult,
  IdentifiedResult,
  PictureProblem,
  SearchResult,
} from './job-results.ts'
