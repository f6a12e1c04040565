import { amount } from '@semblance/core'
import { type Command, Option } from 'commander'
import { queryOf } from '../command/options.ts'
import { openProgress } from '../command/progress.ts'
import { requireNew, saveStream } from '../command/save-stream.ts'
import { serverAction, withServerOptions } from '../command/server-action.ts'
import { countOf } from '../persons/count-persons.ts'
import { filterFields, type PersonFilters, withPersonFilters } from '../persons/person-filters.ts'
import { wrongUse } from '../server/command-fault.ts'
import { countPersons } from './count-persons.ts'
import { formatOf, refuseOtherArchive } from './export-name.ts'
import { type Exported, type ExportFormat, wholeExport } from './whole-export.ts'

interface ExportOptions extends PersonFilters {
  readonly person?: string
  readonly format?: ExportFormat
  readonly descriptors: boolean
}

/** `semblance export`: all that is stored of persons, in a file. */
export function addExportCommand(program: Command): void {
  withPersonFilters(withServerOptions(program.command('export <file>')))
    .description(
      'write groups, persons and images to a new file (- is standard output): lines of JSON, or a tar with the pictures that "semblance import" takes. The file has its name only once it is whole',
    )
    .addOption(
      new Option('--format <format>', 'of the file (default: tar if its name ends so, else ndjson)').choices([
        'ndjson',
        'tar',
      ]),
    )
    .option('--person <id>', 'this person alone, with the groups')
    .option('--descriptors', 'with the descriptor of each image, which is biometric data', false)
    .addHelpText('after', '\nExample:\n  semblance export gallery.tar --group GROUP_ID')
    .action(
      serverAction<[string], ExportOptions>(async ({ calls, options }, file) => {
        const { person, descriptors, format = formatOf(file) } = options
        refuseOtherArchive(file, format)
        if (file === '-' && options.json)
          throw wrongUse('standard output takes the export or --json, not both')
        await requireNew(file)
        const query = queryOf([
          ...filterFields(options),
          ['format', format],
          ['personId', person],
          ['descriptors', descriptors],
        ])
        const exported: Exported = { bytes: 0, counts: null }
        const total = person === undefined ? await countOf(calls, filterFields(options)) : 1
        const pieces = wholeExport(await calls.stream(`/export${query}`), format, exported)
        await saveStream(file, shown(pieces, { format, total, isShown: !showsItself(file) }))
        // Standard output holds the export itself then.
        if (file === '-') return null
        const { bytes, counts } = exported
        return { json: JSON.stringify({ file, format, bytes, ...counts }), lines: [endOf(file, exported)] }
      }),
    )
}

/** A bar would stand among the lines of the export. */
function showsItself(file: string): boolean {
  return file === '-' && process.stdout.isTTY
}

interface Shown {
  readonly format: ExportFormat
  readonly total: number
  readonly isShown: boolean
}

/** Passes the pieces on, and shows how many persons there were. */
async function* shown(
  pieces: AsyncIterable<Uint8Array>,
  { format, total, isShown }: Shown,
): AsyncGenerator<Uint8Array> {
  if (!isShown) return yield* pieces
  const progress = openProgress('persons')
  const count = countPersons(format)
  try {
    for await (const piece of pieces) {
      const done = count(piece)
      yield piece
      progress.update({ done, total: Math.max(total, done) })
    }
  } finally {
    progress.stop()
  }
}

function endOf(file: string, { bytes, counts }: Exported): string {
  if (counts === null) return `${file} is written: ${(bytes / 1_000_000).toFixed(1)} MB.`
  return `${file} has ${amount(counts.groups, 'group')}, ${amount(counts.persons, 'person')} and ${amount(counts.images, 'image')}.`
}
