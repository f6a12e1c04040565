import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pidsOf } from '../servers/installation.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { describe, openBarePipeline } from './bare-pipeline.ts'
import type { BenchRecord } from './exact-index.ts'
import { openHttpClient } from './http-client.ts'
import { median, sleep } from './measure.ts'
import { mixedRequests } from './mixed-requests.ts'
import { prefillGallery } from './prefill-gallery.ts'
import type { ProbePhotos } from './probe-photos.ts'
import { residentBytes } from './process-figures.ts'

const FACES = 10_000
const STARTS = 5
const REST_MS = 5_000
const FIRST_REQUESTS = 1_000
const REQUESTS = 10_000
/** Readings over the last tenth of the requests so far; a single one hangs on when V8 last freed its buffers. */
const READINGS = 5
const CLIENTS = 4
const MB = 1_000_000

/** Starting and memory of the standalone server with 10,000 faces enrolled. */
export async function benchKeeping(photos: ProbePhotos): Promise<readonly BenchRecord[]> {
  const folder = await mkdtemp(join(tmpdir(), 'semblance-bench-'))
  try {
    const dataFolder = join(folder, 'data')
    const descriptorBytes = await fill(dataFolder, photos)
    const first = await measureFirstStart(join(folder, 'models'))
    const { record, server } = await measureStarts(dataFolder)
    try {
      return [first, record, ...(await measureMemory(server, { photos, descriptorBytes }))]
    } finally {
      await server.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Answers the bytes of all descriptors. */
async function fill(dataFolder: string, photos: ProbePhotos): Promise<number> {
  const bare = await openBarePipeline()
  const { packId, dimensions } = bare.engine
  const known = []
  for (const picture of photos.small) known.push((await describe(bare.engine, picture)).values)
  await bare.close()
  const plan = { dataFolder, packId, dimensions, faces: FACES, known, pictures: photos.small }
  await prefillGallery(plan)
  return FACES * dimensions * 4
}

/** With nothing compiled and nobody enrolled; packages are installed. */
async function measureFirstStart(models: string): Promise<BenchRecord> {
  const begun = performance.now()
  const server = await startStandaloneServer({ env: { SEMBLANCE_MODELS: models } })
  const value = (performance.now() - begun) / 1000
  await server.stop()
  return { name: 'first start, models compiled', value, unit: 's', goal: null, better: 'less' }
}

/** From spawning the process to the first answer that it is ready; the last server is left running. */
async function measureStarts(
  dataFolder: string,
): Promise<{ readonly record: BenchRecord; readonly server: StandaloneServer }> {
  const seconds: number[] = []
  for (;;) {
    const begun = performance.now()
    const server = await startStandaloneServer({ dataFolder })
    seconds.push((performance.now() - begun) / 1000)
    if (seconds.length === STARTS) {
      const name = `start with ${FACES} faces`
      return { server, record: { name, value: median(seconds), unit: 's', goal: 3, better: 'less' } }
    }
    await server.stop()
  }
}

async function measureMemory(
  server: StandaloneServer,
  given: { readonly photos: ProbePhotos; readonly descriptorBytes: number },
): Promise<readonly BenchRecord[]> {
  await sleep(REST_MS)
  const rest = await residentBytes(pidsOf([server]))
  const send = mixedRequests(openHttpClient(server.url), { photos: given.photos.small, faces: FACES })
  const first = await residentBytesOver(server, { send, from: 0, end: FIRST_REQUESTS })
  const last = await residentBytesOver(server, { send, from: FIRST_REQUESTS, end: REQUESTS })
  const goal = (400 * MB + 1.4 * given.descriptorBytes) / MB
  return [
    { name: `memory at rest, ${FACES} faces`, value: rest / MB, unit: 'MB', goal, better: 'less' },
    memory(`memory after ${FIRST_REQUESTS} requests`, first / MB),
    memory(`memory after ${REQUESTS} requests`, last / MB),
    {
      name: `memory after ${REQUESTS} / after ${FIRST_REQUESTS} requests`,
      value: last / first,
      unit: 'ratio',
      goal: 1.1,
      better: 'less',
    },
  ]
}

/** Sends these requests; answers the median of the readings over the last of them. */
async function residentBytesOver(
  server: StandaloneServer,
  work: { readonly send: Send; readonly from: number; readonly end: number },
): Promise<number> {
  const step = work.end / 10 / READINGS
  let from = work.from
  const readings: number[] = []
  for (let left = READINGS - 1; left >= 0; left--) {
    const end = work.end - left * step
    await sendAll(work.send, [from, end])
    await sleep(REST_MS)
    readings.push(await residentBytes(pidsOf([server])))
    from = end
  }
  return median(readings)
}

type Send = (number: number) => Promise<void>

async function sendAll(send: Send, [from, end]: readonly [number, number]): Promise<void> {
  let next = from
  const client = async (): Promise<void> => {
    while (next < end) await send(next++)
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
}

function memory(name: string, value: number): BenchRecord {
  return { name, value, unit: 'MB', goal: null, better: 'less' }
}
