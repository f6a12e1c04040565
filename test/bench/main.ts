import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { benchCluster } from './cluster.ts'
import { benchDecoding } from './decoding.ts'
import { type BenchRecord, benchExactIndex } from './exact-index.ts'
import { benchKeeping } from './keeping.ts'
import { type ProbePhotos, readProbePhotos } from './probe-photos.ts'
import { benchServing } from './serving.ts'

/**
 * `npm run bench [-- --json] [serving|keeping|index|cluster|decoding] [--million]`: what Semblance costs on this machine. Prints
 * a table, or one JSON object a line; leaves nothing behind. Meant for a machine that does nothing else meanwhile.
 */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    million: { type: 'boolean', default: false },
  },
})

const benches = {
  serving: () => withPhotos(benchServing),
  keeping: () => withPhotos(benchKeeping),
  index: () =>
    benchExactIndex({
      rows: options.million ? 1_000_000 : 100_000,
      dimensions: 512,
      threads: availableParallelism(),
    }),
  cluster: () => withPhotos((photos) => benchCluster(photos, options)),
  decoding: benchDecoding,
}
const unknown = positionals.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0)
  throw new Error(`${unknown.join(', ')}: not one of ${Object.keys(benches).join(', ')}`)

for (const [name, bench] of Object.entries(benches)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  console.error(`${name} ...`)
  for (const record of await bench()) print(record)
}

async function withPhotos(
  bench: (photos: ProbePhotos) => Promise<readonly BenchRecord[]>,
): Promise<readonly BenchRecord[]> {
  const photos = await readProbePhotos()
  return photos === null ? [] : bench(photos)
}

function print(record: BenchRecord): void {
  if (options.json) {
    console.log(JSON.stringify(record))
    return
  }
  const { name, value, unit, goal, better } = record
  const aim = goal === null ? '' : `${better === 'less' ? '<=' : '>='} ${shown(goal)}`
  const verdict = goal === null ? '' : (better === 'less' ? value <= goal : value >= goal) ? 'met' : 'missed'
  console.log(
    `${name.padEnd(52)}${shown(value).padStart(10)}  ${unit.padEnd(11)}${aim.padStart(10)}  ${verdict}`,
  )
}

function shown(value: number): string {
  return value >= 1_000 ? value.toFixed(0) : String(Number(value.toPrecision(3)))
}
