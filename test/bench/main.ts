import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { endWithUsage, orUsage } from '../command-line/usage.ts'
import { benchCluster } from './cluster.ts'
import { benchConsole } from './console.ts'
import { benchDecoding } from './decoding.ts'
import { type BenchRecord, benchExactIndex } from './exact-index.ts'
import { benchImport } from './import.ts'
import { benchImportRows } from './import-rows.ts'
import { benchKeeping } from './keeping.ts'
import { benchLinks } from './links.ts'
import { benchOperations } from './operations.ts'
import { benchPacks } from './packs.ts'
import { type ProbePhotos, readProbePhotos } from './probe-photos.ts'
import { benchQdrantGraphs } from './qdrant-graphs.ts'
import { benchRedescribe } from './redescribe.ts'
import { benchServing } from './serving.ts'

/**
 * `npm run bench`: what Semblance costs on this machine. Prints a table, or one JSON object a line; leaves nothing behind.
 * Meant for a machine that does nothing else meanwhile. Ends with 1 if a part was left out, with 2 if it was told what it
 * does not know.
 */
const USAGE = `usage: npm run bench -- [part ...] [--json] [--million] [--quick] [--rows N]

  part       serving, packs, links, import, operations, redescribe, keeping, index, cluster, graphs, decoding, console; all of them if none is named
  --json     one JSON object a line instead of a table
  --million  index, graphs: a million faces
  --quick    import, operations, redescribe, console: less of everything, for a first look
  --rows N   import: the memory over N rows of links, instead of speed`

const { values: options, positionals } = orUsage(
  () =>
    parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        million: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        rows: { type: 'string' },
      },
    }),
  USAGE,
)

// Its servers have what `npm start` gives them, and not the one thread of the tests' servers.
process.env.TEST_THREADS ??= String(availableParallelism())

const rows = options.rows === undefined ? null : Number(options.rows)
if (rows !== null && !(Number.isInteger(rows) && rows > 0))
  endWithUsage(`--rows is a number of rows, not ${options.rows}`, USAGE)

/** Why nothing was measured, where that is so. */
type Measured = readonly BenchRecord[] | { readonly skipped: string }

const benches: Readonly<Record<string, () => Promise<Measured>>> = {
  serving: () => withPhotos(benchServing),
  packs: () => withPhotos(benchPacks),
  links: () => withPhotos(benchLinks),
  import: () =>
    rows === null ? withPhotos((photos) => benchImport(photos, options)) : benchImportRows(rows),
  operations: () => withPhotos((photos) => benchOperations(photos, options)),
  redescribe: () => withPhotos((photos) => benchRedescribe(photos, options)),
  keeping: () => withPhotos(benchKeeping),
  index: () =>
    benchExactIndex({
      rows: options.million ? 1_000_000 : 100_000,
      dimensions: 512,
      threads: availableParallelism(),
    }),
  cluster: () => withPhotos((photos) => benchCluster(photos)),
  graphs: () => benchQdrantGraphs({ faces: options.million ? 1_000_000 : 60_000 }),
  decoding: benchDecoding,
  console: () => benchConsole({ people: options.quick ? 5_000 : 100_000 }),
}
const unknown = positionals.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) endWithUsage(`there is no part called ${unknown.join(', ')}`, USAGE)

for (const [name, bench] of Object.entries(benches)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  console.error(`${name} ...`)
  const measured = await bench()
  if ('skipped' in measured) {
    console.error(`skipped: ${name}: ${measured.skipped}`)
    // Whoever asked for figures must not take their absence for success.
    process.exitCode = 1
  } else for (const record of measured) print(record)
}

async function withPhotos(bench: (photos: ProbePhotos) => Promise<Measured>): Promise<Measured> {
  const photos = await readProbePhotos()
  return photos === null ? { skipped: 'no reference photos' } : bench(photos)
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
