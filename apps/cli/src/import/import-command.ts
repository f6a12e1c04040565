import { writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Layout, readNamePattern, readSourceAt, SourceFault } from '@semblance/import-sources'
import { say, untilToldToStop } from '@semblance/telemetry'
import { type Command, Option } from 'commander'
import { EXIT } from '../command/exit-codes.ts'
import { collect } from '../command/options.ts'
import { openProgress, type Progress, paceText } from '../command/progress.ts'
import {
  type CommandResult,
  type CommonOptions,
  printResult,
  tellFault,
  withServerOptions,
} from '../command/server-action.ts'
import { CommandFault, wrongUse } from '../server/command-fault.ts'
import { openClient } from '../server/open-client.ts'
import { hasEnded, type ImportAnswer, ImportCalls } from './import-calls.ts'
import {
  checkLinkOptions,
  conflictLines,
  isLink,
  nameOfLink,
  readFromLink,
  requireReadable,
} from './import-link.ts'
import { importLines, lossesOf, summaryLines } from './import-summary.ts'
import { emptySent, sendRows } from './send-rows.ts'
import { watchFolder } from './watch-folder.ts'

const LOOK_EVERY_MS = 1_000
interface ImportOptions extends CommonOptions {
  readonly name?: string
  readonly layout: 'auto' | 'folders' | 'manifest'
  readonly pattern?: string
  readonly encoding: 'utf-8' | 'windows-1252'
  readonly group: readonly string[]
  readonly faces: string
  readonly quality: string
  readonly samePicture: string
  readonly samePerson: string
  readonly onConflict: string
  readonly trustDescriptors: boolean
  readonly dryRun: boolean
  readonly report?: string
  readonly detach: boolean
  readonly watch: boolean
}

/** `semblance import`: the photos of a folder, an archive or a manifest into a running server. */
export function addImportCommand(program: Command): void {
  const choice = (flag: string, description: string, values: readonly string[]) =>
    new Option(flag, description).choices(values).default(values[0])
  withServerOptions(program.command('import <source>'))
    .description(
      'enroll the photos of a folder (a folder for each person), of an archive (tar, tar.gz, zip), or of a manifest (CSV, NDJSON). A link (s3://bucket/prefix/, or s3, gs, https or file to an archive or a manifest) is read by the server. Run it again to go on where it ended. Exits with 1 if some rows were not enrolled (see the report). Ctrl-C pauses the import',
    )
    .option('--name <name>', 'name of the import (default: that of the source)')
    .addOption(choice('--layout <layout>', 'how files become rows', ['auto', 'folders', 'manifest']))
    .option('--pattern <pattern>', 'what file names say, for instance {person}_{n}.jpg')
    .addOption(
      choice('--encoding <encoding>', 'what a CSV without a byte order mark is in', [
        'utf-8',
        'windows-1252',
      ]),
    )
    .option('--group <id>', 'group that every person joins; may be repeated', collect, [])
    .addOption(choice('--faces <policy>', 'which face is taken', ['central', 'one', 'largest']))
    .addOption(choice('--quality <policy>', 'what faces must comply with', ['off', 'standard', 'strict']))
    .addOption(choice('--same-picture <policy>', 'pictures that a person has already', ['skip', 'enroll']))
    .addOption(choice('--same-person <policy>', "faces like another person's", ['off', 'report', 'refuse']))
    .addOption(choice('--on-conflict <policy>', 'fields of persons who are there', ['keep', 'update']))
    .option('--trust-descriptors', 'take the descriptors of an export over, and look at no picture', false)
    .option('--dry-run', 'do everything but write', false)
    .option('--report <file>', 'write what came of each row; CSV, or NDJSON if the name says so')
    .addOption(
      new Option('--watch', 'go on taking new files of the folder, until Ctrl-C')
        .default(false)
        .conflicts(['detach', 'report']),
    )
    .option('--detach', 'end once all rows are sent, and let the server go on', false)
    .addHelpText(
      'after',
      '\nExamples:\n  semblance import ./photos --faces one --report report.csv\n  semblance import s3://bucket/photos/ --dry-run',
    )
    .action(run)
}

async function run(source: string, options: ImportOptions, command: Command): Promise<void> {
  const stopping = new AbortController()
  void untilToldToStop().then(() => stopping.abort(new CommandFault('stopped', EXIT.stopped)))
  let made: ImportAnswer | null = null
  let calls: ImportCalls | null = null
  try {
    if (isLink(source)) checkLinkOptions(options)
    calls = new ImportCalls(await openClient(options, new AbortController().signal))
    made = await openImport(calls, source, options)
    printResult(command, await importAll(calls, { source, options, made, signal: stopping.signal }))
  } catch (fault) {
    if (stopping.signal.aborted && calls !== null) await pauseImport(calls, made)
    tellFault(command, stopping.signal.aborted ? stopping.signal.reason : forPeople(fault))
  }
}

function forPeople(fault: unknown): unknown {
  return fault instanceof SourceFault ? wrongUse(fault.message) : fault
}

async function openImport(calls: ImportCalls, source: string, options: ImportOptions): Promise<ImportAnswer> {
  const name = options.name ?? (isLink(source) ? nameOfLink(source) : basename(resolve(source)))
  const earlier = await calls.findUnended(name)
  if (earlier !== null) {
    say(`going on with the import "${name}" (${earlier.id})`)
    return earlier.state === 'paused' ? calls.act(earlier.id, 'resume') : earlier
  }
  const { faces, quality, samePicture, samePerson, onConflict, trustDescriptors, dryRun, group } = options
  const policies = { faces, quality, samePicture, samePerson, onConflict, trustDescriptors, dryRun }
  return calls.create({ name, groups: group, ...policies })
}

interface Importing {
  readonly source: string
  readonly options: ImportOptions
  readonly made: ImportAnswer
  readonly signal: AbortSignal
}

async function importAll(calls: ImportCalls, importing: Importing): Promise<CommandResult> {
  const { source, options, made, signal } = importing
  const progress = openProgress('rows')
  try {
    let told = 0
    const onBatch = () => {
      if (Date.now() - told < LOOK_EVERY_MS) return
      told = Date.now()
      void calls.get(made.id).then(
        (now) => showRows(progress, now),
        () => {},
      )
    }
    const sent = emptySent()
    let now = made
    if (options.watch && !made.takesRows)
      throw new CommandFault(`the import "${made.name}" takes no more rows; run this again once it is done`)
    // An earlier run may have sent everything, and stopped while it waited.
    if (made.takesRows && isLink(source)) {
      now = await readFromLink(calls, { id: made.id, link: source, options })
    } else if (made.takesRows) {
      const layout = layoutOf(options)
      const sending = { calls, id: made.id, onBatch, signal }
      if (options.watch) await watchFolder(source, sent, { ...sending, layout })
      await sendRows(readSourceAt(source, { layout, encoding: options.encoding, signal }), sent, sending)
      now = await calls.act(made.id, 'close')
    }
    if (!options.detach) now = await untilDone(calls, { made: now, progress, signal })
    progress.stop()
    const notes = await reportTo(calls, now, options.report)
    const json = JSON.stringify({ ...now, sent })
    const conflicts = conflictLines(now)
    const exitCode = lossesOf(now, sent) + conflicts.length > 0 ? EXIT.found : EXIT.fine
    return { json, lines: [...summaryLines(now, sent), ...conflicts, ...notes], exitCode }
  } finally {
    progress.stop()
  }
}

/** What an import waits for, by the word of the server for it. */
const WAITS: Readonly<Record<string, string>> = {
  paused: 'it is paused',
  'searches-first': 'searches go first',
  workers: 'no worker is there',
  store: 'a store is away',
  queue: 'the queue is away or full',
  disk: 'the disk is nearly full',
}

function showRows(shown: Progress, { rows, progress, source }: ImportAnswer): void {
  const { waitsFor, rowsPerSecondLately: rate, etaSeconds } = progress
  const isReading = source?.state === 'reading'
  const waits = (isReading ? source.why : undefined) ?? (waitsFor === null ? undefined : WAITS[waitsFor])
  // Nobody knows yet how many rows come.
  const leftSeconds = isReading ? null : etaSeconds
  shown.update({ done: rows.ended, total: rows.total, pace: paceText({ waits, rate, leftSeconds }) })
}

async function untilDone(
  calls: ImportCalls,
  waiting: { readonly made: ImportAnswer; readonly progress: Progress; readonly signal: AbortSignal },
): Promise<ImportAnswer> {
  for (;;) {
    const now = await calls.get(waiting.made.id)
    showRows(waiting.progress, now)
    if (hasEnded(now)) return now
    requireReadable(now)
    await delay(LOOK_EVERY_MS, undefined, { signal: waiting.signal })
  }
}

/** CSV, or NDJSON if the name of the file says so. Answers what is told of it. */
async function reportTo(
  calls: ImportCalls,
  { id }: ImportAnswer,
  file: string | undefined,
): Promise<readonly string[]> {
  if (file === undefined) return []
  const format = /\.(ndjson|jsonl)$/i.test(file) ? 'ndjson' : 'csv'
  await writeFile(file, await calls.report(id, format), { mode: 0o600 })
  return [`What came of each row is in ${file}.`]
}

async function pauseImport(calls: ImportCalls, made: ImportAnswer | null): Promise<void> {
  if (made === null) return
  await calls.act(made.id, 'pause').catch((fault: unknown) => say(`semblance import: ${String(fault)}`))
  say('The import is paused. The same command goes on from here.')
  for (const line of importLines(await calls.get(made.id))) say(line)
}

function layoutOf({ layout, pattern }: ImportOptions): Layout {
  if (pattern === undefined) return { by: layout }
  const read = readNamePattern(pattern)
  if ('problem' in read) throw wrongUse(`--pattern ${read.problem}`)
  return { by: 'pattern', pattern: read.pattern }
}
