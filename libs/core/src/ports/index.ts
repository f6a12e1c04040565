export type { Clock, NewId } from './clock.ts'
export type {
  Candidate,
  CandidatePerson,
  DescriptorIndex,
  FieldFilter,
  GalleryFilter,
  GivingWay,
  IndexEntry,
  IndexPayload,
  IndexProbe,
  IndexQuery,
  ManyQuery,
  SampleQuery,
} from './descriptor-index.ts'
export type { DescriptorNote, DescriptorRecords, LackingPage, PackQuery } from './descriptor-records.ts'
export type { Exclusive, Lease } from './exclusive.ts'
export type {
  Box,
  ChipMeasures,
  CropRequest,
  Effort,
  EngineWork,
  ExaminedFace,
  ExaminedFirstFace,
  ExaminedPicture,
  ExamineFacesRequest,
  ExamineReport,
  Face,
  FaceAttribute,
  FaceAttributes,
  FaceEngine,
  FaceGeometry,
  FaceReport,
  FaceSigns,
  FindFacesRequest,
  FivePoints,
  PictureFault,
  PictureInfo,
  PixelMeasures,
  Point,
  ResizeOutcome,
  ResizeRequest,
  Rgb,
} from './face-engine.ts'
export type { FeedbackQuery, FeedbackRecords } from './feedback-records.ts'
export type { GroupChanges, GroupMove, GroupRecords } from './group-records.ts'
export type {
  ClaimOutcome,
  ClaimRequest,
  HeldClaim,
  IdempotencyStore,
  StoredReply,
} from './idempotency-store.ts'
export type { ImageLinks, LinkOutcome, LinkRefusal, LinkWaiting } from './image-links.ts'
export type { EnrolledRow, ImageMove, ImageRecords } from './image-records.ts'
export type { ImageStore, PictureListQuery } from './image-store.ts'
export type { ImportSourceReader, SourcePlace, SourcePortion } from './import-source-reader.ts'
export type {
  AddedRow,
  Binding,
  BoundPerson,
  EndedRow,
  ErasedRows,
  GoingPerson,
  HeldRows,
  ImportedPersons,
  ImportOfPerson,
  ImportRecords,
  ImportRows,
  ImportStore,
  KnownRow,
  NamedRow,
  RetryQuery,
  RowClaim,
  RowQuery,
} from './import-store.ts'
export type { IndexGenerationRegistry, IndexGenerations } from './index-generations.ts'
export type { JobContext, JobHandler, Preparation } from './job-handler.ts'
export type { ObjectListing, ObjectQuery, ObjectsOutcome } from './object-listing.ts'
export type { Damage, DamageKind, ObserveDamage } from './observe-damage.ts'
export type { ObserveStage, Stage } from './observer.ts'
export type {
  DuplicatePairs,
  OperationQuery,
  OperationRecords,
  OperationStore,
  OperationTargets,
  PairHandOver,
  PairQuery,
  TargetPart,
} from './operation-store.ts'
export type { OverdueCount, OverdueQuery, OverdueRecords, TombstoneName } from './overdue-records.ts'
export type { FaceEngines, PackDesk, PackHolder } from './pack-desk.ts'
export type {
  MergedPerson,
  PersonAtRev,
  PersonPlace,
  PersonQuery,
  PersonRecords,
  PersonSort,
  SortedPersonQuery,
  TimeRange,
} from './person-records.ts'
export type { PictureRef, PicturesInFlight } from './pictures-in-flight.ts'
export type { IndexCopy, ListedVector, RebuildableIndex } from './rebuildable-index.ts'
export type {
  FileFault,
  InspectedRecord,
  InspectedStaged,
  RecordInspector,
  RecordKind,
} from './record-inspector.ts'
export type { EnrolledCount, RecordStore } from './record-store.ts'
export type { SettingRecords } from './setting-records.ts'
export type { TraceStep, Tracing } from './tracing.ts'
export type { Listing, Waiting } from './waiting.ts'
