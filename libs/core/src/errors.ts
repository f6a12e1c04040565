/** Every fault this product can report; outcomes that a caller expects (no face, no such person) are values instead. */
export type ErrorCode =
  | 'E_OVERLOADED'
  | 'E_NO_WORKER'
  | 'E_CONFLICT'
  | 'E_DEADLINE'
  | 'E_SHUTTING_DOWN'
  | 'E_STORE_UNAVAILABLE'
  | 'E_INDEX_UNAVAILABLE'
  | 'E_PICTURES_UNAVAILABLE'
  | 'E_QUEUE_UNAVAILABLE'
  | 'E_ENGINE_FAILED'
  | 'E_ENGINE_UNAVAILABLE'
  | 'E_JOB_FAILED'
  | 'E_STALE_ID'
  | 'E_DATA_LOCKED'
  | 'E_DATA_UNREADABLE'
  | 'E_PACK_MISMATCH'
  | 'E_PACK_INVALID'
  | 'E_PACK_UNMEASURED'
  | 'E_RECORDS_MISSING'
  | 'E_PICTURE_DAMAGED'
  | 'E_STORAGE_FULL'

export interface AppErrorOptions {
  /** The same call may succeed later. */
  readonly retryable: boolean
  /** Seconds after which a retry makes sense; goes out as Retry-After. */
  readonly retryAfterSeconds?: number
  /** Ids and counts only: never a picture, a descriptor or a name. */
  readonly context?: Readonly<Record<string, string | number>>
  readonly cause?: unknown
}

export class AppError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly retryAfterSeconds: number | null
  readonly context: Readonly<Record<string, string | number>>

  constructor(code: ErrorCode, message: string, options: AppErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.retryable = options.retryable
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
    this.context = options.context ?? {}
  }
}

export function overloaded(what: string, retryAfterSeconds: number): AppError {
  return new AppError('E_OVERLOADED', `${what} is full; try again later`, {
    retryable: true,
    retryAfterSeconds,
  })
}

/** A worker that is started needs some seconds to load its networks. */
const WORKER_STARTS_S = 5

/** Nobody is there to do the work, so that waiting for it is no use. */
export function noWorker(lane: string): AppError {
  return new AppError('E_NO_WORKER', `no worker serves lane ${lane}; try again once one is started`, {
    retryable: true,
    retryAfterSeconds: WORKER_STARTS_S,
  })
}

/** A gallery moves to a pack that not every process has loaded yet: it waits for them. */
export function packNotLoaded(packId: string): AppError {
  return new AppError('E_NO_WORKER', `not every worker has loaded model pack ${packId} yet`, {
    retryable: true,
    retryAfterSeconds: WORKER_STARTS_S,
  })
}

/** Others changed the same thing first, again and again: the change was not made, and may be asked for again. */
export function conflict(what: string): AppError {
  return new AppError('E_CONFLICT', `${what} is being changed by others; try again`, {
    retryable: true,
    retryAfterSeconds: 1,
  })
}

/** `hasBegun` false: nobody had begun to work on it, so that what it is about is not to blame. */
export function deadlineMissed(what: string, retryAfterSeconds: number, hasBegun = true): AppError {
  return new AppError('E_DEADLINE', `${what} was not done by its deadline`, {
    retryable: true,
    retryAfterSeconds,
    context: hasBegun ? {} : { neverBegun: 1 },
  })
}

/** Whether a job missed its deadline that had begun by then. */
export function isTooSlow(fault: unknown): boolean {
  return fault instanceof AppError && fault.code === 'E_DEADLINE' && fault.context.neverBegun !== 1
}

/**
 * Whether something is away or full that all rows and pictures need, or nobody begins a job, or the networks answer to no picture:
 * another time they will go through.
 */
export function isNobodysFault(fault: unknown): fault is AppError {
  return fault instanceof AppError && fault.retryable && fault.code !== 'E_ENGINE_FAILED' && !isTooSlow(fault)
}

export function shuttingDown(): AppError {
  return new AppError('E_SHUTTING_DOWN', 'the server is stopping', { retryable: true, retryAfterSeconds: 1 })
}

/** `why`, where it is known, is for callers: no path, address or name. */
export function storeUnavailable(cause: unknown, why?: string): AppError {
  return unavailable('E_STORE_UNAVAILABLE', because('the person store is unavailable', why), cause)
}

export function indexUnavailable(cause: unknown): AppError {
  return unavailable('E_INDEX_UNAVAILABLE', 'the descriptor index is unavailable', cause)
}

/** `why` as for the person store. */
export function picturesUnavailable(cause: unknown, why?: string): AppError {
  return unavailable('E_PICTURES_UNAVAILABLE', because('the picture store is unavailable', why), cause)
}

export function queueUnavailable(cause: unknown): AppError {
  return unavailable('E_QUEUE_UNAVAILABLE', 'the job queue is unavailable', cause)
}

/**
 * The engine itself failed (a thread died, a network could not run or gave numbers that are none); a picture that cannot be read
 * is an outcome. `why` as for the person store.
 */
export function engineFailed(cause: unknown, why?: string): AppError {
  return new AppError('E_ENGINE_FAILED', because('the face engine failed', why), {
    retryable: true,
    retryAfterSeconds: 1,
    cause,
  })
}

/** The engine tries its networks again every so often. */
const ENGINE_TRIED_EVERY_S = 5

/** The networks answer to no picture at all, not even to one of our own: whatever is asked of them, it is not the picture's fault. */
export function engineUnavailable(cause: unknown): AppError {
  const why = cause instanceof AppError ? cause.message : undefined
  return new AppError('E_ENGINE_UNAVAILABLE', because('no picture can be described now', why), {
    retryable: true,
    retryAfterSeconds: ENGINE_TRIED_EVERY_S,
    cause,
  })
}

export function jobFailed(job: string, cause: unknown): AppError {
  return new AppError('E_JOB_FAILED', `job ${job} failed`, { retryable: false, context: { job }, cause })
}

/** The process that had the job ended each time that one had it: perhaps by this job, perhaps by another one that it had at that time. */
export function workerDied(job: string): AppError {
  return new AppError('E_JOB_FAILED', `job ${job} failed: its worker died with it several times`, {
    retryable: false,
    context: { job, workerDied: 1 },
  })
}

export function hasWorkerDied(fault: unknown): boolean {
  return fault instanceof AppError && fault.code === 'E_JOB_FAILED' && fault.context.workerDied === 1
}

/** A job that comes back from the dead after its tombstones may be gone must not write. */
export function staleId(id: string): AppError {
  return new AppError('E_STALE_ID', 'this write is too old to be carried out', {
    retryable: false,
    context: { id },
  })
}

export function dataLocked(folder: string): AppError {
  return new AppError(
    'E_DATA_LOCKED',
    `another process is using the data folder ${folder}; stop it first, or set SEMBLANCE_DATA to another folder`,
    { retryable: false },
  )
}

export function dataUnreadable(folder: string, why: string, cause?: unknown): AppError {
  return new AppError('E_DATA_UNREADABLE', `the data folder ${folder} cannot be used: ${why}`, {
    retryable: false,
    cause,
  })
}

export function databaseTooNew(
  name: string,
  { found, known }: { readonly found: number; readonly known: number },
): AppError {
  return new AppError(
    'E_DATA_UNREADABLE',
    `the database ${name} has schema ${found}, and this version knows ${known}; start a newer version, or restore an older backup`,
    { retryable: false },
  )
}

export function packMismatch(gallery: string, pack: string): AppError {
  return new AppError(
    'E_PACK_MISMATCH',
    `the gallery was made with model pack ${gallery}, but ${pack} is configured; set SEMBLANCE_PACK back, or enroll into a new data folder`,
    { retryable: false },
  )
}

/** The pack that the gallery goes by cannot be used in this process; no other one may take its place. */
export function packMissing(serving: string, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new AppError(
    'E_PACK_MISMATCH',
    `the gallery is of model pack ${serving}, and ${why}; an image has that pack if it was made with --build-arg MORE_PACKS=${serving}, and elsewhere a start makes what is missing of it, with npm at hand and SEMBLANCE_MODELS a folder that can be written`,
    { retryable: false, cause },
  )
}

export function packInvalid(pack: string, why: string, cause?: unknown): AppError {
  return new AppError('E_PACK_INVALID', `model pack ${pack} cannot be used: ${why}`, {
    retryable: false,
    cause,
  })
}

/** The pack works, but what was asked for hangs on figures that nobody has measured of it. */
export function packUnmeasured(pack: string): AppError {
  return new AppError(
    'E_PACK_UNMEASURED',
    `nobody has measured how often model pack ${pack} takes strangers for each other, so that targetFpir cannot be kept: send a threshold instead`,
    { retryable: false, context: { pack } },
  )
}

/** Whoever goes on with such a store would take what it does not know for what was deleted. */
export function recordsMissing(
  what: 'pictures' | 'vectors',
  count: { readonly atHand: number; readonly unknown: number },
): AppError {
  const { atHand, unknown } = count
  return new AppError(
    'E_RECORDS_MISSING',
    `the store has no record of ${unknown} of the ${atHand} ${what} at hand, so it is empty, older than they are, or another gallery's; nothing was changed. Restore the database that belongs to them, or set SEMBLANCE_ACCEPT_MISSING_RECORDS=${unknown} to go on without these records`,
    { retryable: false, context: { atHand, unknown } },
  )
}

/** An operator has to make room, which takes minutes at least. */
const ROOM_IS_MADE_S = 60

/**
 * Nothing is added any more; reading, searching, changing and deleting go on.
 * @param why a sentence without values
 */
export function storageFull(why = 'the disk is nearly full', cause?: unknown): AppError {
  return new AppError('E_STORAGE_FULL', `${why}: nobody can be enrolled until room is made`, {
    retryable: true,
    retryAfterSeconds: ROOM_IS_MADE_S,
    cause,
  })
}

/** The stored bytes are not those that were enrolled, or not there: never served as if they were. */
export function pictureDamaged(id: string, why: string): AppError {
  return new AppError('E_PICTURE_DAMAGED', `the stored picture cannot be used: ${why}`, {
    retryable: false,
    context: { id },
  })
}

/** Why something failed, as it may be told to callers: an unexpected fault may name paths or hosts. */
export function reasonForCallers(fault: unknown): string {
  return fault instanceof AppError ? fault.message : 'an unexpected fault; the log of the server has it'
}

function unavailable(code: ErrorCode, message: string, cause: unknown): AppError {
  return new AppError(code, message, { retryable: true, retryAfterSeconds: 2, cause })
}

function because(what: string, why: string | undefined): string {
  return why === undefined ? what : `${what}: ${why}`
}
