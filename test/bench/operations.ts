import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClusterServers, openClusterServers, startGateway, startWorker } from '../servers/cluster.ts'
import { availableShapes, type Shape } from '../servers/installation.ts'
import { startStandaloneServer } from '../servers/standalone-server.ts'
import { describe, openBarePipeline } from './bare-pipeline.ts'
import type { BenchRecord } from './exact-index.ts'
import { openHttpClient, searchBody, searchesDuring } from './http-client.ts'
import { quantile, sleep } from './measure.ts'
import { prefillCluster } from './prefill-cluster.ts'
import { type GalleryPlan, prefillGallery } from './prefill-gallery.ts'
import type { ProbePhotos } from './probe-photos.ts'

interface Sizes {
  readonly faces: number
  readonly windowMs: number
  readonly windows: number
  /** How long the search for duplicates is left alone, for its own rate. */
  readonly aloneMs: number
}

const FULL: Sizes = { faces: 100_000, windowMs: 6_000, windows: 5, aloneMs: 15_000 }
const QUICK: Sizes = { faces: 10_000, windowMs: 3_000, windows: 2, aloneMs: 5_000 }
/** Strangers in random directions are far beyond it: no pairs are written meanwhile. */
const THRESHOLD = 0.5
const WARM_UP_MS = 3_000

/**
 * In each shape: what a search takes while a search for duplicates is paused, and while it runs, in turn; and how many
 * pictures a second that compares, alone and beside searches.
 */
export async function benchOperations(
  photos: ProbePhotos,
  options: { readonly quick: boolean },
): Promise<readonly BenchRecord[]> {
  const sizes = options.quick ? QUICK : FULL
  const plan = await planOf(photos, sizes.faces)
  const records: BenchRecord[] = []
  for (const shape of await availableShapes())
    records.push(
      ...(await (shape === 'standalone' ? inStandalone : inCluster)(plan, (url) =>
        measure({ shape, url, sizes }, photos),
      )),
    )
  return records
}

type Plan = Omit<GalleryPlan, 'dataFolder'>
type Measure = (url: string) => Promise<readonly BenchRecord[]>

async function planOf({ small }: ProbePhotos, faces: number): Promise<Plan> {
  const bare = await openBarePipeline()
  const { packId, dimensions } = bare.engine
  const known: Float32Array[] = []
  for (const photo of small) known.push((await describe(bare.engine, photo)).values)
  await bare.close()
  return { packId, dimensions, faces, known, pictures: [] }
}

async function inStandalone(plan: Plan, measuring: Measure): Promise<readonly BenchRecord[]> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'semblance-bench-'))
  try {
    await prefillGallery({ ...plan, dataFolder })
    const server = await startStandaloneServer({ dataFolder })
    return await measuring(server.url).finally(() => server.stop())
  } finally {
    await rm(dataFolder, { recursive: true, force: true })
  }
}

async function inCluster(plan: Plan, measuring: Measure): Promise<readonly BenchRecord[]> {
  // `availableShapes` has opened such servers once already.
  const servers = (await openClusterServers({ own: true })) as ClusterServers
  try {
    await prefillCluster(servers.env, plan)
    const processes = await Promise.all([startGateway(servers.env), startWorker(servers.env)])
    const end = () => Promise.all(processes.map((one) => one.end('SIGTERM')))
    return await measuring(processes[0].url).finally(end)
  } finally {
    await servers.close()
  }
}

interface Measuring {
  readonly shape: Shape
  readonly url: string
  readonly sizes: Sizes
}

async function measure(
  { shape, url, sizes }: Measuring,
  { small }: ProbePhotos,
): Promise<readonly BenchRecord[]> {
  const client = openHttpClient(url)
  const bodies = small.map(searchBody)
  const search = (ms: number) => searchesDuring({ client, bodies }, ms)
  try {
    await search(WARM_UP_MS)
    const duplicates = await DuplicateSearch.begin(url)
    const alone = await duplicates.rateDuring(() => sleep(sizes.aloneMs))
    const times = { quiet: [] as number[], busy: [] as number[] }
    const beside: number[] = []
    for (let window = 0; window < sizes.windows; window++) {
      await duplicates.say('pause')
      // The step under way ends.
      await sleep(2_000)
      times.quiet.push(...(await search(sizes.windowMs)))
      await duplicates.say('resume')
      await sleep(1_000)
      const during = async () => void times.busy.push(...(await search(sizes.windowMs)))
      beside.push(await duplicates.rateDuring(during))
    }
    await duplicates.say('cancel')
    return recordsOf(shape, { times, alone, beside })
  } finally {
    client.close()
  }
}

interface Measured {
  readonly times: { readonly quiet: readonly number[]; readonly busy: readonly number[] }
  readonly alone: number
  readonly beside: readonly number[]
}

function recordsOf(shape: Shape, { times, alone, beside }: Measured): readonly BenchRecord[] {
  const [quiet, busy] = [quantile(times.quiet, 0.95), quantile(times.busy, 0.95)]
  const info = (name: string, value: number, unit: string): BenchRecord => {
    const better = unit === 'ms' ? 'less' : 'more'
    return { name: `${shape}: ${name}`, value, unit, goal: null, better }
  }
  const mean = beside.reduce((sum, rate) => sum + rate, 0) / beside.length
  return [
    info('search, p95, nothing else', quiet, 'ms'),
    info('search, p95, while duplicates are sought', busy, 'ms'),
    {
      name: `${shape}: p95 while duplicates are sought / without`,
      value: busy / quiet,
      unit: 'ratio',
      goal: 1.3,
      better: 'less',
    },
    info('search, median, with / without', quantile(times.busy, 0.5) / quantile(times.quiet, 0.5), 'ratio'),
    info('duplicates alone', alone, 'pictures/s'),
    info('duplicates beside one client that searches', mean, 'pictures/s'),
  ]
}

/** One search for duplicates, by HTTP; throws at whatever is answered with another status than 2xx. */
class DuplicateSearch {
  readonly #url: string

  private constructor(url: string) {
    this.#url = url
  }

  static async begin(server: string): Promise<DuplicateSearch> {
    const { id } = await ask(`${server}/api/duplicates`, 'POST', { threshold: THRESHOLD })
    return new DuplicateSearch(`${server}/api/operations/${id}`)
  }

  async say(what: 'pause' | 'resume' | 'cancel'): Promise<void> {
    await ask(`${this.#url}/${what}`, 'POST')
  }

  /** Pictures a second. Throws if it ended meanwhile. */
  async rateDuring(work: () => Promise<unknown>): Promise<number> {
    const begun = performance.now()
    const { done: before } = await ask(this.#url, 'GET')
    await work()
    const { done, state } = await ask(this.#url, 'GET')
    if (state !== 'running') throw new Error(`the search for duplicates is ${state}`)
    return ((done - before) * 1000) / (performance.now() - begun)
  }
}

interface Answer {
  readonly id: string
  readonly state: string
  readonly done: number
}

async function ask(url: string, method: string, body?: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, {
    method,
    ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${url} was answered with ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Answer
}
