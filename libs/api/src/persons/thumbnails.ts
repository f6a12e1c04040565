import { setTimeout } from 'node:timers/promises'
import {
  AppError,
  type Image,
  type ImageId,
  listPersonImages,
  type PersonId,
  readImage,
  Slots,
} from '@semblance/core'
import { runJob, THUMBNAIL_MAKER } from '@semblance/jobs'
import type { z } from 'zod'
import type { ApiDeps } from '../api-deps.ts'
import type { RequestContext } from '../endpoint/endpoint.ts'
import { isListed } from '../endpoint/entity-tag.ts'
import { jobOriginOf } from '../endpoint/job-origin.ts'
import { type Reply, refuse } from '../endpoint/reply.ts'
import { explainProblem } from '../pictures/picture-problem.ts'
import { imageNotFound, personNotFound } from './person-paths.ts'
import { ThumbnailCache } from './thumbnail-cache.ts'
import type { pictureQuery, WantedThumbnail } from './thumbnail-query.ts'

/** Nobody tells this process of what others delete: what it keeps of that is forgotten by then. */
const KEEP_MS = 600_000

/** A screen full of tiles asks for a hundred at once. So many of a process are in the lane; the others wait here. */
const AT_ONCE = 16

/**
 * Others, such as other gateways, may have filled the share of the lane that small copies may take. A broken tile helps
 * nobody, so that room is waited for: two seconds, in which a worker makes dozens. Then the refusal is passed on.
 */
const ROOM_TRIES = 8
const ROOM_ASKED_EVERY_MS = 250

/** The newest pictures of a person that are tried, until one can be shown. */
const TRIED_PICTURES = 5

type Deps = Pick<ApiDeps, 'galleryOf' | 'queue' | 'clock' | 'config'>

/**
 * Small copies of pictures. A worker makes them: a gateway decodes nothing, so that bytes from outside meet a decoder only
 * where memory and time of decoding are bounded, and its image needs no decoder. What was made is kept in memory for a
 * while, never in a file: an erased person is in none. The records are read each time, so that nothing is sent of what is
 * deleted or expired.
 */
export class Thumbnails {
  readonly #deps: Deps
  readonly #cache: ThumbnailCache
  readonly #slots = new Slots(AT_ONCE)

  constructor(deps: Deps) {
    this.#deps = deps
    const bounds = { maxBytes: deps.config.thumbnailBytes, keepMs: KEEP_MS }
    this.#cache = new ThumbnailCache(bounds, deps.clock)
  }

  /** Of one picture. */
  async send(
    target: { readonly personId: PersonId; readonly imageId: ImageId },
    wanted: WantedThumbnail,
    context: RequestContext,
  ): Promise<Reply> {
    const read = await readImage(this.#deps.galleryOf(context), target, context)
    if (read.outcome === 'person-not-found') return personNotFound()
    if (read.outcome === 'image-not-found') return imageNotFound()
    return this.#reply(read.image, wanted, context)
  }

  /** Of the person's newest picture that can be shown: one that cannot be decoded any more, or is damaged, is passed over. */
  async sendOfPerson(
    personId: PersonId,
    { size: side, crop = 'whole' }: z.output<typeof pictureQuery>,
    context: RequestContext,
  ): Promise<Reply> {
    const query = { personId, request: { page: 1, size: TRIED_PICTURES } }
    const page = await listPersonImages(this.#deps.galleryOf(context), query, context)
    if (page === null) return personNotFound()
    for (const image of page.items) {
      const reply = await this.#replyUnlessDamaged(image, { side, crop }, context)
      if (reply !== null && reply.status < 400) return reply
    }
    return refuse('ImageNotFound', 'this person has no picture that can be shown')
  }

  async #replyUnlessDamaged(
    image: Image,
    wanted: WantedThumbnail,
    context: RequestContext,
  ): Promise<Reply | null> {
    try {
      return await this.#reply(image, wanted, context)
    } catch (fault) {
      if (fault instanceof AppError && fault.code === 'E_PICTURE_DAMAGED') return null
      throw fault
    }
  }

  async #reply(image: Image, wanted: WantedThumbnail, context: RequestContext): Promise<Reply> {
    const key = `${image.sha256}-${wanted.side}-${wanted.crop}-${THUMBNAIL_MAKER}`
    const etag = `"${key}"`
    const headers = headersOf(image, etag)
    if (isListed(context.ifNoneMatch, etag)) return { status: 304, headers, body: { kind: 'none' } }
    // Under the image as well: the same bytes enrolled twice are two pictures, of which one may be gone.
    const cacheKey = `${image.id} ${key}`
    const bytes = this.#cache.get(cacheKey) ?? (await this.#make(image, wanted, context))
    if (!(bytes instanceof Uint8Array)) return bytes
    this.#cache.put(cacheKey, bytes)
    return { status: 200, headers, body: { kind: 'bytes', contentType: 'image/jpeg', bytes } }
  }

  /** The bytes, or why there are none. */
  async #make(image: Image, wanted: WantedThumbnail, context: RequestContext): Promise<Uint8Array | Reply> {
    const { queue, config } = this.#deps
    const payload = { ...jobOriginOf(context), imageId: image.id, ...wanted }
    const call = { job: 'thumbnail', payload, deadlineMs: config.enrollDeadlineMs } as const
    const result = await this.#slots.run(
      () => this.#onceThereIsRoom(() => runJob(queue, call, context), context),
      context,
    )
    if (result.outcome === 'made') return Buffer.from(result.jpeg, 'base64')
    if (result.outcome === 'gone') return imageNotFound()
    const { type, msg, metadata } = explainProblem(result)
    return refuse(type, msg, metadata)
  }

  async #onceThereIsRoom<T>(run: () => Promise<T>, { signal }: RequestContext): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        return await run()
      } catch (fault) {
        const isFull = fault instanceof AppError && fault.code === 'E_OVERLOADED'
        if (!isFull || tried === ROOM_TRIES) throw fault
      }
      await setTimeout(ROOM_ASKED_EVERY_MS, undefined, { signal })
    }
  }
}

function headersOf(image: Image, etag: string): Readonly<Record<string, string>> {
  return {
    ETag: etag,
    // A copy may be kept but must be asked about: a deleted picture is gone at once.
    'Cache-Control': 'private, no-cache',
    'Content-Disposition': `inline; filename="${image.id}.jpg"`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
  }
}
