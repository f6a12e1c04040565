import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import sharp from 'sharp'
import { availableShapes, type Installation, type Shape, startInstallation } from '../servers/installation.ts'
import type { BenchRecord } from './exact-index.ts'
import { ImportClient } from './import-client.ts'

const ROWS_PER_CALL = 5_000
const EARLY_ROWS = 10_000
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
  const early = Math.min(EARLY_ROWS, rows / 2)
  const measuringEarly = made.until(({ rows: { ended } }) => ended >= early).then(() => residentBytes(server))
  const [, first] = await Promise.all([adding, measuringEarly])
  const { rows: sum } = await made.until(({ state }) => state === 'done')
  const seconds = (performance.now() - begun) / 1000
  if (sum.byOutcome['no-face'] !== rows) throw new Error(`rows ended with ${JSON.stringify(sum.byOutcome)}`)
  const last = await residentBytes(server)
  const what = `${shape}: memory, links to pictures without a face`
  return [
    { name: `${what}, after ${early} rows`, value: first / MB, unit: 'MB', goal: null, better: 'less' },
    { name: `${what}, after ${rows} rows`, value: last / MB, unit: 'MB', goal: null, better: 'less' },
    {
      name: `${shape}: memory at the end / early`,
      value: last / first,
      unit: 'ratio',
      goal: 1.1,
      better: 'less',
    },
    { name: `${shape}: rows of links`, value: rows / seconds, unit: 'rows/s', goal: null, better: 'more' },
  ]
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

/** Of all its processes. */
async function residentBytes(server: Installation): Promise<number> {
  let sum = 0
  for (const pid of server.pids()) {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
    if (kibibytes === undefined) throw new Error('the memory of another process can be read on Linux only')
    sum += Number(kibibytes) * 1024
  }
  return sum
}
