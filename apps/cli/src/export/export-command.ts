import type { Command } from 'commander'
import { queryOf } from '../command/options.ts'
import { requireNew, saveStream } from '../command/save-stream.ts'
import { serverAction, withServerOptions } from '../command/server-action.ts'
import { wrongUse } from '../server/command-fault.ts'
import { type ExportCounts, wholeExport } from './whole-export.ts'

interface ExportOptions {
  readonly person?: string
  readonly group?: string
  readonly descriptors: boolean
}

/** `semblance export`: all that is stored of persons, in a file. */
export function addExportCommand(program: Command): void {
  withServerOptions(program.command('export <file>'))
    .description(
      'write groups, persons and images, a line of JSON each, to a new file (- is standard output). The file has its name only once it is whole',
    )
    .option('--person <id>', 'this person alone, with the groups')
    .option('--group <id>', 'this group alone, with its persons')
    .option('--descriptors', 'with the descriptor of each image, which is biometric data', false)
    .addHelpText('after', '\nExample:\n  semblance export gallery.ndjson')
    .action(
      serverAction<[string], ExportOptions>(async ({ calls, options }, file) => {
        const { person, group, descriptors } = options
        if (file === '-' && options.json)
          throw wrongUse('standard output takes the export or --json, not both')
        await requireNew(file)
        const query = queryOf([
          ['personId', person],
          ['groupId', group],
          ['descriptors', descriptors],
        ])
        const counts: ExportCounts = { groups: 0, persons: 0, images: 0 }
        await saveStream(file, wholeExport(await calls.stream(`/export${query}`), counts))
        const { groups, persons, images } = counts
        // Standard output holds the export itself then.
        if (file === '-') return null
        const line = `${groups} groups, ${persons} persons and ${images} images are in ${file}.`
        return { json: JSON.stringify({ file, ...counts }), lines: [line] }
      }),
    )
}
