import { type Command, Option } from 'commander'
import { moreLines, type PageOptions, pageFields, queryOf, withPageOptions } from '../command/options.ts'
import { requireNew, saveStream } from '../command/save-stream.ts'
import { serverAction, withServerOptions } from '../command/server-action.ts'
import { tableLines } from '../command/table.ts'
import { type ImportAnswer, importAnswer, importPage, retryAnswer } from '../import/import-calls.ts'
import { standingLines } from '../import/import-standing.ts'
import { cancelledLines, importLines, sourceNoteLines } from '../import/import-summary.ts'
import { type ReportFormat, reportFormatOf } from '../import/report-format.ts'
import { retriedLines } from '../import/retry-lines.ts'
import { settledImport } from '../import/settled-import.ts'
import { wrongUse } from '../server/command-fault.ts'
import type { Answered, ServerCalls } from '../server/server-calls.ts'
import { addDeleteCommand } from './delete-import.ts'

const ACTIONS = {
  pause: 'take no more rows of an import into work',
  resume: 'go on with an import that is paused',
  cancel: 'end an import before all of its rows are done; what is enrolled stays, and pictures that wait go',
} as const

/** Names are paths with options behind them, such as `--pattern`; what tells them apart is at their ends. */
const NAME_CHARS = 48

/** `semblance imports ...`: imports that the server has, whoever sent them. */
export function addImportListCommands(program: Command): void {
  const imports = program.command('imports').description('list, show, steer and delete imports')
  addListCommand(imports)
  addShowCommand(imports)
  for (const [action, does] of Object.entries(ACTIONS)) addActionCommand(imports, action, does)
  addRetryCommand(imports)
  addReportCommand(imports)
  addDeleteCommand(imports)
}

function addListCommand(imports: Command): void {
  withPageOptions(withServerOptions(imports.command('list')))
    .description('list imports, newest first')
    .addHelpText('after', '\nExample:\n  semblance imports list')
    .action(
      serverAction<[], PageOptions>(async ({ calls, options }) => {
        const path = `/imports${queryOf(pageFields(options))}`
        const { value, json } = await calls.ask({ method: 'GET', path }, importPage)
        return { json, lines: [...listLines(value.items), ...moreLines(value.nextCursor)] }
      }),
    )
}

function listLines(imports: readonly ImportAnswer[]): readonly string[] {
  if (imports.length === 0) return ['no imports']
  const counted = ['rows', 'ended', 'enrolled'].map((title) => ({ title, align: 'right' as const }))
  return tableLines(
    [
      { title: 'name', isCuttable: true, least: NAME_CHARS },
      { title: 'import id' },
      { title: 'state' },
      { title: 'created' },
      ...counted,
    ],
    imports.map(({ id, name, state, dryRun, createdAt, rows }) => [
      name,
      id,
      dryRun ? `${state} (dry run)` : state,
      createdAt,
      ...[rows.total, rows.ended, rows.byOutcome.enrolled ?? 0].map(String),
    ]),
  )
}

function addShowCommand(imports: Command): void {
  withServerOptions(imports.command('show <id>'))
    .description('tell how far an import is, what holds it up, and what came of its rows')
    .addHelpText('after', '\nExample:\n  semblance imports show IMPORT_ID')
    .action(
      serverAction<[string], object>(async ({ calls }, id) => {
        const { value, json } = await calls.ask({ method: 'GET', path: pathOf(id) }, importAnswer)
        return { json, lines: [...importLines(value), ...standingLines(value), ...sourceNoteLines(value)] }
      }),
    )
}

function addActionCommand(imports: Command, action: string, does: string): void {
  withServerOptions(imports.command(`${action} <id>`))
    .description(does)
    .addHelpText('after', `\nExample:\n  semblance imports ${action} IMPORT_ID`)
    .action(
      serverAction<[string], object>(async ({ calls }, id) => {
        const { value, json } = await steer(calls, id, action)
        return { json, lines: [...importLines(value), ...cancelledLines(value)] }
      }),
    )
}

/** How it stands then, without the rows that are given back at once since no work on them has begun. */
async function steer(calls: ServerCalls, id: string, action: string): Promise<Answered<ImportAnswer>> {
  const asked = await calls.ask({ method: 'POST', path: `${pathOf(id)}/${action}` }, importAnswer)
  if (asked.value.state !== 'paused' && asked.value.state !== 'cancelled') return asked
  return settledImport(async () => {
    const now = await calls.ask({ method: 'GET', path: pathOf(id) }, importAnswer)
    return { ...now, rows: now.value.rows }
  })
}

function addRetryCommand(imports: Command): void {
  withServerOptions(imports.command('retry <id>'))
    .description('try rows once more that failed for a reason that may pass')
    .option('--all', 'all that failed, whatever the reason, and those whose link was refused', false)
    .addHelpText('after', '\nExample:\n  semblance imports retry IMPORT_ID')
    .action(
      serverAction<[string], { readonly all: boolean }>(async ({ calls, options: { all } }, id) => {
        const request = { method: 'POST', path: `${pathOf(id)}/retry`, body: { all } } as const
        const { value, json } = await calls.ask(request, retryAnswer)
        return { json, lines: [...retriedLines(value, all), ...importLines(value)] }
      }),
    )
}

interface ReportOptions {
  readonly format?: ReportFormat
  readonly outcome?: string
}

function addReportCommand(imports: Command): void {
  withServerOptions(imports.command('report <id> [file]'))
    .description('write what came of each row to a new file, or to standard output')
    .addOption(
      new Option(
        '--format <format>',
        'of the report (default: ndjson if the name of the file says so, else csv)',
      ).choices(['csv', 'ndjson']),
    )
    .option('--outcome <outcome>', 'only rows that ended so, for instance no-face; none: not ended yet')
    .addHelpText('after', '\nExample:\n  semblance imports report IMPORT_ID failed.csv --outcome failed')
    .action(
      serverAction<[string, string | undefined], ReportOptions>(
        async ({ calls, options }, id, file = '-') => {
          const { json, outcome, format = reportFormatOf(file) } = options
          if (file === '-' && json)
            throw wrongUse('standard output takes the report or --json, not both; name a file for the report')
          await requireNew(file)
          const query = queryOf(Object.entries({ format, outcome }))
          await saveStream(file, await calls.stream(`${pathOf(id)}/report${query}`))
          // Standard output holds the report itself then.
          return file === '-'
            ? null
            : { json: JSON.stringify({ file }), lines: [`The report is in ${file}.`] }
        },
      ),
    )
}

function pathOf(id: string): string {
  return `/imports/${encodeURIComponent(id)}`
}
