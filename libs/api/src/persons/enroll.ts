import {
  deadlineMissed,
  findVisiblePerson,
  type GalleryPorts,
  type Image,
  type ImageId,
  type PersonId,
  type QualityGate,
  withinRoom,
} from '@semblance/core'
import { type AddImageResult, type PictureSource, runJob } from '@semblance/jobs'
import type { ApiDeps } from '../api-deps.ts'
import type { RequestContext } from '../endpoint/endpoint.ts'
import { jobOriginOf } from '../endpoint/job-origin.ts'
import { ok, type Reply, refuse } from '../endpoint/reply.ts'
import { gateInPayload } from '../fields/gate-field.ts'
import type { ImageInput } from '../fields/image-field.ts'
import { consumedIds } from '../idempotency/consumed-ids.ts'
import { explainLowQuality, viewBroken } from '../pictures/low-quality.ts'
import { explainProblem, NO_FACE, replyToProblem } from '../pictures/picture-problem.ts'
import { withPicture } from '../pictures/with-picture.ts'
import { viewEnrolledImage } from './enrolled-image-view.ts'
import { imageNotFound, personNotFound } from './person-paths.ts'

export async function enroll(
  deps: ApiDeps,
  wanted: { readonly personId: PersonId; readonly image: ImageInput; readonly gate: QualityGate },
  context: RequestContext,
): Promise<Reply> {
  const { personId, image, gate } = wanted
  const gallery = deps.galleryOf(context)
  // A place in the queue and a face network are too dear to learn that nobody is there.
  if ((await findVisiblePerson(gallery, personId, context)) === null) return personNotFound()
  // Ids are made here, not by the worker, so that a job that runs twice enrolls one picture.
  const ids = { ...jobOriginOf(context), imageId: context.newId() as ImageId, personId }
  const earlier = context.isRepeat ? await findEarlier(gallery, ids.imageId, context) : null
  if (earlier?.state === 'ready') return ok(viewEnrolledImage(earlier, null, context.baseUrl))
  const task = (picture: PictureSource) =>
    runJob(
      deps.queue,
      {
        job: 'add-image',
        payload: { ...ids, picture, ...gateInPayload(gate) },
        deadlineMs: deps.config.enrollDeadlineMs,
      },
      context,
    )
  const result = await withinRoom(gallery.room, () =>
    withPicture(deps.inFlight, image, { signal: context.signal, task }),
  )
  if (context.isRepeat && result.outcome !== 'added') await refuseHalfDone(gallery, ids.imageId, context)
  return replyTo(result, context)
}

async function findEarlier(
  gallery: GalleryPorts,
  id: ImageId,
  context: RequestContext,
): Promise<Image | null> {
  const [image] = await gallery.records.images.findMany([id], context)
  return image ?? null
}

/**
 * A repeated run that enrolled nothing must not say so while the run before it may still be finished (a link gives
 * other bytes at another time); and what that run left may be a tombstone, which lets nobody in.
 */
async function refuseHalfDone(gallery: GalleryPorts, id: ImageId, context: RequestContext): Promise<void> {
  const earlier = await findEarlier(gallery, id, context)
  if (earlier === null) return
  if (earlier.state === 'pending' || earlier.state === 'ready')
    throw deadlineMissed('the earlier request with this Idempotency-Key', 2)
  throw consumedIds(id)
}

function replyTo(result: AddImageResult, context: RequestContext): Reply {
  switch (result.outcome) {
    case 'added':
      return ok(viewEnrolledImage(result.image, result.enrolled ?? null, context.baseUrl))
    case 'person-not-found':
      return personNotFound()
    case 'image-not-found':
      return imageNotFound()
    case 'no-face':
      return refuse('FaceNotDetected', NO_FACE)
    case 'low-quality':
      return refuse('FaceQualityTooLow', explainLowQuality(result), { limits: viewBroken(result) })
    case 'undecodable':
    case 'too-many-pixels':
    case 'link-refused': {
      const { type, msg, metadata } = explainProblem(result)
      return replyToProblem(result, refuse(type, msg, metadata))
    }
  }
}
