import { addAbortSignal, Readable } from 'node:stream'
import { GetObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import { AppError, type LinkOutcome } from '@semblance/core'
import { BodyBroken, refusalOfFault } from './fault-refusal.ts'
import {
  type Fetching,
  fetchWhole,
  type LinkRefused,
  type LinkSource,
  type Opened,
  type Opening,
  refused,
  type StreamSource,
} from './link-source.ts'
import { readObjectLink } from './object-link.ts'
import { isPassingStatus } from './opened-by-http.ts'
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
const OBJECT_FAULTS: readonly string[] = [
  'NoSuchKey',
  'NotFound',
  'KeyTooLongError',
  'InvalidObjectState',
  'InvalidRange',
]

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
export class S3Source implements LinkSource, StreamSource {
  readonly #deps: S3SourceDeps
  readonly #client: S3Client

  constructor(deps: S3SourceDeps) {
    this.#deps = deps
    this.#client = openS3Client(deps)
  }

  async fetch(link: string, { signal, room }: Fetching): Promise<LinkOutcome> {
    try {
      return await fetchWhole(this.open(link, { signal }), { maxBytes: this.#deps.maxBytes, room })
    } catch (fault) {
      if (signal.aborted || fault instanceof AppError) throw fault
      return this.#refusalOf(fault)
    }
  }

  async open(link: string, opening: Opening): Promise<Opened> {
    const place = readObjectLink(link)
    if (place === null) return refused('invalid-link')
    if (!this.#deps.buckets.has(place.bucket)) return refused('address-not-allowed')
    try {
      return await this.#open({ Bucket: place.bucket, Key: place.key }, opening)
    } catch (fault) {
      if (opening.signal.aborted) throw fault
      return this.#refusalOf(fault)
    }
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }

  #refusalOf(fault: unknown): LinkRefused {
    const status = fault instanceof S3ServiceException ? fault.$metadata.httpStatusCode : undefined
    const cause = fault instanceof BodyBroken ? fault.cause : fault
    const name = cause instanceof Error ? cause.name : 'unknown'
    if (!OBJECT_FAULTS.includes(name)) this.#deps.tellFault('s3', name)
    if (status === undefined) return refused(refusalOfFault(fault))
    return refused(isPassingStatus(status) ? 'unreachable' : 'bad-status')
  }

  async #open(
    object: { readonly Bucket: string; readonly Key: string },
    { signal: abortSignal, from = 0 }: Opening,
  ): Promise<Opened> {
    const command = new GetObjectCommand({ ...object, ...(from > 0 && { Range: `bytes=${from}-` }) })
    const answer = await this.#client.send(command, { abortSignal })
    const body = answer.Body instanceof Readable ? answer.Body : Readable.from([])
    body.on('error', () => undefined)
    const encoding = answer.ContentEncoding ?? ''
    const comesFrom = answer.ContentRange === undefined ? 0 : from
    return {
      outcome: 'opened',
      body: addAbortSignal(abortSignal, body),
      from: comesFrom,
      size: answer.ContentLength === undefined ? null : comesFrom + answer.ContentLength,
      version: answer.ETag ?? null,
      contentType: answer.ContentType,
      encoding: ['', 'aws-chunked'].includes(encoding) ? 'identity' : encoding.toLowerCase(),
      close: async () => void body.destroy(),
    }
  }
}
