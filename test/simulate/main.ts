import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { endWithUsage, orUsage } from '../command-line/usage.ts'
import {
  type Answer,
  answerCapacity,
  answerCheck,
  answerSaturation,
  answerSurge,
  type Question,
} from './answers.ts'
import { measureIndex } from './measure/measure-index.ts'
import { measureServing } from './measure/measure-serving.ts'
import { costsFrom, readAssumptions, readMeasured } from './read-inputs.ts'
import { tableOf } from './report/table.ts'

/**
 * `npm run simulate`: how large a cluster has to be, and what happens to it under load. Ends with 1 if nothing could be
 * measured, with 2 if it was told what it does not know.
 */
const USAGE = `usage: npm run simulate -- [part ...] [--json] [--assumptions FILE] [--plots FOLDER]
       npm run simulate -- measure-serving [--seconds N]
       npm run simulate -- measure-index --qdrant URL --state FILE [--rows N] [--shards N] [--int8]

  part               check, capacity, saturation, surge; all of them if none is named
  --json             one JSON object a line instead of tables
  --assumptions FILE JSON with prices and sizes of yours; see test/simulate/assumptions.ts
  --plots FOLDER     writes the surges there, as SVG
  measure-serving    runs a cluster here, and prints what test/simulate/measured.json holds under "serving"
  --seconds N        how long each of its runs takes; 60 if not given
  measure-index      fills a Qdrant of one node, and prints what it cost to load, to build and to search
  --qdrant URL       that Qdrant, with QDRANT__SERVICE__HTTP_PORT in its environment
  --state FILE       keeps which collection is in use, so that it goes on where it was broken off
  --rows N           1000000 if not given
  --shards N         12 if not given
  --int8             with quantization; also of a collection that was measured without`

const { values: options, positionals } = orUsage(
  () =>
    parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        assumptions: { type: 'string' },
        plots: { type: 'string' },
        seconds: { type: 'string', default: '60' },
        qdrant: { type: 'string' },
        state: { type: 'string' },
        rows: { type: 'string', default: '1000000' },
        shards: { type: 'string', default: '12' },
        int8: { type: 'boolean', default: false },
      },
    }),
  USAGE,
)

const answers: Readonly<Record<string, (question: Question) => Answer>> = {
  check: answerCheck,
  capacity: answerCapacity,
  saturation: answerSaturation,
  surge: answerSurge,
}
const measurements: Readonly<Record<string, () => Promise<unknown>>> = {
  'measure-serving': () => measureServing({ seconds: wholeNumber('seconds'), told: console.error }),
  'measure-index': () => {
    const { qdrant, state } = options
    if (qdrant === undefined || state === undefined)
      return endWithUsage('measure-index needs --qdrant and --state', USAGE)
    const quantization = options.int8 ? 'int8' : 'none'
    const [rows, shards] = [wholeNumber('rows'), wholeNumber('shards')]
    return measureIndex({ url: qdrant, stateFile: state, rows, shards, quantization, told: console.error })
  },
}
const unknown = positionals.filter((name) => !Object.hasOwn({ ...answers, ...measurements }, name))
if (unknown.length > 0) endWithUsage(`there is no part called ${unknown.join(', ')}`, USAGE)

const measuring = positionals.filter((name) => Object.hasOwn(measurements, name))
for (const name of measuring) {
  const result = await measurements[name]!()
  console.log(JSON.stringify(result))
  if (typeof result === 'object' && result !== null && 'skipped' in result) process.exitCode = 1
}
if (measuring.length === 0) answer()

function answer(): void {
  const [measured, assumptions] = [readMeasured(), readAssumptions(options.assumptions)]
  const question: Question = { measured, assumptions, costs: costsFrom(measured, assumptions), plotted }
  for (const [name, ask] of Object.entries(answers)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    const { heads, rows } = ask(question)
    if (options.json)
      for (const row of rows) {
        const cells = heads.map((head, column) => [head, row[column]])
        console.log(JSON.stringify({ answer: name, ...Object.fromEntries(cells) }))
      }
    else console.log(`\n${name}\n\n${tableOf(heads, rows)}`)
  }
}

function plotted(name: string, svg: string): void {
  if (options.plots === undefined) return
  mkdirSync(options.plots, { recursive: true })
  writeFileSync(join(options.plots, `${name}.svg`), svg)
}

function wholeNumber(option: 'seconds' | 'rows' | 'shards'): number {
  const value = Number(options[option])
  if (!Number.isInteger(value) || value <= 0)
    endWithUsage(`--${option} is a number, not ${options[option]}`, USAGE)
  return value
}
