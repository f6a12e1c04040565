import { randomBytes } from 'node:crypto'
import { type HttpClient, openHttpClient, searchBody, searchOnce } from '../../bench/http-client.ts'
import { quantile, throughput } from '../../bench/measure.ts'
import { readProbePhotos } from '../../bench/probe-photos.ts'
import { callsTo } from '../../e2e/calls.ts'
import {
  type ClusterServers,
  openClusterServers,
  startGateway,
  startWorker,
  type WorkerProcess,
} from '../../servers/cluster.ts'
import { randomOf } from '../engine/random.ts'
import type { Calibration, CheckedRun, JobCpu, MeasuredServing } from '../measured.ts'
import { runOpenLoop } from './open-loop.ts'
import { watchSearchCpu } from './search-cpu.ts'
import { readStages, stagesBetween } from './stage-times.ts'

/** Of each worker. */
const THREADS = 1
/** Callers for each worker that keep its inference thread busy all the time: as many as it has places. */
const FEW_CALLERS = 4
const NOISE_CALLERS = 16
const CALIBRATION_MS = 10_000
const READ_EVERY_MS = 3_000
/** A run of each: so many workers, at this share of what few callers get answered. */
const RUNS = [
  { workers: 1, share: 0.4 },
  { workers: 1, share: 0.65 },
  { workers: 1, share: 0.8 },
  { workers: 2, share: 0.6 },
] as const

export interface ServingMeasurement {
  /** Of each run. */
  readonly seconds: number
  readonly told: (line: string) => void
}

/** Runs a real cluster on this machine under searches that come at random, and tells what each search cost. */
export async function measureServing(
  plan: ServingMeasurement,
): Promise<MeasuredServing | { readonly skipped: string }> {
  const photos = await readProbePhotos()
  if (photos === null) return { skipped: 'no reference photos' }
  const servers = await openClusterServers({ own: true })
  if ('skipped' in servers) return servers
  try {
    return await runAll(servers, { plan, photos: photos.small })
  } finally {
    await servers.close()
  }
}

async function runAll(
  servers: ClusterServers,
  { plan, photos }: { readonly plan: ServingMeasurement; readonly photos: readonly Uint8Array[] },
): Promise<MeasuredServing> {
  const env = { ...servers.env, SEMBLANCE_LOG_LEVEL: 'info', SEMBLANCE_THREADS: String(THREADS) }
  const gateway = await startGateway(env)
  const client = openHttpClient(gateway.url)
  const workers: WorkerProcess[] = []
  try {
    workers.push(await startWorker(env))
    const calls = callsTo(gateway)
    for (const [i, photo] of photos.entries())
      await calls.addImage(await calls.createPerson({ name: `person ${i}` }), Buffer.from(photo))
    const serving = { client, bodies: photos.map(searchBody), workers, plan }
    const job = await measureJob(serving)
    plan.told(JSON.stringify(job))
    const runs: CheckedRun[] = []
    for (const { workers: count, share } of RUNS) {
      while (workers.length < count) workers.push(await startWorker(env))
      const run = await measureRun(serving, share)
      plan.told(
        JSON.stringify({ ...run.seen, workers: run.workers, rate: run.rate, calibrations: run.calibrations }),
      )
      runs.push(run)
    }
    return { job, runs }
  } finally {
    client.close()
    await Promise.all([gateway, ...workers].map((process) => process.end('SIGTERM')))
  }
}

interface Serving {
  readonly client: HttpClient
  readonly bodies: readonly Uint8Array[]
  readonly workers: readonly WorkerProcess[]
  readonly plan: ServingMeasurement
}

/** Searches for noise of a photo's size: they cost the worker next to nothing, so that there can be many of them. */
async function measureJob({ client, bodies }: Serving): Promise<JobCpu> {
  const photo = JSON.parse(Buffer.from(bodies[0]!).toString()) as {
    readonly image: { readonly content: string }
  }
  const noise = searchBody(randomBytes(Buffer.from(photo.image.content, 'base64').byteLength))
  const cpuOf = watchSearchCpu(THREADS)
  let jobs = 0
  const ask = async () => {
    const { status } = await client.send('/api/search', noise)
    if (status !== 200) throw new Error(`noise was answered with ${status}`)
    jobs += 1
  }
  const perSecond = await throughput(ask, { inFlight: NOISE_CALLERS, ms: CALIBRATION_MS })
  const { gateway, redis } = cpuOf(jobs)
  return { gateway, redis, perSecond }
}

async function measureRun(serving: Serving, share: number): Promise<CheckedRun> {
  const { client, bodies, workers, plan } = serving
  const send = async (number: number) =>
    (await client.send('/api/search', bodies[number % bodies.length]!)).status
  await throughput(send, { inFlight: FEW_CALLERS * workers.length, ms: CALIBRATION_MS / 2 })
  const before = await calibrate(serving)
  const rate = share * before.mostPerSecond
  const watch = watchStages(workers)
  const random = randomOf(workers.length * 1000 + Math.round(share * 100))
  const { arrivals, ...seen } = await runOpenLoop({ rate, ms: plan.seconds * 1000, random, send })
  const stages = await watch.stop()
  const after = await calibrate(serving)
  return {
    workers: workers.length,
    threads: THREADS,
    rate,
    seconds: plan.seconds,
    arrivals,
    calibrations: [before.calibration, after.calibration],
    stages,
    seen,
  }
}

/** Reads the stages of the workers again and again. */
function watchStages(workers: readonly WorkerProcess[]): { stop(): Promise<CheckedRun['stages']> } {
  const urls = workers.map(({ opsUrl }) => opsUrl)
  const parts: CheckedRun['stages'][number][] = []
  const began = performance.now()
  let isOver = false
  const watch = async () => {
    let [at, before] = [0, await readStages(urls)]
    while (!isOver) {
      await new Promise((resolve) => setTimeout(resolve, READ_EVERY_MS))
      const after = await readStages(urls)
      const times = stagesBetween(before, after)
      if (times !== null) parts.push({ at, ...times })
      at = Math.round(performance.now() - began)
      before = after
    }
    return parts
  }
  const watching = watch()
  return {
    stop: () => {
      isOver = true
      return watching
    },
  }
}

async function calibrate({
  client,
  bodies,
  workers,
}: Serving): Promise<{ readonly calibration: Calibration; readonly mostPerSecond: number }> {
  const urls = workers.map(({ opsUrl }) => opsUrl)
  const search = (number: number) => searchOnce(client, bodies[number % bodies.length]!)
  const before = await readStages(urls)
  const times: number[] = []
  const until = performance.now() + CALIBRATION_MS
  for (let number = 0; performance.now() < until; number++) {
    const began = performance.now()
    await search(number)
    times.push(performance.now() - began)
  }
  const stages = stagesBetween(before, await readStages(urls))
  if (stages === null) throw new Error('no search was made')
  const cpuOf = watchSearchCpu(THREADS)
  let searches = 0
  const counted = async (number: number) => {
    await search(number)
    searches += 1
  }
  const beforeMany = await readStages(urls)
  const mostPerSecond = await throughput(counted, {
    inFlight: FEW_CALLERS * workers.length,
    ms: CALIBRATION_MS,
  })
  const busyStages = stagesBetween(beforeMany, await readStages(urls)) ?? stages
  const calibration = {
    cpu: cpuOf(searches),
    mostPerSecond,
    busyStages,
    oneCallerP50Ms: quantile(times, 0.5),
    oneCallerP95Ms: quantile(times, 0.95),
    oneCallerStages: stages,
  }
  return { calibration, mostPerSecond }
}
