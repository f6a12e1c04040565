import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { availableShapes, type Shape, startInstallation } from '../servers/installation.ts'
import type { BenchRecord } from './exact-index.ts'
import {
  createPerson,
  enrollOnce,
  type HttpClient,
  openHttpClient,
  searchBody,
  searchesDuring,
  searchOnce,
} from './http-client.ts'
import { quantile } from './measure.ts'
import type { ProbePhotos } from './probe-photos.ts'

const SLOW_CLIENTS = 200
const WINDOW_MS = 6_000
const WINDOWS = 6
const WARM_UP = 30
/** As the refusal of a link says. */
const RETRY_AFTER_MS = 5_000

/**
 * Searches by content, one client, while 200 other clients search by links of one host that takes every connection and
 * never answers; and the same without them, window by window.
 */
export async function benchLinks(photos: ProbePhotos): Promise<readonly BenchRecord[]> {
  const host = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(host, 'listening')
  try {
    const records: BenchRecord[] = []
    for (const shape of await availableShapes()) records.push(...(await measure(shape, host, photos.small)))
    return records
  } finally {
    host.closeAllConnections()
    host.close()
  }
}

async function measure(
  shape: Shape,
  host: Server,
  photos: readonly Uint8Array[],
): Promise<readonly BenchRecord[]> {
  const place = `127.0.0.1:${(host.address() as AddressInfo).port}`
  const server = await startInstallation(shape, { SEMBLANCE_LINK_HOSTS: place })
  const client = openHttpClient(server.url)
  try {
    const bodies = photos.map(searchBody)
    for (const [i, body] of bodies.entries()) {
      await enrollOnce(client, await createPerson(client, `Person ${i}`), body)
    }
    for (let i = 0; i < WARM_UP; i++) await searchOnce(client, bodies[i % bodies.length]!)
    const slow = Buffer.from(JSON.stringify({ image: { imageUrl: `http://${place}/` } }))
    const times = await measureInTurns({ client, bodies }, { url: server.url, slow })
    return [
      info(`${shape}: search by content, p95`, quantile(times.quiet, 0.95)),
      info(`${shape}: the same under 200 slow links`, quantile(times.flooded, 0.95)),
      {
        name: `${shape}: p95 under 200 slow links / without`,
        value: quantile(times.flooded, 0.95) / quantile(times.quiet, 0.95),
        unit: 'ratio',
        goal: 1.3,
        better: 'less',
      },
    ]
  } finally {
    client.close()
    await server.close()
  }
}

interface Searching {
  readonly client: HttpClient
  readonly bodies: readonly Uint8Array[]
}

async function measureInTurns(
  searching: Searching,
  links: { readonly url: string; readonly slow: Uint8Array },
): Promise<{ readonly quiet: readonly number[]; readonly flooded: readonly number[] }> {
  const times = { quiet: [] as number[], flooded: [] as number[] }
  for (let i = 0; i < WINDOWS; i++) {
    times.quiet.push(...(await searchesDuring(searching, WINDOW_MS)))
    const flood = openHttpClient(links.url)
    let isOver = false
    const ask = async () => {
      while (!isOver) {
        const { status } = await flood.send('/api/search', links.slow)
        if (status === 503) await sleep(RETRY_AFTER_MS)
        else if (status !== 400) throw new Error(`a slow link was answered with ${status}`)
      }
    }
    const asking = Promise.all(Array.from({ length: SLOW_CLIENTS }, ask))
    try {
      times.flooded.push(...(await searchesDuring(searching, WINDOW_MS)))
    } finally {
      isOver = true
      // A fault of the searches is told, not one of these, which may come of it.
      await Promise.allSettled([asking])
      flood.close()
    }
    await asking
  }
  return times
}

function info(name: string, value: number): BenchRecord {
  return { name, value, unit: 'ms', goal: null, better: 'less' }
}
