import {
  compareImages,
  describeAgain,
  type EngineWork,
  type FaceEngines,
  type GalleryOf,
  type GalleryPorts,
  type ImageLinks,
  type JobHandler,
  jobFailed,
  type PackHolder,
  type Preparation,
  searchEnrolled,
  type Tracing,
  UrgentWork,
} from '@semblance/core'
import { definitionOf, type JobName, type JobPayload, type JobResult, linksOf } from './catalogue.ts'
import { FetchedLinks, fetchLinks } from './handlers/fetched-links.ts'
import { handleAddImage } from './handlers/handle-add-image.ts'
import { handleCompare } from './handlers/handle-compare.ts'
import { handleDetect } from './handlers/handle-detect.ts'
import { handleImportRow, type Importing } from './handlers/handle-import-row.ts'
import { handleSearch } from './handlers/handle-search.ts'
import { handleThumbnail } from './handlers/handle-thumbnail.ts'
import { inEveryPack } from './handlers/in-every-pack.ts'
import { inTrace } from './handlers/in-trace.ts'
import type { PictureDeps } from './handlers/obtain-picture.ts'
import { RowsAside } from './handlers/rows-aside.ts'

export interface JobDeps extends Omit<PictureDeps, 'engine'> {
  readonly galleryOf: GalleryOf
  /** The engines of the packs that this process has loaded, or will have by then. */
  readonly packs: PackHolder
  /** Left out, jobs of imports fail. */
  readonly importing?: Importing | undefined
  /** Left out where nothing is traced. */
  readonly tracing?: Tracing | undefined
}

/** What one run of a job works with: the gallery is that of its payload. */
interface RunDeps extends PictureDeps {
  readonly gallery: GalleryPorts
  readonly engines: FaceEngines
  readonly importing?: Importing | undefined
  readonly urgent: UrgentWork
  readonly rowsAside: RowsAside
}

/** One for every job of the catalogue. The payload is as it came off the queue. */
export type JobHandlers = { readonly [Name in JobName]: StagedHandler }

interface StagedHandler extends Pick<JobHandler, 'prepare'> {
  /** Fetches its links itself where they were not fetched before (`prepared`). */
  (payload: unknown, work: EngineWork & { readonly prepared?: unknown }): Promise<unknown>
}

type LinkWait = Parameters<NonNullable<JobHandler['prepare']>>[1]

type RunJob<Name extends JobName> = (
  deps: RunDeps,
  payload: JobPayload<Name>,
  work: EngineWork,
) => Promise<JobResult<Name>>

/** A job of the catalogue that is not here does not compile. */
const HANDLERS: { readonly [Name in JobName]: RunJob<Name> } = {
  search: inEveryPack(handleSearch, (result) => (result.outcome === 'created' ? result.image.id : null)),
  'search-enrolled': searchEnrolled,
  compare: handleCompare,
  detect: handleDetect,
  'add-image': inEveryPack(handleAddImage, (result) => (result.outcome === 'added' ? result.image.id : null)),
  thumbnail: handleThumbnail,
  'import-row': inEveryPack(handleImportRow, (result) =>
    result.kind === 'enrolled' ? result.imageId : null,
  ),
  'find-duplicates': compareImages,
  redescribe: describeAgain,
}

export function createJobHandlers(given: JobDeps): JobHandlers {
  const own = { urgent: new UrgentWork(), rowsAside: new RowsAside() }
  const deps = { ...given, ...own, links: timedLinks(given) }
  const names = Object.keys(HANDLERS) as readonly JobName[]
  return Object.fromEntries(names.map((name) => [name, handler(deps, name)])) as JobHandlers
}

function handler<Name extends JobName>(
  deps: JobDeps & Pick<RunDeps, 'urgent' | 'rowsAside'>,
  name: Name,
): StagedHandler {
  const run: RunJob<Name> = HANDLERS[name]
  const job = definitionOf(name)
  const handle: StagedHandler = async (payload, { prepared, ...work }) => {
    const parsed = job.payload.safeParse(payload)
    if (!parsed.success) throw jobFailed(name, parsed.error)
    const runWith = (links: ImageLinks) => {
      // Asked for once: whatever serves later, this job ends with the packs that it began with.
      const own = () =>
        deps.packs.use((engines) => {
          const gallery = deps.galleryOf(parsed.data)
          return run({ ...deps, links, engines, engine: engines.serving, gallery }, parsed.data, work)
        }, work)
      return inTrace(deps.tracing, { name: `job ${name}`, payload: parsed.data }, () =>
        work.lane === 'bulk' ? own() : deps.urgent.run(own),
      )
    }
    if (!(prepared instanceof FetchedLinks)) return runWith(deps.links)
    try {
      const result = await runWith(prepared)
      return withFetchTime(result, prepared.elapsedMs)
    } finally {
      prepared.release()
    }
  }
  const fetchAll = async (payload: JobPayload<Name>, given: LinkWait): Promise<Preparation> => {
    const { remainingMs, ...work } = given
    const fetching = { ...work, links: deps.links, remainingMs }
    const prepared = await inTrace(deps.tracing, { name: `prepare ${name}`, payload }, () =>
      fetchLinks(linksOf(name, payload), fetching),
    )
    if (!isWithoutPicture(name, { payload, prepared })) return { outcome: 'prepared', prepared }
    return { outcome: 'done', result: await handle(payload, { ...work, prepared }) }
  }
  const prepare: StagedHandler['prepare'] = (payload, given) => {
    // What is no payload of this job fails in its place, as ever.
    const parsed = job.payload.safeParse(payload)
    const hasLinks = parsed.success && linksOf(name, parsed.data).length > 0
    return hasLinks ? fetchAll(parsed.data, given) : null
  }
  return Object.assign(handle, { prepare })
}

/** Every link was refused, and there is no other picture: the handler tells it, and there is nothing to work on. */
function isWithoutPicture<Name extends JobName>(
  name: Name,
  { payload, prepared }: { readonly payload: JobPayload<Name>; readonly prepared: FetchedLinks },
): boolean {
  const pictures = definitionOf(name).picturesOf(payload)
  return prepared.isAllRefused && pictures.every(({ from }) => from.kind === 'link')
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
