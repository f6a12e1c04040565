import { S3ServiceException } from '@aws-sdk/client-s3'
import { type AppError, picturesUnavailable, storageFull } from '@semblance/core'

const CODE = /^[A-Za-z0-9_.-]{1,64}$/

/**
 * What went wrong, and nothing else: the SDK's own errors carry object keys, the access key id and what was signed
 * with it, and end in logs.
 */
function harmlessS3Fault(error: unknown): Error {
  if (error instanceof S3ServiceException) {
    const { httpStatusCode, requestId } = error.$metadata
    const request = requestId !== undefined && CODE.test(requestId) ? `, request ${requestId}` : ''
    return new Error(`S3 answered ${httpStatusCode ?? 'no status'} ${codeOf(error.name)}${request}`)
  }
  if (!(error instanceof Error)) return new Error('S3 failed')
  const { code } = error as { readonly code?: unknown }
  return new Error(`S3 failed: ${codeOf(error.name)}${typeof code === 'string' ? ` ${codeOf(code)}` : ''}`)
}

/** Codes of Ceph and MinIO; a bucket of AWS has no end. */
const FULL_CODES: ReadonlySet<string> = new Set([
  'QuotaExceeded',
  'XMinioStorageFull',
  'XMinioAdminBucketQuotaExceeded',
])

/** What is to be thrown in place of an error of the SDK. */
export function translateS3Fault(error: unknown): AppError {
  const fault = harmlessS3Fault(error)
  const isFull = error instanceof S3ServiceException && FULL_CODES.has(error.name)
  return isFull ? storageFull('the bucket is full', fault) : picturesUnavailable(fault)
}

function codeOf(text: string): string {
  return CODE.test(text) ? text : 'unknown'
}
