import { onlyGallery, portsToImports, startImporter } from '@semblance/core'
import { createJobHandlers, onlyEngine, runImportRow } from '@semblance/jobs'
import {
  createFakeFaceEngine,
  createNaiveImageStore,
  createNaiveImportStore,
  openTestGallery,
} from '@semblance/testkit'
import { createTestQueue, openTestApi, type TestApi } from './open-test-api.ts'
import { sourcesOfBucket } from './sources-of-bucket.ts'

/** Pictures of rows that are larger are refused. */
export const MAX_PICTURE_BYTES = 100_000
const MAX_STAGED_BYTES = 1_000_000
const DONE_WITHIN_MS = 5_000
const LOOK_EVERY_MS = 5

/** The API with an importer that does the rows at once, in this process, with a fake face engine. */
export interface TestImportApi extends Pick<TestApi, 'ask' | 'url' | 'gallery'> {
  /** Makes an import; answers its path. */
  begin(fields?: object): Promise<string>
  /** Closes the import at this path and waits for its end; answers the lines of its report. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by tests only
  finish(path: string): Promise<any[]>
  close(): Promise<void>
}

export interface TestImportApiOptions {
  /** Pause of the importer between two looks. */
  readonly lookEveryMs?: number
}

/** `objects`: keys of the bucket `faces`, all of them in one listing. Links of rows whose text has `away` are unreachable, all others refused. */
export async function openImportApi(
  objects: readonly string[] = [],
  { lookEveryMs = LOOK_EVERY_MS }: TestImportApiOptions = {},
): Promise<TestImportApi> {
  const empty = openTestGallery()
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const [imports, staged] = [createNaiveImportStore(clock), createNaiveImageStore(clock)]
  const importing = {
    imports,
    staged,
    maxStagedBytes: MAX_STAGED_BYTES,
    maxPictureBytes: MAX_PICTURE_BYTES,
  }
  const { eraseFromImports } = portsToImports(importing)
  const gallery = { ...empty, eraseFromImports }
  const runRow = rowsDoneHere({ gallery, importing })
  const sources = sourcesOfBucket('faces', objects, clock)
  const importer = startImporter(
    { gallery: { ...gallery, clock }, imports, staged, runRow, sources },
    { window: 8, everyMs: lookEveryMs },
  )
  const deps = { importing: { ...importing, onWork: importer.wake }, clock }
  const api = await openTestApi({ gallery, deps })
  return {
    ...callsOf(api),
    ask: api.ask,
    url: api.url,
    gallery,
    close: async () => {
      await Promise.all([importer.stop(), api.close()])
    },
  }
}

function callsOf(api: TestApi): Pick<TestImportApi, 'begin' | 'finish'> {
  const untilDone = async (path: string) => {
    const until = performance.now() + DONE_WITHIN_MS
    for (;;) {
      const { state } = (await api.ask('GET', path)).json
      if (state === 'done') return
      if (performance.now() > until) throw new Error(`the import is ${state} after ${DONE_WITHIN_MS} ms`)
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  }
  return {
    begin: async (fields = {}) => {
      const made = await api.ask('POST', '/api/imports', { body: { name: 'staff', ...fields } })
      if (made.status !== 201) throw new Error(`the import was not made: ${made.text}`)
      return `/api/imports/${made.json.id}`
    },
    finish: async (path) => {
      await api.ask('POST', `${path}/close`)
      await untilDone(path)
      const { text } = await api.ask('GET', `${path}/report`)
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    },
  }
}

function rowsDoneHere({
  gallery,
  importing,
}: {
  readonly gallery: ReturnType<typeof openTestGallery>
  readonly importing: NonNullable<Parameters<typeof createJobHandlers>[0]['importing']>
}): Parameters<typeof startImporter>[0]['runRow'] {
  const handlers = createJobHandlers({
    galleryOf: onlyGallery(gallery),
    importing,
    packs: onlyEngine(createFakeFaceEngine()),
    inFlight: { put: async () => '' as never, get: async () => null, drop: async () => {} },
    links: {
      fetch: async (link) => ({
        outcome: 'refused',
        reason: link.includes('away') ? 'unreachable' : 'address-not-allowed',
      }),
      close: async () => {},
    },
    observe: () => {},
  })
  const queue = createTestQueue(({ payload, lane }, { signal }) =>
    handlers['import-row'](payload, { lane, signal }),
  )
  const terms = { threshold: 1, deadlineMs: 1_000, requestId: 'r' }
  return (work, waiting) => runImportRow(queue, { ...work, ...terms }, waiting)
}
