import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStandaloneServer } from '../servers/standalone-server.ts'
import { type BarePipeline, describe, openBarePipeline } from './bare-pipeline.ts'
import type { BenchRecord } from './exact-index.ts'
import {
  createPerson,
  enrollOnce,
  type HttpClient,
  openHttpClient,
  searchBody,
  searchOnce,
} from './http-client.ts'
import { median, medianRatio, throughput, timeMs } from './measure.ts'
import { prefillGallery } from './prefill-gallery.ts'
import type { ProbePhotos } from './probe-photos.ts'

const FACES = 1_000
const ROUNDS = 15
const LARGE_ROUNDS = 25
const IN_FLIGHT = [1, 2, 3, 4, 6]
const CLIENTS = 16
const WINDOW_MS = 3_000
const WINDOWS = 12
const ENROLL_WINDOWS = 5

/**
 * The standalone server, a process of its own, against the same engine and index called directly in this process. The
 * two work in turns, one at a time, and each turn gives one ratio.
 */
export async function benchServing(photos: ProbePhotos): Promise<readonly BenchRecord[]> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'semblance-bench-'))
  const bare = await openBarePipeline()
  const known = []
  for (const picture of [...photos.small, ...photos.large])
    known.push((await describe(bare.engine, picture)).values)
  const { packId, dimensions } = bare.engine
  await prefillGallery({ dataFolder, packId, dimensions, faces: FACES, known, pictures: [] })
  await bare.load(dataFolder)
  const env = { SEMBLANCE_LOG_LEVEL: 'info' }
  const server = await startStandaloneServer({ dataFolder, env })
  const client = openHttpClient(server.url)
  try {
    return [
      ...(await measureOneClient({ bare, client }, photos)),
      ...(await measureManyClients({ bare, client }, photos.small)),
      ...(await measureEnrollment(client, photos.newcomers)),
    ]
  } finally {
    client.close()
    await server.stop()
    await bare.close()
    await rm(dataFolder, { recursive: true, force: true })
  }
}

interface Sides {
  readonly bare: BarePipeline
  readonly client: HttpClient
}

async function measureOneClient(sides: Sides, photos: ProbePhotos): Promise<readonly BenchRecord[]> {
  const small = await takeTurns(sides, { pictures: photos.small, rounds: ROUNDS })
  const large = await takeTurns(sides, { pictures: photos.large, rounds: LARGE_ROUNDS })
  return [
    info('pipeline: one picture of 250 px', median(small.bare), 'ms'),
    info('pipeline: one picture of 1920 px', median(large.bare), 'ms'),
    info('search over HTTP: one picture of 250 px', median(small.http), 'ms'),
    info('search over HTTP: one picture of 1920 px', median(large.http), 'ms'),
    {
      name: 'search over HTTP / pipeline, 250 px',
      value: medianRatio(small.http, small.bare),
      unit: 'ratio',
      goal: 1.15,
      better: 'less',
    },
    {
      name: 'search over HTTP / pipeline, 1920 px',
      value: medianRatio(large.http, large.bare),
      unit: 'ratio',
      goal: 1.15,
      better: 'less',
    },
  ]
}

/** Each picture once through one side, then each once through the other; the first round warms up and is dropped. */
async function takeTurns(
  { bare, client }: Sides,
  work: { readonly pictures: readonly Uint8Array[]; readonly rounds: number },
): Promise<{ readonly bare: readonly number[]; readonly http: readonly number[] }> {
  const times = { bare: [] as number[], http: [] as number[] }
  const bodies = work.pictures.map(searchBody)
  for (let round = 0; round <= work.rounds; round++) {
    const keep = round > 0
    for (const picture of work.pictures) {
      const ms = await timeMs(() => bare.search(picture))
      if (keep) times.bare.push(ms)
    }
    for (const body of bodies) {
      const ms = await timeMs(() => searchOnce(client, body))
      if (keep) times.http.push(ms)
    }
  }
  return times
}

async function measureManyClients(
  { bare, client }: Sides,
  pictures: readonly Uint8Array[],
): Promise<readonly BenchRecord[]> {
  const bodies = pictures.map(searchBody)
  const direct = (number: number) => bare.search(pictures[number % pictures.length]!)
  const served = (number: number) => searchOnce(client, bodies[number % bodies.length]!)
  const best = await bestInFlight(direct)
  const rates = { bare: [] as number[], http: [] as number[] }
  for (let window = 0; window < WINDOWS; window++) {
    const sides = [
      async () => rates.bare.push(await throughput(direct, { inFlight: best, ms: WINDOW_MS })),
      async () => rates.http.push(await throughput(served, { inFlight: CLIENTS, ms: WINDOW_MS })),
    ]
    // Each side first every other time: a machine that gets slower meanwhile favours neither.
    for (const side of window % 2 === 0 ? sides : sides.toReversed()) await side()
  }
  return [
    { ...info('pipeline: best throughput', median(rates.bare), 'pictures/s'), better: 'more' },
    { ...info('pipeline: pictures in flight at best', best, 'pictures'), better: 'less' },
    { ...info(`search over HTTP: ${CLIENTS} clients`, median(rates.http), 'pictures/s'), better: 'more' },
    {
      name: `throughput at ${CLIENTS} clients / pipeline's best`,
      value: medianRatio(rates.http, rates.bare),
      unit: 'ratio',
      goal: 0.9,
      better: 'more',
    },
  ]
}

/** Durable before each answer. Last, since the gallery grows by it. */
async function measureEnrollment(
  client: HttpClient,
  pictures: readonly Uint8Array[],
): Promise<readonly BenchRecord[]> {
  const personId = await createPerson(client, 'newcomer')
  const bodies = pictures.map(searchBody)
  const enroll = (number: number) => enrollOnce(client, personId, bodies[number % bodies.length]!)
  const times: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    for (const number of bodies.keys()) {
      const ms = await timeMs(() => enroll(number))
      if (round > 0) times.push(ms)
    }
  }
  const rates: number[] = []
  for (let window = 0; window < ENROLL_WINDOWS; window++)
    rates.push(await throughput(enroll, { inFlight: CLIENTS, ms: WINDOW_MS }))
  return [
    info('enrollment over HTTP: one picture of 250 px', median(times), 'ms'),
    { ...info(`enrollment over HTTP: ${CLIENTS} clients`, median(rates), 'pictures/s'), better: 'more' },
  ]
}

/** By the median of three windows each, taken turn by turn. */
async function bestInFlight(call: (number: number) => Promise<void>): Promise<number> {
  const rates = new Map(IN_FLIGHT.map((inFlight) => [inFlight, [] as number[]]))
  for (let turn = 0; turn < 3; turn++) {
    for (const [inFlight, seen] of rates) seen.push(await throughput(call, { inFlight, ms: WINDOW_MS / 2 }))
  }
  return [...rates].toSorted(([, a], [, b]) => median(b) - median(a))[0]![0]
}

function info(name: string, value: number, unit: string): BenchRecord {
  return { name, value, unit, goal: null, better: 'less' }
}
