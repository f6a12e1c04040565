import { storageFull } from '@semblance/core'
import {
  BSON,
  MongoError,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerError,
  MongoTopologyClosedError,
} from 'mongodb'

/** Why a call could not be carried out, told without any value of a document. */
export class MongoFault extends Error {
  /** The driver's class of the fault, for instance `MongoNetworkError`. */
  readonly kind: string
  /** The server's code, for instance 11600; null if it did not say any. */
  readonly serverCode: number | null

  constructor(message: string, kind: string, serverCode: number | null = null) {
    super(message)
    this.name = 'MongoFault'
    this.kind = kind
    this.serverCode = serverCode
  }
}

/** Shutdown, election, a lost connection between servers: the next attempt may meet a healthy primary. */
const PASSING_CODES: ReadonlySet<unknown> = new Set([
  6, 7, 89, 91, 134, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436,
])

/**
 * BadValue, FailedToParse, TypeMismatch, InvalidOptions, DocumentValidationFailure, BSONObjectTooLarge (twice): the
 * command itself is wrong, and no retry makes it right.
 */
const OUR_BUG_CODES: ReadonlySet<unknown> = new Set([2, 9, 14, 72, 121, 10334, 17419])

/** Whether the same call may succeed at once; it may also have been carried out already. */
export function isPassing(error: unknown): boolean {
  if (error instanceof MongoServerError) return PASSING_CODES.has(error.code)
  if (error instanceof MongoNetworkError || isOfSystem(error)) return true
  return error instanceof MongoNotConnectedError || error instanceof MongoTopologyClosedError
}

/** OutOfDiskSpace of a server, and what a hosted one answers to an account that is over its quota. */
function isFull({ code, message }: MongoServerError): boolean {
  return code === 14031 || (code === 8000 && /quota/i.test(message))
}

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === 11000
}

/** What is to be thrown in place of a driver's error, which carries commands and documents with it. */
export function translateFault(error: unknown, unavailable: (cause: unknown) => Error): unknown {
  if (error instanceof MongoFault) return unavailable(error)
  if (error instanceof BSON.BSONError) return new MongoFault('a record cannot be written as BSON', error.name)
  if (error instanceof MongoServerError) {
    const fault = faultOfServer(error)
    if (isFull(error)) return storageFull('MongoDB is full', fault)
    return OUR_BUG_CODES.has(error.code) ? fault : unavailable(fault)
  }
  if (error instanceof MongoInvalidArgumentError) return new MongoFault(error.message, error.name)
  if (error instanceof MongoError || isOfSystem(error)) {
    return unavailable(new MongoFault(error.message, error.name))
  }
  return error
}

/** A fault is told by its code alone: the server's messages repeat values, the key of a duplicate for instance. */
function faultOfServer(error: MongoServerError): MongoFault {
  const code = typeof error.code === 'number' ? error.code : null
  const what = error.codeName ?? (code === null ? 'a fault without a code' : `code ${code}`)
  return new MongoFault(`the MongoDB server answered ${what}`, error.name, code)
}

/** Codes of the socket or the resolver, such as EPIPE or ENOTFOUND; the driver lets a few of them through. */
function isOfSystem(error: unknown): error is Error {
  if (!(error instanceof Error) || !('code' in error)) return false
  return typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)
}
