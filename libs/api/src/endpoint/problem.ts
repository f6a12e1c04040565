import type { AppError, ErrorCode } from '@semblance/core'

/** `type` of an error answer: what the caller did wrong, or the code of a fault of ours. */
export type ProblemType =
  | 'BadParamsException'
  | 'FaceNotDetected'
  | 'FaceQualityTooLow'
  | 'ImageDecodeError'
  | 'ImageTooLarge'
  | 'ImageLinkRefused'
  | 'Unauthorized'
  | 'HostNotAllowed'
  | 'OriginNotAllowed'
  | 'DescriptorsNotAllowed'
  | 'WriteTokenRefused'
  | 'TooManyAttempts'
  | 'PersonNotFound'
  | 'ImageNotFound'
  | 'GroupNotFound'
  | 'FeedbackNotFound'
  | 'PersonChangedSince'
  | 'PersonCountDiffers'
  | 'PersonsNotMergeable'
  | 'OperationNotFound'
  | 'OperationStateConflict'
  | 'PairNotFound'
  | 'PackStateConflict'
  | 'ImportNotFound'
  | 'ImportStateConflict'
  | 'ImportSourceUnreadable'
  | 'RouteNotFound'
  | 'MethodNotAllowed'
  | 'RequestTimeout'
  | 'BodyTooLarge'
  | 'UnsupportedMediaType'
  | 'IdempotencyKeyReused'
  | 'IdempotencyKeySpent'
  | 'InternalError'
  | ErrorCode

/** 5xx of ours that a retry may mend are 503; what only an operator can mend is 500. */
const ERROR_STATUS = {
  E_OVERLOADED: 503,
  E_NO_WORKER: 503,
  // The server is well; what was asked for crossed with what others did.
  E_CONFLICT: 409,
  // The server is well; what was asked for needs another pack, or a threshold.
  E_PACK_UNMEASURED: 409,
  E_DEADLINE: 503,
  E_SHUTTING_DOWN: 503,
  E_STORE_UNAVAILABLE: 503,
  E_INDEX_UNAVAILABLE: 503,
  E_PICTURES_UNAVAILABLE: 503,
  E_QUEUE_UNAVAILABLE: 503,
  E_STORAGE_FULL: 503,
  E_ENGINE_FAILED: 503,
  E_ENGINE_UNAVAILABLE: 503,
  // The id was made for this very request: a repeated request gets a fresh one.
  E_STALE_ID: 503,
  E_JOB_FAILED: 500,
  E_DATA_LOCKED: 500,
  E_DATA_UNREADABLE: 500,
  E_PACK_MISMATCH: 500,
  E_PACK_INVALID: 500,
  E_RECORDS_MISSING: 500,
  E_PICTURE_DAMAGED: 500,
} as const satisfies Record<ErrorCode, number>

const PROBLEM_STATUS = {
  ...ERROR_STATUS,
  BadParamsException: 400,
  FaceNotDetected: 400,
  FaceQualityTooLow: 400,
  ImageDecodeError: 400,
  ImageTooLarge: 400,
  ImageLinkRefused: 400,
  Unauthorized: 401,
  HostNotAllowed: 403,
  OriginNotAllowed: 403,
  DescriptorsNotAllowed: 403,
  WriteTokenRefused: 403,
  TooManyAttempts: 429,
  PersonNotFound: 404,
  ImageNotFound: 404,
  GroupNotFound: 404,
  FeedbackNotFound: 404,
  PersonChangedSince: 412,
  PersonCountDiffers: 409,
  PersonsNotMergeable: 409,
  OperationNotFound: 404,
  OperationStateConflict: 409,
  PairNotFound: 404,
  PackStateConflict: 409,
  ImportNotFound: 404,
  ImportStateConflict: 409,
  ImportSourceUnreadable: 400,
  RouteNotFound: 404,
  MethodNotAllowed: 405,
  RequestTimeout: 408,
  BodyTooLarge: 413,
  UnsupportedMediaType: 415,
  IdempotencyKeyReused: 422,
  IdempotencyKeySpent: 422,
  InternalError: 500,
} as const satisfies Record<ProblemType, number>

export function problemStatus(type: ProblemType): number {
  return PROBLEM_STATUS[type]
}

/** Of a fault of ours. While servers are upgraded, a newer worker may send a code that is unknown here: it keeps its class. */
export function faultStatus({ code, retryable }: Pick<AppError, 'code' | 'retryable'>): number {
  if (Object.hasOwn(ERROR_STATUS, code)) return ERROR_STATUS[code]
  return retryable ? 503 : 500
}

/** All of them, for the docs and for the test that compares. */
export const PROBLEM_TYPES = Object.keys(PROBLEM_STATUS) as readonly ProblemType[]
