import { amount } from '@semblance/core'
import type { Command } from 'commander'
import { z } from 'zod'
import { confirmCount } from '../command/confirm-count.ts'
import { wholeNumber } from '../command/options.ts'
import { type ServerWork, serverAction, withServerOptions } from '../command/server-action.ts'

const MAX_COUNT = 999_999_999
const countAnswer = z.object({ count: z.number() })

interface DeleteOptions {
  readonly persons: boolean
  readonly yes: boolean
  readonly count?: number
}

export function addDeleteCommand(imports: Command): void {
  withServerOptions(imports.command('delete <id>'))
    .description(
      'delete an import and the pictures that wait; the persons that it made stay, unless --persons is given',
    )
    .option('--persons', 'the persons whom it made, too; it asks for their number', false)
    .option('--yes', 'do not ask', false)
    .option(
      '--count <n>',
      'how many persons are to be deleted; any other number is refused',
      wholeNumber(0, MAX_COUNT),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  semblance imports delete IMPORT_ID\n  semblance imports delete IMPORT_ID --persons',
    )
    .action(
      serverAction<[string], DeleteOptions>(async (work, id) => {
        const path = `/imports/${encodeURIComponent(id)}`
        const count = work.options.persons ? await confirmedCount(work, path) : null
        const query = count === null ? '' : `?persons=created&count=${count}`
        await work.calls.call({ method: 'DELETE', path: `${path}${query}` })
        const persons = count === null ? '' : `, with ${amount(count, 'person')} whom it made`
        return { json: JSON.stringify({ deleted: [id], persons: count ?? 0 }), lines: [`deleted${persons}`] }
      }),
    )
}

async function confirmedCount(
  { calls, options, signal }: ServerWork<DeleteOptions>,
  path: string,
): Promise<number> {
  if (options.yes && options.count !== undefined) return options.count
  const asked = { method: 'DELETE', path: `${path}?persons=created&dryRun=true` } as const
  const { count } = (await calls.ask(asked, countAnswer)).value
  await confirmCount(
    { what: `${amount(count, 'person')} whom this import made will be deleted`, count },
    signal,
  )
  return count
}
