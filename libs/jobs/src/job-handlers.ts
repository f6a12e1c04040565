import {
  type EngineWork,
  type Gallery,
  type ImageLinks,
  type JobHandler,
  jobFailed,
  searchEnrolled,
} from '@semblance/core'
import {
  addImageJob,
  compareJob,
  detectJob,
  type PictureSource,
  searchEnrolledJob,
  searchJob,
} from './catalogue.ts'
import type { JobDefinition } from './define-job.ts'
import { FetchedLinks, fetchLinks, linksOf } from './handlers/fetched-links.ts'
import { handleAddImage } from './handlers/handle-add-image.ts'
import { handleCompare } from './handlers/handle-compare.ts'
import { handleDetect } from './handlers/handle-detect.ts'
import { handleSearch } from './handlers/handle-search.ts'
import type { PictureDeps } from './handlers/obtain-picture.ts'

export interface JobDeps extends PictureDeps {
  readonly gallery: Gallery
}

/** By job name; the payload is as it came off the queue. */
export type JobHandlers = Readonly<Record<string, StagedHandler>>

interface StagedHandler extends Pick<JobHandler, 'prepare'> {
  /** Fetches its links itself where they were not fetched before (`prepared`). */
  (payload: unknown, work: EngineWork & { readonly prepared?: unknown }): Promise<unknown>
}

/** A handler for every job in the catalogue. */
export function createJobHandlers(given: JobDeps): JobHandlers {
  const deps = { ...given, links: timedLinks(given) }
  return Object.fromEntries([
    handler(deps, searchJob, { run: handleSearch, picturesOf: ({ picture }) => [picture] }),
    handler(deps, searchEnrolledJob, { run: searchEnrolled, picturesOf: () => [] }),
    handler(deps, compareJob, {
      run: handleCompare,
      picturesOf: ({ pictures }) => pictures.map(({ picture }) => picture),
    }),
    handler(deps, detectJob, { run: handleDetect, picturesOf: ({ picture }) => [picture] }),
    handler(deps, addImageJob, { run: handleAddImage, picturesOf: ({ picture }) => [picture] }),
  ])
}

interface HandlerParts<Payload, Result> {
  readonly run: (deps: JobDeps, payload: Payload, work: EngineWork) => Promise<Result>
  readonly picturesOf: (payload: Payload) => readonly PictureSource[]
}

function handler<Payload, Result>(
  deps: JobDeps,
  job: JobDefinition<Payload, Result>,
  { run, picturesOf }: HandlerParts<Payload, Result>,
): readonly [string, StagedHandler] {
  const handle: StagedHandler = async (payload, { prepared, ...work }) => {
    const parsed = job.payload.safeParse(payload)
    if (!parsed.success) throw jobFailed(job.name, parsed.error)
    if (!(prepared instanceof FetchedLinks)) return run(deps, parsed.data, work)
    try {
      const result = await run({ ...deps, links: prepared }, parsed.data, work)
      return withFetchTime(result, prepared.elapsedMs)
    } finally {
      prepared.release()
    }
  }
  const prepare: StagedHandler['prepare'] = (payload, { signal, remainingMs }) => {
    // What is no payload of this job fails in its place, as ever.
    const parsed = job.payload.safeParse(payload)
    const urls = parsed.success ? linksOf(picturesOf(parsed.data)) : []
    return urls.length === 0 ? null : fetchLinks(urls, { links: deps.links, signal, remainingMs })
  }
  return [job.name, Object.assign(handle, { prepare })]
}

/** What a job tells of its time includes that of its downloads, which ended before it began. */
function withFetchTime<Result>(result: Result, fetchMs: number): Result {
  const hasTime = typeof result === 'object' && result !== null && 'elapsedMs' in result
  if (!hasTime || typeof result.elapsedMs !== 'number') return result
  return { ...result, elapsedMs: Math.round((result.elapsedMs + fetchMs) * 1000) / 1000 }
}

/** Tells the time of each download, however it ended. */
function timedLinks({ links, observe }: JobDeps): ImageLinks {
  return {
    fetch: async (link, waiting) => {
      const begun = performance.now()
      try {
        return await links.fetch(link, waiting)
      } finally {
        observe('fetch', (performance.now() - begun) / 1000)
      }
    },
    close: () => links.close(),
  }
}
