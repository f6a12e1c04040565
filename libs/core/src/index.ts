export { type Calibration, cosineAt, distanceOf, similarityOf } from './calibration.ts'
export { cosineBetween, type Descriptor, roundCosine } from './descriptor.ts'
export {
  AppError,
  type AppErrorOptions,
  dataLocked,
  dataUnreadable,
  deadlineMissed,
  type ErrorCode,
  engineFailed,
  indexUnavailable,
  jobFailed,
  overloaded,
  packInvalid,
  packMismatch,
  picturesUnavailable,
  shuttingDown,
  staleId,
  storeUnavailable,
} from './errors.ts'
export type { Group, GroupState } from './groups/group.ts'
export { type GroupId, type ImageId, isUuid, type PackId, type PersonId, uuidTimeMs } from './ids.ts'
export type { EnrolledImage, Image, ImageState } from './images/image.ts'
export { type Page, type PageRequest, pageOf } from './page.ts'
export { isVisible, type Person, type PersonChanges, type PersonState } from './persons/person.ts'
export type { Clock, NewId } from './ports/clock.ts'
export type {
  Candidate,
  CandidatePerson,
  DescriptorIndex,
  FieldFilter,
  GalleryFilter,
  IndexEntry,
  IndexPayload,
  IndexQuery,
} from './ports/descriptor-index.ts'
export type { Exclusive, Lease } from './ports/exclusive.ts'
export type {
  Box,
  CropRequest,
  Effort,
  EngineWork,
  Face,
  FaceEngine,
  FaceGeometry,
  FaceReport,
  FindFacesRequest,
  FivePoints,
  PictureFault,
  PictureInfo,
  Point,
  ResizeOutcome,
  ResizeRequest,
  Rgb,
} from './ports/face-engine.ts'
export type { ImageLinks, LinkOutcome, LinkRefusal } from './ports/image-links.ts'
export type { ImageStore } from './ports/image-store.ts'
export { type JobQueue, type JobRequest, LANES, type Lane, type LaneLoad } from './ports/job-queue.ts'
export type { ObserveStage, Stage } from './ports/observer.ts'
export type { EnrolledRow, OverdueQuery, PersonQuery, PersonStore } from './ports/person-store.ts'
export type { PictureRef, PicturesInFlight } from './ports/pictures-in-flight.ts'
export type { Waiting } from './ports/waiting.ts'
