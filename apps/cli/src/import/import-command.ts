import { setTimeout as delay } from 'node:timers/promises'
import { QUALITY_GATES } from '@semblance/core'
import {
  isLateManifest,
  type Layout,
  readNamePattern,
  SourceFault,
  type SourceItem,
} from '@semblance/import-sources'
import { untilToldToStop } from '@semblance/telemetry'
import { type Command, Option } from 'commander'
import { EXIT } from '../command/exit-codes.ts'
import { collect } from '../command/options.ts'
import { openProgress, type Progress } from '../command/progress.ts'
import { requireNew, saveStream } from '../command/save-stream.ts'
import {
  type CommandResult,
  type CommonOptions,
  endWith,
  printResult,
  tellFault,
  withServerOptions,
} from '../command/server-action.ts'
import { CommandFault, wrongUse } from '../server/command-fault.ts'
import { openClient } from '../server/open-client.ts'
import { hasEnded, hasGoodRow, type ImportAnswer, ImportCalls } from './import-calls.ts'
import {
  checkLinkOptions,
  conflictLines,
  isLink,
  readFromLink,
  refuseOtherLink,
  requireReadable,
} from './import-link.ts'
import { paceOf } from './import-standing.ts'
import { lossesOf, summaryLines } from './import-summary.ts'
import { likeLines } from './like-persons.ts'
import { type LookedAt, lookAtSource } from './look-at-source.ts'
import { namedLines } from './named-rows.ts'
import { type ImportTerms, openImport, placeOf } from './open-import.ts'
import { openPause, type Pause } from './pause-import.ts'
import { reportFormatOf } from './report-format.ts'
import { mayRetryLines } from './retry-lines.ts'
import { emptySent, type Sent, sendRows } from './send-rows.ts'
import { watchFolder } from './watch-folder.ts'

const LOOK_EVERY_MS = 1_000
/** Rows under way at Ctrl-C get so long to be taken; rows that are sent again have no second effect. */
const GRACE_MS = 5_000

interface ImportOptions extends CommonOptions, ImportTerms {
  readonly report?: string
  readonly detach: boolean
  readonly watch: boolean
}

const QUALITY = new Option(
  '--quality <policy>',
  'what faces must comply with (default: as the server asks)',
).choices(Object.keys(QUALITY_GATES))

/** `semblance import`: the photos of a folder, an archive or a manifest into a running server. */
export function addImportCommand(program: Command): void {
  const choice = (flag: string, description: string, values: readonly string[]) =>
    new Option(flag, description).choices(values).default(values[0])
  withServerOptions(program.command('import <source>'))
    .description(
      'enroll the photos of a folder (a folder for each person), of an archive (tar, tar.gz, zip), or of a manifest (CSV, NDJSON). A link (s3://bucket/prefix/, or s3, gs, https or file to an archive or a manifest) is read by the server. Run it again to go on where it ended. Exits with 1 if some rows were not enrolled (see the report). Ctrl-C pauses the import',
    )
    .option('--name <name>', 'name of the import (default: its source); it is gone on with by this name')
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
    .addOption(QUALITY)
    .addOption(choice('--same-picture <policy>', 'pictures that a person has already', ['skip', 'enroll']))
    .addOption(choice('--same-person <policy>', "faces like another person's", ['off', 'report', 'refuse']))
    .addOption(choice('--on-conflict <policy>', 'fields of persons who are there', ['keep', 'update']))
    .option('--trust-descriptors', 'take the descriptors of an export over, and look at no picture', false)
    .option('--dry-run', 'do everything but write', false)
    .option(
      '--report <file>',
      'write what came of each row to a new file; CSV, or NDJSON if the name says so',
    )
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
  const { signal } = stopping
  void untilToldToStop().then(() => stopping.abort(new CommandFault('stopped', EXIT.stopped)))
  const sent = emptySent()
  let opened: Opened | null = null
  let looked: LookedAt | null = null
  try {
    looked = await lookFirst(source, options, signal)
    const server = new ImportCalls(await openClient(options, signal, { graceMs: GRACE_MS }))
    const pause = await openPause(options)
    const { made, isNew } = await openImport(server, source, options)
    opened = { calls: server, pause, made, isNew }
    const importing = { source, options, made, isNew, items: looked?.items ?? null, sent, signal }
    printResult(command, await importAll(server, importing))
  } catch (fault) {
    if (!signal.aborted) {
      const isLeft = opened === null || !(await dropIfEmpty(opened, fault))
      tellFault(command, forPeople(fault, { source, sent, made: isLeft ? (opened?.made ?? null) : null }))
    } else if (opened === null) tellFault(command, signal.reason)
    else {
      await opened.pause(opened.made)
      endWith(command, signal.reason)
    }
  } finally {
    await looked?.close()
  }
}

interface Opened {
  readonly calls: ImportCalls
  readonly pause: Pause
  readonly made: ImportAnswer
  readonly isNew: boolean
}

/** An import that was refused before its first good row leaves nothing behind. Answers whether it is gone. */
async function dropIfEmpty({ calls, made, isNew }: Opened, fault: unknown): Promise<boolean> {
  const isServerAway = fault instanceof CommandFault && fault.exitCode === EXIT.noServer
  if (!isNew || isServerAway) return false
  try {
    const now = await calls.find(made.id)
    if (now === null || hasGoodRow(now) || !now.takesRows) return false
    await calls.delete(made.id)
    return true
  } catch (other) {
    if (other instanceof CommandFault) return false
    throw other
  }
}

/** All that can be wrong with what the command was given, before the server is asked for anything. Null: the server reads. */
async function lookFirst(
  source: string,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<LookedAt | null> {
  if (options.report !== undefined) await requireNew(options.report)
  if (isLink(source)) {
    checkLinkOptions(options)
    return null
  }
  refuseOtherLink(source)
  const { encoding, watch } = options
  return lookAtSource(source, { layout: layoutOf(options), encoding, watch, signal })
}

/** Names the file, and what has become of the rows before the place where it cannot be read on. */
function forPeople(
  fault: unknown,
  { source, sent, made }: Pick<Importing, 'source' | 'sent'> & { readonly made: ImportAnswer | null },
): unknown {
  if (!(fault instanceof SourceFault)) return fault
  const why = `${placeOf(source)}: ${fault.message}`
  if (isLateManifest(fault.message) && made === null)
    return wrongUse(`${why}. Put it first: tar czf ARCHIVE.tgz -C FOLDER manifest.csv .`)
  if (made === null) return wrongUse(why)
  const rows = sent.added + sent.known
  const taken = rows === 1 ? '1 row before that was taken' : `${rows} rows before that were taken`
  const next = `Mend it and give the same command again, to go on; or end the import with what it has: semblance imports cancel ${made.id}`
  return new CommandFault(`${why}. ${taken}; the import ${made.id} is open still. ${next}`, EXIT.found)
}

interface Importing {
  readonly source: string
  readonly options: ImportOptions
  readonly made: ImportAnswer
  readonly isNew: boolean
  /** What this command reads; null if the server does. */
  readonly items: AsyncIterable<SourceItem> | null
  readonly sent: Sent
  readonly signal: AbortSignal
}

async function importAll(calls: ImportCalls, importing: Importing): Promise<CommandResult> {
  const { options, made, sent, signal } = importing
  const progress = openProgress('rows')
  try {
    let now = made
    if (options.watch && !made.takesRows)
      throw new CommandFault(`the import "${made.name}" takes no more rows; run this again once it is done`)
    // An earlier run may have sent everything, and stopped while it waited.
    if (made.takesRows) now = await giveOrFollow(calls, importing, progress)
    if (!options.detach) now = await untilDone(calls, { made: now, progress, signal })
    progress.stop()
    const like = await likeLines(calls, now)
    const named = [...(await namedLines(calls, now)), ...(await mayRetryLines(calls, now))]
    const notes = await reportTo(calls, now, options.report)
    const conflicts = conflictLines(now)
    const exitCode = lossesOf(now) + conflicts.length > 0 ? EXIT.found : EXIT.fine
    const lines = [...summaryLines(now, sent, named), ...like, ...conflicts, ...notes]
    return { json: JSON.stringify({ ...now, sent }), lines, exitCode }
  } finally {
    progress.stop()
  }
}

/** Another run of the same command may have closed the import meanwhile: then its rows are in. */
async function giveOrFollow(
  calls: ImportCalls,
  importing: Importing,
  progress: Progress,
): Promise<ImportAnswer> {
  try {
    return await giveRows(calls, importing, progress)
  } catch (fault) {
    const isRefused = fault instanceof CommandFault && fault.status === 409
    const now = isRefused ? await calls.find(importing.made.id) : null
    if (now === null || now.takesRows || now.state === 'cancelled') throw fault
    importing.sent.notes.push(
      'another run of this command said that all rows are in; what has come to the source since is for the next run',
    )
    return now
  }
}

/** Sends all rows and closes the import, or has the server do so. */
async function giveRows(calls: ImportCalls, importing: Importing, progress: Progress): Promise<ImportAnswer> {
  const { source, options, made, isNew, items, sent, signal } = importing
  const { id } = made
  if (items === null) return readFromLink(calls, { id, link: source, options })
  let told = 0
  const onBatch = () => {
    if (Date.now() - told < LOOK_EVERY_MS) return
    told = Date.now()
    void calls.get(id).then(
      (now) => showRows(progress, now),
      () => {},
    )
  }
  const sending = { calls, id, isNew, onBatch, signal }
  if (options.watch) await watchFolder(source, sent, { ...sending, layout: layoutOf(options) })
  await sendRows(items, sent, sending)
  return calls.act(id, 'close')
}

function showRows(shown: Progress, now: ImportAnswer): void {
  shown.update({ done: now.rows.ended, total: now.rows.total, pace: paceOf(now) })
}

async function untilDone(
  calls: ImportCalls,
  waiting: { readonly made: ImportAnswer; readonly progress: Progress; readonly signal: AbortSignal },
): Promise<ImportAnswer> {
  for (;;) {
    const now = await calls.get(waiting.made.id)
    showRows(waiting.progress, now)
    // The rows of one that was cancelled end a moment later.
    if (hasEnded(now) && now.rows.ended === now.rows.total) return now
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
  await saveStream(file, await calls.report(id, reportFormatOf(file)))
  return [`What came of each row is in ${file}.`]
}

function layoutOf({ layout, pattern }: ImportOptions): Layout {
  if (pattern === undefined) return { by: layout }
  const read = readNamePattern(pattern)
  if ('problem' in read) throw wrongUse(`--pattern ${read.problem}`)
  return { by: 'pattern', pattern: read.pattern }
}
