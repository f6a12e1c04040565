import { randomBytes } from 'node:crypto'
import { callsTo } from '../e2e/calls.ts'
import {
  type ClusterServers,
  type GatewayProcess,
  openClusterServers,
  startGateway,
  startWorker,
} from '../servers/cluster.ts'
import type { BenchRecord } from './exact-index.ts'
import { type HttpClient, openHttpClient, searchBody, searchOnce } from './http-client.ts'
import { median, quantile, throughput } from './measure.ts'
import type { ProbePhotos } from './probe-photos.ts'
import { benchQdrantIndex } from './qdrant-index.ts'

const EMPTY_SEARCHES = 300
const WARM_UP = 30
const CLIENTS = 16
const WINDOW_MS = 4_000
const WINDOWS = 4
const FLOOD_CLIENTS = 8
const FLOOD_WINDOW_MS = 8_000
const FLOOD_WINDOWS = 3

/**
 * A gateway and workers on this machine, with Redis, MongoDB and Qdrant beside them on the same cores: ratios within one
 * run mean something, throughput in itself does not.
 */
export async function benchCluster(
  photos: ProbePhotos,
): Promise<readonly BenchRecord[] | { readonly skipped: string }> {
  const servers = await openClusterServers({ own: true })
  if ('skipped' in servers) return servers
  try {
    return [...(await measureServing(servers, photos)), ...(await benchQdrantIndex(servers.qdrant.urls))]
  } finally {
    await servers.close()
  }
}

async function measureServing(servers: ClusterServers, photos: ProbePhotos): Promise<readonly BenchRecord[]> {
  const env = { ...servers.env, SEMBLANCE_LOG_LEVEL: 'info', SEMBLANCE_THREADS: '1' }
  const [gateway, first] = await Promise.all([startGateway(env), startWorker(env)])
  const client = openHttpClient(gateway.url)
  const ended = [gateway, first]
  try {
    const personId = await enrollEverybody(gateway, photos.small)
    const added = await measureAdded(client, photos.small)
    const flood = await measureFlood({ gateway, client, personId }, photos)
    const one = await measureThroughput(client, photos.small)
    ended.push(await startWorker(env))
    const two = await measureThroughput(client, photos.small)
    return [
      ...added,
      info('cluster: 16 clients, one worker of one thread', one, 'pictures/s'),
      info('cluster: 16 clients, two workers of one thread', two, 'pictures/s'),
      { ...info('cluster: two workers / one worker', two / one, 'ratio'), better: 'more' },
      ...flood,
    ]
  } finally {
    client.close()
    await Promise.all(ended.map((process) => process.end('SIGTERM')))
  }
}

/** One person for each photo; answers the id of one more, for the flood. */
async function enrollEverybody(gateway: GatewayProcess, photos: readonly Uint8Array[]): Promise<string> {
  const calls = callsTo(gateway)
  for (const [i, photo] of photos.entries()) {
    const id = await calls.createPerson({ name: `person ${i}` })
    const { status } = await calls.addImage(id, Buffer.from(photo))
    if (status !== 200) throw new Error(`an enrollment was answered with ${status}`)
  }
  return calls.createPerson({ name: 'flood' })
}

/** A search for noise of a photo's size: through gateway, Redis and worker and back, with next to no work in between. */
async function measureAdded(
  client: HttpClient,
  photos: readonly Uint8Array[],
): Promise<readonly BenchRecord[]> {
  const bytes = median(photos.map(({ byteLength }) => byteLength))
  const noise = searchBody(randomBytes(bytes))
  const times: number[] = []
  for (let i = 0; i < WARM_UP + EMPTY_SEARCHES; i++) {
    const begun = performance.now()
    const { status } = await client.send('/api/search', noise)
    if (status !== 200) throw new Error(`noise was answered with ${status}`)
    if (i >= WARM_UP) times.push(performance.now() - begun)
  }
  const searches = await timesOf(client, { photos, count: 40 })
  return [
    {
      name: 'cluster: gateway and queue add, median',
      value: median(times),
      unit: 'ms',
      goal: 6,
      better: 'less',
    },
    info('cluster: search over HTTP, 250 px, one client', median(searches), 'ms'),
  ]
}

async function timesOf(
  client: HttpClient,
  work: { readonly photos: readonly Uint8Array[]; readonly count: number },
): Promise<readonly number[]> {
  const bodies = work.photos.map(searchBody)
  const times: number[] = []
  for (let i = 0; i < work.count; i++) {
    const begun = performance.now()
    await searchOnce(client, bodies[i % bodies.length]!)
    times.push(performance.now() - begun)
  }
  return times
}

async function measureThroughput(client: HttpClient, photos: readonly Uint8Array[]): Promise<number> {
  const bodies = photos.map(searchBody)
  const search = (i: number) => searchOnce(client, bodies[i % bodies.length]!)
  const load = { inFlight: CLIENTS, ms: WINDOW_MS }
  await throughput(search, load)
  const windows: number[] = []
  for (let i = 0; i < WINDOWS; i++) windows.push(await throughput(search, load))
  return median(windows)
}

interface Flood {
  readonly gateway: GatewayProcess
  readonly client: HttpClient
  /** Who gets the flood's pictures. */
  readonly personId: string
}

/**
 * One client's searches with and without eight clients that enroll all the time, window by window in turn. Searches that
 * find somebody read MongoDB, whose stand-in here does one thing at a time; those that find nobody do not.
 */
async function measureFlood(flood: Flood, photos: ProbePhotos): Promise<readonly BenchRecord[]> {
  const { small, newcomers, strangers } = photos
  return [
    ...(await measureUnderFlood('cluster: search', flood, { probes: small, newcomers })),
    ...(await measureUnderFlood('cluster: search that finds nobody', flood, {
      probes: strangers,
      newcomers,
    })),
  ]
}

async function measureUnderFlood(
  name: string,
  { gateway, client, personId }: Flood,
  photos: { readonly probes: readonly Uint8Array[]; readonly newcomers: readonly Uint8Array[] },
): Promise<readonly BenchRecord[]> {
  const { probes, newcomers } = photos
  const calls = callsTo(gateway)
  const quiet: number[] = []
  const flooded: number[] = []
  let enrolled = 0
  for (let i = 0; i < FLOOD_WINDOWS; i++) {
    quiet.push(...(await searchesDuring(client, probes)))
    let isOver = false
    const enroll = async () => {
      while (!isOver) {
        const picture = newcomers[enrolled++ % newcomers.length]!
        const { status } = await calls.addImage(personId, Buffer.from(picture))
        if (status !== 200 && status !== 503) throw new Error(`an enrollment was answered with ${status}`)
      }
    }
    const flood = Promise.all(Array.from({ length: FLOOD_CLIENTS }, enroll))
    flooded.push(...(await searchesDuring(client, probes)))
    isOver = true
    await flood
    await clearFlood(calls, personId)
  }
  return [
    info(`${name}, p95, nothing else`, quantile(quiet, 0.95), 'ms'),
    info(`${name}, p95, flood of add-image`, quantile(flooded, 0.95), 'ms'),
    info(`${name}: enrolled meanwhile`, enrolled, 'pictures'),
    {
      name: `${name}, p95 under flood / without`,
      value: quantile(flooded, 0.95) / quantile(quiet, 0.95),
      unit: 'ratio',
      goal: 1.3,
      better: 'less',
    },
  ]
}

/** Each window begins with the same gallery. */
async function clearFlood(calls: ReturnType<typeof callsTo>, personId: string): Promise<void> {
  for (let ids = await calls.imageIds(personId); ids.length > 0; ids = await calls.imageIds(personId)) {
    for (const id of ids) await calls.ask('DELETE', `/persons/${personId}/images/${id}`)
  }
}

async function searchesDuring(client: HttpClient, photos: readonly Uint8Array[]): Promise<readonly number[]> {
  const bodies = photos.map(searchBody)
  const times: number[] = []
  const until = performance.now() + FLOOD_WINDOW_MS
  for (let i = 0; performance.now() < until; i++) {
    const begun = performance.now()
    const { status } = await client.send('/api/search', bodies[i % bodies.length]!)
    if (status !== 200) throw new Error(`a search was answered with ${status}`)
    times.push(performance.now() - begun)
  }
  return times
}

function info(name: string, value: number, unit: string): BenchRecord {
  return { name, value, unit, goal: null, better: 'less' }
}
