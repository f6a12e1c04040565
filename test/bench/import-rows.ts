import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import sharp from 'sharp'
import { availableShapes, type Installation, type Shape, startInstallation } from '../servers/installation.ts'
import type { BenchRecord } from './exact-index.ts'
import { ImportClient } from './import-client.ts'
import { residentBytes } from './process-figures.ts'

const ROWS_PER_CALL = 5_000
/** Shares of the rows after which the memory is read. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 1]
/** Caches and pools are as large as they get by then. */
const SETTLED_SHARE = 0.25
const MB = 1_000_000

/**
 * Memory over an import of many links. The pictures are so small that the detector has little to look at: rows, links,
 * queue, decoding, detection and outcomes are real, and each row ends with `no-face`. With faces so many rows would take hours.
 */
export async function benchImportRows(rows: number): Promise<readonly BenchRecord[]> {
  const create = { width: 16, height: 16, channels: 3, background: 'gray' } as const
  const picture = await sharp({ create }).jpeg().toBuffer()
  const host = createServer((_, answer) => answer.setHeader('content-type', 'image/jpeg').end(picture))
  await once(host.listen(0, '127.0.0.1'), 'listening')
  const place = `127.0.0.1:${(host.address() as AddressInfo).port}`
  try {
    const records: BenchRecord[] = []
    for (const shape of await availableShapes()) {
      const server = await startInstallation(shape, { SEMBLANCE_LINK_HOSTS: place })
      try {
        records.push(...(await measure({ shape, server }, { rows, place })))
      } finally {
        await server.close()
      }
    }
    return records
  } finally {
    host.closeAllConnections()
    host.close()
  }
}

async function measure(
  { shape, server }: { readonly shape: Shape; readonly server: Installation },
  { rows, place }: { readonly rows: number; readonly place: string },
): Promise<readonly BenchRecord[]> {
  const made = await ImportClient.begin(server.url)
  const begun = performance.now()
  const adding = addLinks(made, { rows, place })
  const measuring = readMemory({ made, server, rows })
  const [, memory] = await Promise.all([adding, measuring])
  const { rows: sum } = await made.until(({ state }) => state === 'done')
  const seconds = (performance.now() - begun) / 1000
  if (sum.byOutcome['no-face'] !== rows) throw new Error(`rows ended with ${JSON.stringify(sum.byOutcome)}`)
  const records = memory.map(({ ended, bytes }): BenchRecord => {
    const name = `${shape}: memory, links to small pictures, after ${ended} rows`
    return { name, value: bytes / MB, unit: 'MB', goal: null, better: 'less' }
  })
  const [settled, last] = [memory[SHARES.indexOf(SETTLED_SHARE)], memory.at(-1)]
  return [
    ...records,
    {
      name: `${shape}: memory at the end / after a quarter`,
      value: (last?.bytes ?? Number.NaN) / (settled?.bytes ?? Number.NaN),
      unit: 'ratio',
      goal: 1.1,
      better: 'less',
    },
    { name: `${shape}: rows of links`, value: rows / seconds, unit: 'rows/s', goal: null, better: 'more' },
  ]
}

async function readMemory({
  made,
  server,
  rows,
}: {
  readonly made: ImportClient
  readonly server: Installation
  readonly rows: number
}): Promise<readonly { readonly ended: number; readonly bytes: number }[]> {
  const memory: { readonly ended: number; readonly bytes: number }[] = []
  for (const share of SHARES) {
    const { rows: now } = await made.until(({ rows: { ended } }) => ended >= Math.floor(rows * share))
    memory.push({ ended: now.ended, bytes: await residentBytes(server.pids()) })
  }
  return memory
}

async function addLinks(
  made: ImportClient,
  { rows, place }: { readonly rows: number; readonly place: string },
): Promise<void> {
  for (let from = 0; from < rows; from += ROWS_PER_CALL) {
    const lines = Array.from({ length: Math.min(ROWS_PER_CALL, rows - from) }, (_, i) => {
      const key = `row-${from + i}`
      return JSON.stringify({ key, person: { externalId: key }, imageUrl: `http://${place}/${key}.jpg` })
    })
    await made.addRows(`${lines.join('\n')}\n`)
  }
  await made.say('close')
}
