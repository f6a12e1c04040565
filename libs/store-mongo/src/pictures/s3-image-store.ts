import { addAbortSignal, Readable } from 'node:stream'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { type ImageId, type ImageStore, isUuid, type PictureListQuery, type Waiting } from '@semblance/core'
import { createBoundedCalls, type RunBounded } from './bounded-calls.ts'
import { listS3Pictures } from './list-s3-pictures.ts'
import type { S3Credentials, S3ImageStoreOptions } from './open-s3-image-store.ts'
import { translateS3Fault } from './s3-fault.ts'

interface S3Object {
  readonly Bucket: string
  readonly Key: string
}

/** The folder of pictures set aside, below the prefix; no id begins with it. */
const ASIDE = 'set-aside/'
const ATTEMPTS = 3
const DEFAULT_ATTEMPT_TIMEOUT_MS = 5000
const DEFAULT_TIMEOUT_MS = 12_000
const CONNECT_TIMEOUT_MS = 2000

/** One object a picture, at `<prefix><image id>`; a put is atomic, so readers see one version whole. */
export class S3ImageStore implements ImageStore {
  readonly #options: S3ImageStoreOptions
  readonly #client: S3Client
  readonly #bounded: RunBounded

  constructor(options: S3ImageStoreOptions) {
    this.#options = options
    this.#client = createClient(options)
    this.#bounded = createBoundedCalls({
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      faultOf: translateS3Fault,
    })
  }

  put(id: ImageId, bytes: Uint8Array, waiting?: Waiting): Promise<void> {
    const ServerSideEncryption = this.#options.serverSideEncryption
    const object = { ...this.#objectOf(id), Body: bytes, ContentLength: bytes.byteLength }
    return this.#bounded(async (abortSignal) => {
      await this.#client.send(
        new PutObjectCommand({ ...object, ...(ServerSideEncryption && { ServerSideEncryption }) }),
        { abortSignal },
      )
    }, waiting)
  }

  get(id: ImageId, waiting?: Waiting): Promise<Uint8Array | null> {
    const object = this.#objectOf(id)
    return this.#bounded(async (signal) => {
      for (let attempt = 1; ; attempt += 1) {
        const body = await this.#openBody(object, signal)
        if (body === null) return null
        try {
          return await readBody(body, signal)
        } catch (error) {
          // The SDK's own attempts end with the headers; what breaks after them is up to us.
          if (signal.aborted || attempt === ATTEMPTS) throw error
        }
      }
    }, waiting)
  }

  delete(id: ImageId, waiting?: Waiting): Promise<void> {
    const objects = [this.#objectOf(id), this.#objectOf(id, ASIDE)]
    return this.#bounded(async (abortSignal) => {
      for (const object of objects) await this.#client.send(new DeleteObjectCommand(object), { abortSignal })
    }, waiting)
  }

  setAside(id: ImageId, waiting?: Waiting): Promise<void> {
    const [from, to] = [this.#objectOf(id), this.#objectOf(id, ASIDE)]
    return this.#bounded((signal) => this.#move(from, to, signal), waiting)
  }

  restore(id: ImageId, waiting?: Waiting): Promise<void> {
    const [from, to] = [this.#objectOf(id, ASIDE), this.#objectOf(id)]
    return this.#bounded(async (abortSignal) => {
      const isTaken = await this.#exists(to, abortSignal)
      if (isTaken) await this.#client.send(new DeleteObjectCommand(from), { abortSignal })
      else await this.#move(from, to, abortSignal)
    }, waiting)
  }

  list(query: PictureListQuery, waiting?: Waiting): Promise<readonly ImageId[]> {
    return this.#listBelow(this.#options.prefix, query, waiting)
  }

  listSetAside(query: PictureListQuery, waiting?: Waiting): Promise<readonly ImageId[]> {
    return this.#listBelow(`${this.#options.prefix}${ASIDE}`, query, waiting)
  }

  check(waiting?: Waiting): Promise<void> {
    return this.#bounded(async (abortSignal) => {
      await this.#client.send(new HeadBucketCommand({ Bucket: this.#options.bucket }), { abortSignal })
    }, waiting)
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }

  async #listBelow(prefix: string, query: PictureListQuery, waiting?: Waiting): Promise<readonly ImageId[]> {
    const { bucket } = this.#options
    const found: ImageId[] = []
    let startAfter: string | null = query.after === null ? null : `${prefix}${query.after}`
    do {
      const place = { bucket, prefix, startAfter }
      const page = await this.#bounded((signal) => listS3Pictures(this.#client, place, signal), waiting)
      for (const { id, writtenAt } of page.pictures) {
        if (writtenAt <= page.serverNow - query.untouchedMs) found.push(id)
      }
      startAfter = page.next
    } while (startAfter !== null && found.length < query.limit)
    return found.slice(0, query.limit)
  }

  /** The copy is whole before the original goes. An absent one is fine. */
  async #move(from: S3Object, to: S3Object, abortSignal: AbortSignal): Promise<void> {
    const ServerSideEncryption = this.#options.serverSideEncryption
    const CopySource = `${from.Bucket}/${from.Key}`.split('/').map(encodeURIComponent).join('/')
    const copy = { ...to, CopySource, ...(ServerSideEncryption && { ServerSideEncryption }) }
    try {
      await this.#client.send(new CopyObjectCommand(copy), { abortSignal })
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'NoSuchKey') return
      throw error
    }
    await this.#client.send(new DeleteObjectCommand(from), { abortSignal })
  }

  async #exists(object: S3Object, abortSignal: AbortSignal): Promise<boolean> {
    try {
      await this.#client.send(new HeadObjectCommand(object), { abortSignal })
      return true
    } catch (error) {
      if (error instanceof NotFound || error instanceof NoSuchKey) return false
      throw error
    }
  }

  #objectOf(id: ImageId, folder = ''): S3Object {
    // Ids come from requests in the end: nothing but a UUID may become part of a key.
    if (!isUuid(id)) throw new TypeError('an image id must be a UUID')
    return { Bucket: this.#options.bucket, Key: `${this.#options.prefix}${folder}${id}` }
  }

  async #openBody(object: S3Object, abortSignal: AbortSignal): Promise<Readable | null> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(object), { abortSignal })
      return Body instanceof Readable ? Body : Readable.from([])
    } catch (error) {
      if (error instanceof NoSuchKey) return null
      throw error
    }
  }
}

function createClient(options: S3ImageStoreOptions): S3Client {
  const { region, endpoint, credentials, forcePathStyle } = options
  return new S3Client({
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials: withoutAbsent(credentials) }),
    ...(forcePathStyle !== undefined && { forcePathStyle }),
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: options.attemptTimeoutMs ?? DEFAULT_ATTEMPT_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  })
}

function withoutAbsent({ sessionToken, ...keys }: S3Credentials) {
  return sessionToken === undefined ? keys : { ...keys, sessionToken }
}

async function readBody(body: Readable, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of addAbortSignal(signal, body)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
