import { type EngineWork, type Gallery, jobFailed, searchEnrolled } from '@semblance/core'
import { addImageJob, compareJob, detectJob, searchEnrolledJob, searchJob } from './catalogue.ts'
import type { JobDefinition } from './define-job.ts'
import { handleAddImage } from './handlers/handle-add-image.ts'
import { handleCompare } from './handlers/handle-compare.ts'
import { handleDetect } from './handlers/handle-detect.ts'
import { handleSearch } from './handlers/handle-search.ts'
import type { PictureDeps } from './handlers/obtain-picture.ts'

export interface JobDeps extends PictureDeps {
  readonly gallery: Gallery
}

/** By job name; the payload is as it came off the queue. */
export type JobHandlers = Readonly<Record<string, (payload: unknown, work: EngineWork) => Promise<unknown>>>

/** A handler for every job in the catalogue. */
export function createJobHandlers(deps: JobDeps): JobHandlers {
  return Object.fromEntries([
    handler(searchJob, (payload, work) => handleSearch(deps, payload, work)),
    handler(searchEnrolledJob, (payload, work) => searchEnrolled(deps, payload, work)),
    handler(compareJob, (payload, work) => handleCompare(deps, payload, work)),
    handler(detectJob, (payload, work) => handleDetect(deps, payload, work)),
    handler(addImageJob, (payload, work) => handleAddImage(deps, payload, work)),
  ])
}

function handler<Payload, Result>(
  job: JobDefinition<Payload, Result>,
  run: (payload: Payload, work: EngineWork) => Promise<Result>,
): readonly [string, (payload: unknown, work: EngineWork) => Promise<Result>] {
  const handle = async (payload: unknown, work: EngineWork) => {
    const parsed = job.payload.safeParse(payload)
    if (!parsed.success) throw jobFailed(job.name, parsed.error)
    return run(parsed.data, work)
  }
  return [job.name, handle]
}
