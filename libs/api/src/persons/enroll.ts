import { type ImageId, type PersonId, readPerson } from '@semblance/core'
import { type AddImageResult, addImageJob, runJob } from '@semblance/jobs'
import type { ApiDeps } from '../api-deps.ts'
import type { RequestContext } from '../endpoint/endpoint.ts'
import { ok, type Reply, refuse } from '../endpoint/reply.ts'
import type { ImageInput } from '../fields/image-field.ts'
import { describeProblem } from '../pictures/picture-problem.ts'
import { withPicture } from '../pictures/with-picture.ts'
import { imageNotFound, personNotFound } from './person-paths.ts'
import { viewImage } from './person-view.ts'

export async function enroll(
  deps: ApiDeps,
  wanted: { readonly personId: PersonId; readonly image: ImageInput },
  context: RequestContext,
): Promise<Reply> {
  const { personId, image } = wanted
  // A place in the queue and a face network are too dear to learn that nobody is there.
  if ((await readPerson(deps.gallery, personId, context)) === null) return personNotFound()
  // Made here, not by the worker, so that a job that runs twice enrolls one picture.
  const ids = { imageId: deps.gallery.newId() as ImageId, personId, requestId: context.requestId }
  const result = await withPicture(deps.inFlight, image, {
    signal: context.signal,
    task: (picture) =>
      runJob(
        deps.queue,
        { job: addImageJob, payload: { ...ids, picture }, deadlineMs: deps.config.enrollDeadlineMs },
        context,
      ),
  })
  return replyTo(result, context)
}

function replyTo(result: AddImageResult, context: RequestContext): Reply {
  switch (result.outcome) {
    case 'added':
      return ok(viewImage(result.image, context.baseUrl))
    case 'person-not-found':
      return personNotFound()
    case 'image-not-found':
      return imageNotFound()
    case 'no-face':
      return refuse('FaceNotDetected', 'image shows no face')
    case 'undecodable':
    case 'too-many-pixels':
    case 'link-refused': {
      const { type, msg, metadata } = describeProblem(result)
      return refuse(type, msg, metadata)
    }
  }
}
