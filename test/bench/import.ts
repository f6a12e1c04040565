import { availableParallelism } from 'node:os'
import type { FaceEngine } from '@semblance/core'
import { jobConcurrency } from '@semblance/jobs'
import { availableShapes, type Installation, type Shape, startInstallation } from '../servers/installation.ts'
import { openBarePipeline } from './bare-pipeline.ts'
import type { BenchRecord } from './exact-index.ts'
import { createPerson, enrollOnce, openHttpClient, searchBody, searchesDuring } from './http-client.ts'
import { ImportClient } from './import-client.ts'
import { type ImportPhoto, readImportPhotos, tarOf } from './import-photos.ts'
import { median, medianRatio, quantile, timeMs } from './measure.ts'
import type { ProbePhotos } from './probe-photos.ts'
import { computedMs } from './process-figures.ts'

interface ImportSizes {
  readonly photos: number
  readonly warmUps: number
  readonly rounds: number
  readonly windowMs: number
  readonly windows: number
}

const FULL: ImportSizes = { photos: 480, warmUps: 2, rounds: 3, windowMs: 6_000, windows: 4 }
const QUICK: ImportSizes = { photos: 40, warmUps: 1, rounds: 1, windowMs: 3_000, windows: 1 }
/** Enough rows that an import does not end while searches are measured. */
const BUSY_TARS = 6

/**
 * In each shape: photos a second of the engine alone, in this process, and of an import of the same photos by HTTP, turn by
 * turn; and what searches take meanwhile.
 */
export async function benchImport(
  probes: ProbePhotos,
  options: { readonly quick: boolean },
): Promise<readonly BenchRecord[] | { readonly skipped: string }> {
  const sizes = options.quick ? QUICK : FULL
  const photos = await readImportPhotos(sizes.photos)
  if (photos === null) return { skipped: 'no reference photos' }
  const bare = await openBarePipeline()
  try {
    const records: BenchRecord[] = []
    for (const shape of await availableShapes()) {
      const server = await startInstallation(shape)
      const measured = { shape, server, photos, sizes }
      try {
        records.push(
          ...(await measureRates(measured, bare.engine)),
          ...(await measureSearches(measured, probes)),
        )
      } finally {
        await server.close()
      }
    }
    return records
  } finally {
    await bare.close()
  }
}

interface Measuring {
  readonly shape: Shape
  readonly server: Installation
  readonly photos: readonly ImportPhoto[]
  readonly sizes: ImportSizes
}

async function measureRates(
  { shape, server, photos, sizes }: Measuring,
  engine: FaceEngine,
): Promise<readonly BenchRecord[]> {
  const rates = { engine: [] as number[], import: [] as number[] }
  const computed = { engine: [] as number[], import: [] as number[] }
  // Large imports are what is to be told of: by then, Node has compiled whatever a row goes through.
  for (let i = 0; i < sizes.warmUps; i++) {
    await describeAll(engine, photos)
    await importAll(server.url, { photos, prefix: `warm-up ${i} ` })
  }
  for (let round = 0; round < sizes.rounds; round++) {
    const sides = [
      async () => {
        const { rate, ms } = await costing([process.pid], () => describeAll(engine, photos))
        rates.engine.push(rate)
        computed.engine.push(ms / photos.length)
      },
      async () => {
        const load = () => importAll(server.url, { photos, prefix: `${round} ` })
        const { rate, ms } = await costing(server.pids(), load)
        rates.import.push(rate)
        computed.import.push(ms / photos.length)
      },
    ]
    // Each side first every other time: a machine that gets slower meanwhile favours neither.
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side()
  }
  return [
    info(`${shape}: engine alone, enrollment`, median(rates.engine), 'pictures/s'),
    info(`${shape}: import by HTTP`, median(rates.import), 'pictures/s'),
    {
      name: `${shape}: import / engine alone`,
      value: medianRatio(rates.import, rates.engine),
      unit: 'ratio',
      goal: 0.9,
      better: 'more',
    },
    {
      // Without what the servers of a cluster compute: they have machines of their own where it matters.
      name: `${shape}: computing per picture, import / engine alone`,
      value: medianRatio(computed.import, computed.engine),
      unit: 'ratio',
      goal: 1 / 0.9,
      better: 'less',
    },
  ]
}

/** With the milliseconds of one core that the processes have computed meanwhile. */
async function costing(pids: readonly number[], run: () => Promise<number>) {
  const before = await computedMs(pids)
  const rate = await run()
  return { rate, ms: (await computedMs(pids)) - before }
}

/** As an enrollment has each described, as many at a time as an import does; answers how many a second. */
async function describeAll(engine: FaceEngine, photos: readonly ImportPhoto[]): Promise<number> {
  const { concurrency, reserved } = jobConcurrency(availableParallelism())
  const request = { faces: 'central', effort: 'rich', crop: null, examineFirst: true } as const
  let next = 0
  const worker = async () => {
    for (let photo = photos[next++]; photo !== undefined; photo = photos[next++])
      await engine.findFaces(photo.bytes, request, { lane: 'bulk' })
  }
  const ms = await timeMs(() => Promise.all(Array.from({ length: concurrency - reserved }, worker)))
  return (photos.length * 1000) / ms
}

/** From the making of the import to its end, by the server's clock. Throws if a row was not worked on. */
export async function importAll(
  url: string,
  { photos, prefix }: { readonly photos: readonly ImportPhoto[]; readonly prefix: string },
): Promise<number> {
  const tar = await tarOf(photos, prefix)
  const made = await ImportClient.begin(url)
  await made.put(tar)
  await made.say('close')
  const { createdAt, endedAt, rows } = await made.until(({ state }) => state === 'done')
  const { enrolled = 0, 'no-face': faceless = 0 } = rows.byOutcome
  if (enrolled + faceless !== photos.length || endedAt === undefined)
    throw new Error(`an import ended with ${JSON.stringify(rows.byOutcome)}`)
  return (photos.length * 1000) / (Date.parse(endedAt) - Date.parse(createdAt))
}

/** One client searches, while the import is paused and while it runs, in turn. */
async function measureSearches(
  { shape, server, photos, sizes }: Measuring,
  { small }: ProbePhotos,
): Promise<readonly BenchRecord[]> {
  const client = openHttpClient(server.url)
  const bodies = small.map(searchBody)
  const times = { quiet: [] as number[], busy: [] as number[] }
  let meanwhile = 0
  try {
    for (const [i, body] of bodies.entries())
      await enrollOnce(client, await createPerson(client, `probe ${i}`), body)
    const search = (ms: number) => searchesDuring({ client, bodies }, ms)
    await search(sizes.windowMs / 2)
    const made = await beginLongImport(server.url, photos)
    for (let window = 0; window < sizes.windows; window++) {
      await made.say('pause')
      const { rows: before } = await made.until(({ rows }) => rows.underWay === 0)
      times.quiet.push(...(await search(sizes.windowMs)))
      await made.say('resume')
      await made.until(({ rows }) => rows.ended > before.ended)
      const from = (await made.look()).rows.ended
      times.busy.push(...(await search(sizes.windowMs)))
      meanwhile += (await made.look()).rows.ended - from
    }
    await made.say('cancel')
  } finally {
    client.close()
  }
  const [quiet, busy] = [quantile(times.quiet, 0.95), quantile(times.busy, 0.95)]
  const seconds = (sizes.windows * sizes.windowMs) / 1000
  return [
    { ...info(`${shape}: search, p95, nothing else`, quiet, 'ms'), better: 'less' },
    { ...info(`${shape}: search, p95, while an import runs`, busy, 'ms'), better: 'less' },
    info(`${shape}: import meanwhile`, meanwhile / seconds, 'pictures/s'),
    {
      name: `${shape}: p95 while an import runs / without`,
      value: busy / quiet,
      unit: 'ratio',
      goal: 1.3,
      better: 'less',
    },
  ]
}

async function beginLongImport(url: string, photos: readonly ImportPhoto[]): Promise<ImportClient> {
  const made = await ImportClient.begin(url)
  for (let i = 0; i < BUSY_TARS; i++) await made.put(await tarOf(photos, `long ${i} `))
  return made
}

function info(name: string, value: number, unit: string): BenchRecord {
  return { name, value, unit, goal: null, better: 'more' }
}
