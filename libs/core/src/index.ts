// biome-ignore-all lint/style/noExcessiveLinesPerFile: a list, of whatever core gives
export { amount } from './amount.ts'
export { type BackgroundWork, createBackgroundWork } from './background-work.ts'
export {
  type Calibration,
  cosineAt,
  type Likeness,
  type Pairing,
  similarityOf,
} from './calibration.ts'
export { claimGallery } from './claim-gallery.ts'
export type { Comparison, FacePosition } from './comparison/compare-faces.ts'
export {
  type CompareDeps,
  type ComparedFace,
  type ComparedPicture,
  type CompareOutcome,
  type CompareRequest,
  comparePictures,
  type PictureToCompare,
} from './comparison/compare-pictures.ts'
export {
  checkDescriptor,
  cosineBetween,
  type Descriptor,
  type DescriptorKind,
  roundCosine,
} from './descriptor.ts'
export { textOfValues } from './descriptor-text.ts'
export {
  type DetectedFace,
  type DetectionOutcome,
  type DetectionRequest,
  detectFaces,
} from './detection/detect-faces.ts'
export {
  type ComparedQuality,
  comparedQuality,
  type FaceQuality,
  judgeFace,
  type QualityModel,
  type QualityTerm,
  qualityOfSigns,
} from './detection/face-quality.ts'
export { SIGN_NAMES, type SignValues, signsOf } from './detection/face-signs.ts'
export type {
  QualityDetail,
  QualityGroupCount,
  QualityReport,
  QualityStatus,
} from './detection/judge-quality.ts'
export { measureQuality } from './detection/measure-quality.ts'
export {
  QUALITY_GROUPS,
  QUALITY_NAMES,
  type QualityCheck,
  type QualityGroup,
  type QualityName,
  type QualityRange,
} from './detection/quality-characteristics.ts'
export {
  type BrokenLimit,
  GATE_LEVELS,
  GATE_NAMES,
  type GateLevel,
  type GateName,
  judgeGate,
  QUALITY_GATES,
  type QualityGate,
  type QualityLimit,
} from './detection/quality-gate.ts'
export { checksOf, type QualityProfile, rangeOf } from './detection/quality-profiles.ts'
export { areLandmarksUncertain } from './detection/uncertain-landmarks.ts'
export {
  AppError,
  type AppErrorOptions,
  databaseTooNew,
  dataLocked,
  dataUnreadable,
  deadlineMissed,
  type ErrorCode,
  engineFailed,
  engineUnavailable,
  indexUnavailable,
  jobFailed,
  noWorker,
  overloaded,
  packInvalid,
  packMismatch,
  packMissing,
  picturesUnavailable,
  queueUnavailable,
  recordsMissing,
  shuttingDown,
  staleId,
  storageFull,
  storeUnavailable,
  workerDied,
} from './errors.ts'
export { Largest, operatingPoint } from './evaluation/comparisons.ts'
export {
  bySearchDistance,
  cosineOf,
  evaluateOpenSet,
  type OpenSetFigures,
  type Sample,
} from './evaluation/open-set.ts'
export { type ExportItem, type ExportScope, exportGallery, missingOfScope } from './export/export-gallery.ts'
export { FailedTries } from './failed-tries.ts'
export { FEEDBACK_VERDICTS, type Feedback, MOST_FEEDBACK_OF_PERSON } from './feedback/feedback.ts'
export { type GiveFeedbackOutcome, giveFeedback } from './feedback/give-feedback.ts'
export { listFeedback } from './feedback/list-feedback.ts'
export { type AboutGallery, type GalleryId, type GalleryOf, onlyGallery } from './gallery-of.ts'
export type { GalleryPorts } from './gallery-ports.ts'
export { type ChangeMembersOutcome, changeMembers } from './groups/change-members.ts'
export { type DeleteGroupOutcome, deleteGroup } from './groups/delete-group.ts'
export type { Group, GroupState } from './groups/group.ts'
export { startForgettingReplies } from './idempotency/forget-replies.ts'
export {
  type IdentifiedPerson,
  type IdentifyQuery,
  identify,
  type MatchedImage,
} from './identification/identify.ts'
export type { SearchedFace } from './identification/identify-faces.ts'
export {
  type Candidacy,
  type CreatedPerson,
  type NewcomerOutcome,
  wasShown,
} from './identification/identify-or-create.ts'
export {
  type EnrolledProbe,
  type SearchEnrolledDeps,
  type SearchEnrolledOutcome,
  type SearchEnrolledRequest,
  searchEnrolled,
} from './identification/search-enrolled.ts'
export {
  type Newcomer,
  type SearchDeps,
  type SearchOutcome,
  type SearchRequest,
  searchPicture,
} from './identification/search-picture.ts'
export type { SearchReach } from './identification/search-reach.ts'
export {
  type FeedbackId,
  type GroupId,
  type ImageId,
  type ImportId,
  isUuid,
  type OperationId,
  type PackId,
  type PersonId,
  uuidTimeMs,
} from './ids.ts'
export { type AddImageOutcome, addImage, type EnrollmentDraft } from './images/add-image.ts'
export { type DeleteImageOutcome, deleteImage } from './images/delete-image.ts'
export {
  type EnrolledFace,
  type EnrollOutcome,
  enrollPicture,
  type LowQuality,
} from './images/enroll-picture.ts'
export { type EnrollmentRoom, rememberedRoom, withinRoom } from './images/enrollment-room.ts'
export type { EnrolledImage, Image, ImageState } from './images/image.ts'
export { makeThumbnail, type ThumbnailOutcome, type ThumbnailRequest } from './images/make-thumbnail.ts'
export { listPersonImages, type ReadImageOutcome, readImage } from './images/read-images.ts'
export { readPicture } from './images/read-picture.ts'
export { type AddRowsDeps, type AddRowsOutcome, addRows, type IncomingRow } from './imports/add-rows.ts'
export { settingThatOpens, whyLinkRefused } from './imports/closed-link.ts'
export { CountedImports } from './imports/counted-imports.ts'
export {
  countMadePersons,
  type DeleteWithPersonsOutcome,
  deleteImportWithPersons,
} from './imports/delete-import.ts'
export { type EnrollRowDeps, enrollRow, type RowJob } from './imports/enroll-row.ts'
export {
  bindPersonInImports,
  stagedOf,
  sweepStagedPictures,
} from './imports/erase-import.ts'
export { findImport } from './imports/find-import.ts'
export { type FlatRow, flatRowOf, inspectedStagedOf, rowOfFlat } from './imports/flat-row.ts'
export {
  type HeldUp,
  type HeldUpBy,
  type Import,
  type ImportChanges,
  type ImportPolicies,
  type ImportState,
  PACE_WINDOW_MS,
  type RowCounts,
  type RowPace,
  totalRows,
} from './imports/import.ts'
export { faultOfFlatRow, faultOfImport, jsonOrNothing } from './imports/import-faults.ts'
export {
  type ImportProgress,
  type ProgressDeps,
  readProgress,
  WAITS_FOR,
  type WaitsFor,
} from './imports/import-progress.ts'
export {
  cancelledRow,
  endedRow,
  erasedRow,
  type ImportRow,
  MAX_ROW_KEY_LENGTH,
  personKeyOf,
  ROW_KEY_DIGITS,
  type RowDraft,
  type RowPerson,
  type RowPicture,
} from './imports/import-row.ts'
export { type ImportSource, type ReadSourceOutcome, readFromSource } from './imports/import-source.ts'
export { type Importer, type ImporterDeps, type ImporterOptions, startImporter } from './imports/importer.ts'
export { type ImportsStanding, standingOfImports } from './imports/imports-standing.ts'
export { faultOfRowPicture } from './imports/judge-row-face.ts'
export { blankedImport, namesUser, withoutUser } from './imports/link-user.ts'
export {
  type ChangeImportOutcome,
  changeImport,
  deleteImport,
  type ImportAction,
  type ImportDeps,
  type ImportDraft,
  type MakeImportOutcome,
  makeImport,
  type RetryOutcome,
  retryRows,
} from './imports/manage-imports.ts'
export { isPassingRefusal } from './imports/passing-refusal.ts'
export type { RowWork } from './imports/person-of-row.ts'
export {
  type LikePerson,
  OUTCOME_KINDS,
  type OutcomeKind,
  RETRYABLE_KINDS,
  ROW_OF_DELETED,
  type RowFace,
  type RowOutcome,
} from './imports/row-outcome.ts'
export { keyOfGroupRow, type RestoredImage, type RowRestore } from './imports/row-restore.ts'
export type { RowPictureBytes } from './imports/same-picture.ts'
export { showRows } from './imports/shown-rows.ts'
export {
  cosineAtRate,
  falseMatchRateFor,
  type ImpostorTail,
  type TailPoint,
} from './impostor-tail.ts'
export { inLanes } from './in-lanes.ts'
export {
  endsTooLate,
  expectedWaitMs,
  type LaneWork,
  retryAfterSeconds,
  type WorkAhead,
} from './lanes/expected-wait.ts'
export { FAIR_SHARE, FairTurns, JOB_PATIENCE_MS, TASK_PATIENCE_MS } from './lanes/fair-turns.ts'
export { MOST_ROWS_ASIDE, type PlaceHolder, Places, type PlacesOptions, roomOf } from './lanes/places.ts'
export { type MachineLoad, ServiceTimes, slowdownAtFullLoad } from './lanes/service-times.ts'
export {
  type ComparedImages,
  type CompareImagesDeps,
  type CompareImagesRequest,
  compareImages,
} from './operations/compare-images.ts'
export {
  type BeginDeletionOutcome,
  beginDeletion,
  countPersons,
  type PersonCount,
} from './operations/delete-persons.ts'
export {
  type DuplicatePair,
  type KeptPair,
  movedPair,
  PAIR_DECISIONS,
  type PairDecision,
  type PairPlace,
} from './operations/duplicate-pair.ts'
export { type BeginDuplicatesOutcome, beginDuplicateSearch } from './operations/find-duplicates.ts'
export { listPairs, type PairedPerson, type ShownPair } from './operations/list-pairs.ts'
export {
  type ChangeOperationOutcome,
  changeOperation,
  type OperationAction,
} from './operations/manage-operations.ts'
export {
  HELD_BACK,
  OPERATION_KINDS,
  OPERATION_STATES,
  type Operation,
  type OperationChanges,
  type OperationKind,
  type OperationOf,
  type OperationState,
  type RedescribeFindings,
  type RedescribeParameters,
} from './operations/operation.ts'
export { type OperationPace, type PaceMark, readPace } from './operations/operation-pace.ts'
export {
  type OperationRunner,
  type OperationRunnerOptions,
  startOperationRunner,
} from './operations/operation-runner.ts'
export { type OperationsStanding, standingOfOperations } from './operations/operations-standing.ts'
export {
  type BeginRedescribingOutcome,
  beginRedescribing,
  type RedescribeDeps,
} from './operations/redescribe.ts'
export { parsePackName } from './pack-name.ts'
export {
  type ChangePackDeps,
  type ChangePackOutcome,
  countLacking,
  dropPack,
  switchPack,
} from './packs/change-pack.ts'
export type { PackComparison, PackFigures } from './packs/compare-packs.ts'
export {
  type DescribeAgainDeps,
  type DescribeAgainOutcome,
  describeAgain,
  describeBeside,
  describeByOthers,
} from './packs/describe-again.ts'
export {
  type GalleryPacks,
  hasMoved,
  UNDESCRIBED_REASONS,
  type UndescribedImage,
  type UndescribedReason,
} from './packs/gallery-packs.ts'
export { IndexByPack, type IndexesOfPacks } from './packs/index-by-pack.ts'
export { listUndescribed } from './packs/list-undescribed.ts'
export { type LoadedPack, LoadedPacks, type LoadedPacksDeps } from './packs/loaded-packs.ts'
export { notePacksApart } from './packs/packs-apart.ts'
export { spreadIds } from './packs/spread-ids.ts'
export { Uses } from './packs/uses.ts'
export { type Page, type PageRequest, pageOf } from './page.ts'
export { comparedName } from './persons/compared-name.ts'
export { type CreatePersonOutcome, createPerson, type PersonDraft } from './persons/create-person.ts'
export { type DeletePersonOutcome, deletePerson } from './persons/delete-person.ts'
export { exactNumberText, parseExactJson } from './persons/exact-json.ts'
export { findVisiblePerson } from './persons/find-visible-person.ts'
export { listSortedPersons } from './persons/list-sorted-persons.ts'
export { type MergePersonsOutcome, mergePersons } from './persons/merge-persons.ts'
export { findOwners, mergedIntoOf } from './persons/merged-persons.ts'
export { type MetadataFilter, metadataTermOf, metadataTerms } from './persons/metadata-terms.ts'
export {
  isVisible,
  type Person,
  type PersonChanges,
  type PersonState,
  revisionOf,
} from './persons/person.ts'
export { newCursorKey } from './persons/person-cursor.ts'
export { type PersonEvent, readHistory } from './persons/person-history.ts'
export {
  listGroupPersons,
  listPersonGroups,
  listPersons,
  type PersonFilter,
  readPerson,
} from './persons/read-persons.ts'
export { MAX_METADATA_BYTES } from './persons/united-fields.ts'
export { type PersonUpdate, type UpdatePersonOutcome, updatePerson } from './persons/update-person.ts'
export type * from './ports/index.ts'
export {
  type JobQueue,
  type JobRequest,
  type JobWaiting,
  LANES,
  type Lane,
  type LaneLoad,
} from './ports/job-queue.ts'
export { LinkBreak, type LinkStream, type LinkStreams } from './ports/link-streams.ts'
export { portsBeside, portsToImports } from './ports-beside.ts'
export { type PairShift, pairShift, type QualityShift } from './quality-shift.ts'
export { OVERDUE_KINDS, type OverdueKind } from './reconciliation/chores.ts'
export type { CompareOptions, IndexComparison } from './reconciliation/compare-index.ts'
export { findMissingPictures, type MissingPictures } from './reconciliation/find-missing-pictures.ts'
export { loadIndex } from './reconciliation/load-index.ts'
export { type IndexRebuild, type RebuildOptions, rebuildIndex } from './reconciliation/rebuild-index.ts'
export {
  countBacklog,
  type Reconciled,
  type ReconcileOptions,
  reconcile,
} from './reconciliation/reconcile.ts'
export { type Reconciler, type ReconcilerOptions, startReconciler } from './reconciliation/reconciler.ts'
export {
  type RecordCount,
  type RequireRecordsOptions,
  requireRecords,
} from './reconciliation/require-records.ts'
export {
  reviewSetAside,
  type TidiedPictures,
  type TidyOptions,
  tidyPictures,
} from './reconciliation/tidy-pictures.ts'
export { verifyIndex } from './reconciliation/verify-index.ts'
export { type PageOfIds, readPage } from './records/read-page.ts'
export {
  faultOfGroup,
  faultOfImage,
  faultOfMetadata,
  faultOfPerson,
  type RecordFault,
} from './records/record-faults.ts'
export {
  GROUP_TOMBSTONE,
  IMAGE_TOMBSTONE,
  isImageTombstone,
  PERSON_TOMBSTONE,
} from './records/tombstones.ts'
export { withoutDamaged } from './records/without-damaged.ts'
export { type RepeatedPass, repeatPass } from './repeat-pass.ts'
export { Slots } from './slots.ts'
export { type StrangerRate, type StrangerRates, strangerRates } from './stranger-rates.ts'
export { currentTrace, runInStep, tracedGallery, tracedStages } from './tracing.ts'
export { longTurns, turns } from './turns.ts'
export { UrgentWork } from './urgent-work.ts'
export { type Finding, type FindingKind, WHAT_TO_DO } from './verification/finding.ts'
export { type Verified, type VerifyGalleryOptions, verifyGallery } from './verification/verify-gallery.ts'
export { orAborted, untilTurn, withinTime } from './waiting.ts'
export { currentScope, runInScope, type WorkScope } from './work-scope.ts'
