import { addAbortSignal, Readable } from 'node:stream'
import { GetObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import { AppError, type LinkOutcome } from '@semblance/core'
import { type Fetching, type LinkSource, refused } from './link-source.ts'
import { readObjectLink } from './object-link.ts'
import { readLink } from './read-link.ts'
import type { TellFault } from './tell-fault.ts'

export interface S3SourceDeps {
  readonly buckets: ReadonlySet<string>
  readonly region: string
  /** URL of a server other than AWS's own; buckets are then named in the path. */
  readonly endpoint: string | undefined
  readonly maxBytes: number
  readonly tellFault: TellFault
}

const CONNECT_TIMEOUT_MS = 2_000
/** The whole call has a deadline anyway; an attempt must leave time for a second one. */
const ATTEMPT_TIMEOUT_MS = 4_000
const ATTEMPTS = 2

/** Answers of a bucket about the object asked for; all others are about us. */
const OBJECT_FAULTS: readonly string[] = ['NoSuchKey', 'NotFound', 'KeyTooLongError', 'InvalidObjectState']

/** With the credentials that the AWS SDK finds by itself. */
export function openS3Client({ region, endpoint }: Pick<S3SourceDeps, 'region' | 'endpoint'>): S3Client {
  return new S3Client({
    region,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: ATTEMPT_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  })
}

/** `s3://bucket/key` of listed buckets, read with the credentials that the AWS SDK finds by itself. */
export class S3Source implements LinkSource {
  readonly #deps: S3SourceDeps
  readonly #client: S3Client

  constructor(deps: S3SourceDeps) {
    this.#deps = deps
    this.#client = openS3Client(deps)
  }

  async fetch(link: string, fetching: Fetching): Promise<LinkOutcome> {
    const place = readObjectLink(link)
    if (place === null) return refused('invalid-link')
    if (!this.#deps.buckets.has(place.bucket)) return refused('address-not-allowed')
    try {
      return await this.#read({ Bucket: place.bucket, Key: place.key }, fetching)
    } catch (fault) {
      if (fetching.signal.aborted || fault instanceof AppError) throw fault
      const status = fault instanceof S3ServiceException ? fault.$metadata.httpStatusCode : undefined
      const name = fault instanceof Error ? fault.name : 'unknown'
      if (!OBJECT_FAULTS.includes(name)) this.#deps.tellFault('s3', name)
      return refused(status !== undefined && status < 500 ? 'bad-status' : 'unreachable')
    }
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }

  async #read(
    object: { readonly Bucket: string; readonly Key: string },
    { signal: abortSignal, room }: Fetching,
  ): Promise<LinkOutcome> {
    const { maxBytes } = this.#deps
    const answer = await this.#client.send(new GetObjectCommand(object), { abortSignal })
    const body = answer.Body instanceof Readable ? answer.Body : Readable.from([])
    body.on('error', () => undefined)
    const isEncoded = !['', 'identity', 'aws-chunked'].includes(answer.ContentEncoding ?? '')
    if (isEncoded || (answer.ContentLength ?? 0) > maxBytes) {
      body.destroy()
      return refused(isEncoded ? 'bad-status' : 'too-large')
    }
    const bytes = await readLink(addAbortSignal(abortSignal, body), { maxBytes, room })
    return bytes === null ? refused('too-large') : { outcome: 'fetched', bytes }
  }
}
