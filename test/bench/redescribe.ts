import { setTimeout as sleep } from 'node:timers/promises'
import { availableShapes, type Installation, type Shape, startInstallation } from '../servers/installation.ts'
import type { BenchRecord } from './exact-index.ts'
import { createPerson, enrollOnce, openHttpClient, searchBody, searchesDuring } from './http-client.ts'
import { importAll } from './import.ts'
import { readImportPhotos } from './import-photos.ts'
import { quantile } from './measure.ts'
import type { ProbePhotos } from './probe-photos.ts'

interface Sizes {
  readonly photos: number
  readonly windowMs: number
  readonly windows: number
}

const FORMER = 'builtin-light@1'
const NEXT = 'builtin@2'
const FULL: Sizes = { photos: 600, windowMs: 6_000, windows: 3 }
const QUICK: Sizes = { photos: 120, windowMs: 3_000, windows: 1 }

/**
 * In each shape: what a search takes while a move to another pack is paused, and while pictures are described again, in turn;
 * and how many of them a second, alone and beside the client that searches.
 */
export async function benchRedescribe(
  probes: ProbePhotos,
  options: { readonly quick: boolean },
): Promise<readonly BenchRecord[] | { readonly skipped: string }> {
  const sizes = options.quick ? QUICK : FULL
  const photos = await readImportPhotos(sizes.photos)
  if (photos === null) return { skipped: 'no reference photos' }
  const records: BenchRecord[] = []
  for (const shape of await availableShapes()) {
    const server = await startInstallation(shape, { SEMBLANCE_PACK: FORMER })
    try {
      await importAll(server.url, { photos, prefix: '' })
      records.push(...(await measure({ shape, server, sizes }, probes)))
    } finally {
      await server.close()
    }
  }
  return records
}

async function measure(
  { shape, server, sizes }: { readonly shape: Shape; readonly server: Installation; readonly sizes: Sizes },
  { small }: ProbePhotos,
): Promise<readonly BenchRecord[]> {
  const client = openHttpClient(server.url)
  const bodies = small.map(searchBody)
  const times = { quiet: [] as number[], busy: [] as number[] }
  try {
    for (const [i, body] of bodies.entries())
      await enrollOnce(client, await createPerson(client, `probe ${i}`), body)
    const search = (ms: number) => searchesDuring({ client, bodies }, ms)
    await search(sizes.windowMs / 2)
    const move = await Move.begin(server.url)
    await move.untilLacking((lacking, total) => lacking < total)
    let meanwhile = 0
    for (let window = 0; window < sizes.windows; window++) {
      await move.say('pause')
      // The part under way ends.
      await sleep(2_000)
      times.quiet.push(...(await search(sizes.windowMs)))
      await move.say('resume')
      await sleep(1_000)
      const before = await move.lacking()
      times.busy.push(...(await search(sizes.windowMs)))
      meanwhile += before - (await move.lacking())
    }
    const [left, begun] = [await move.lacking(), performance.now()]
    if (left === 0) throw new Error('all was described before the measuring ended: more photos are needed')
    await move.untilLacking((lacking) => lacking === 0)
    const alone = left / ((performance.now() - begun) / 1000)
    return recordsOf(shape, { times, alone, beside: (meanwhile * 1000) / (sizes.windows * sizes.windowMs) })
  } finally {
    client.close()
  }
}

function recordsOf(
  shape: Shape,
  measured: {
    readonly times: { readonly quiet: readonly number[]; readonly busy: readonly number[] }
    readonly alone: number
    readonly beside: number
  },
): readonly BenchRecord[] {
  const { times, alone, beside } = measured
  const [quiet, busy] = [quantile(times.quiet, 0.95), quantile(times.busy, 0.95)]
  const info = (name: string, value: number, unit: string): BenchRecord => {
    const better = unit === 'ms' ? 'less' : 'more'
    return { name: `${shape}: ${name}`, value, unit, goal: null, better }
  }
  return [
    info('search, p95, while a move to another pack is paused', quiet, 'ms'),
    info('search, p95, while pictures are described again', busy, 'ms'),
    {
      name: `${shape}: p95 while pictures are described again / without`,
      value: busy / quiet,
      unit: 'ratio',
      goal: 1.3,
      better: 'less',
    },
    info('described again, alone', alone, 'pictures/s'),
    info('described again, beside one client that searches', beside, 'pictures/s'),
  ]
}

/** One move, by HTTP; throws at whatever is answered with another status than 2xx. */
class Move {
  readonly #server: string
  readonly #id: string

  private constructor(server: string, id: string) {
    this.#server = server
    this.#id = id
  }

  static async begin(server: string): Promise<Move> {
    const { id } = (await ask(`${server}/api/redescribe`, 'POST', { pack: NEXT, switch: false })) as {
      readonly id: string
    }
    return new Move(server, id)
  }

  async say(what: 'pause' | 'resume'): Promise<void> {
    await ask(`${this.#server}/api/operations/${this.#id}/${what}`, 'POST')
  }

  async lacking(): Promise<number> {
    return (await this.#look()).lacking ?? Number.POSITIVE_INFINITY
  }

  async untilLacking(isFar: (lacking: number, total: number) => boolean): Promise<void> {
    for (;;) {
      const { lacking, operation } = await this.#look()
      if (lacking !== null && isFar(lacking, operation.total)) return
      if (operation.endedAt !== undefined) throw new Error(`the move ended as ${operation.state}`)
      await sleep(200)
    }
  }

  #look() {
    return ask(`${this.#server}/api/redescribe`, 'GET') as Promise<{
      readonly lacking: number | null
      readonly operation: { readonly total: number; readonly state: string; readonly endedAt?: string }
    }>
  }
}

async function ask(url: string, method: string, body?: object): Promise<unknown> {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${url} was answered with ${answer.status}`)
  return answer.json()
}
