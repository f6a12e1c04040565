import type { JobOrigin } from '@semblance/jobs'
import type { RequestContext } from './endpoint.ts'

/** What a job is told of the request that it is done for. */
export function jobOriginOf({ requestId, galleryId }: RequestContext): JobOrigin {
  return galleryId === undefined ? { requestId } : { requestId, galleryId }
}
