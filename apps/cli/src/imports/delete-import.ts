import { amount } from '@semblance/core'
import type { Command } from 'commander'
import { confirmCount } from '../command/confirm-count.ts'
import { wholeNumber } from '../command/options.ts'
import {
  type CommandResult,
  type ServerWork,
  serverAction,
  withServerOptions,
} from '../command/server-action.ts'
import { askPersonsLeft, untilPersonsGone } from './until-persons-gone.ts'

const MAX_COUNT = 999_999_999

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
        if (work.options.persons) return deleteWithPersons(work, { id, path })
        await work.calls.call({ method: 'DELETE', path })
        return { json: JSON.stringify({ deleted: [id], persons: 0 }), lines: ['deleted'] }
      }),
    )
}

/** Ends once the persons are gone: the server answers before that. */
async function deleteWithPersons(
  work: ServerWork<DeleteOptions>,
  { id, path }: { readonly id: string; readonly path: string },
): Promise<CommandResult> {
  const { count, isUnderWay } = await confirmedCount(work, path)
  if (!isUnderWay) await work.calls.call({ method: 'DELETE', path: `${path}?persons=created&count=${count}` })
  if (count > 0) await untilPersonsGone(work, path, count)
  return {
    json: JSON.stringify({ deleted: [id], persons: count }),
    lines: [`deleted, with ${amount(count, 'person')} whom it made`],
  }
}

interface ConfirmedCount {
  readonly count: number
  /** An earlier command asked for it, and so many are left: there is nothing to confirm. */
  readonly isUnderWay: boolean
}

async function confirmedCount(work: ServerWork<DeleteOptions>, path: string): Promise<ConfirmedCount> {
  const { options, signal } = work
  if (options.yes && options.count !== undefined) return { count: options.count, isUnderWay: false }
  const { count, deleting = false } = await askPersonsLeft(work, path)
  if (deleting) return { count, isUnderWay: true }
  await confirmCount(
    { what: `${amount(count, 'person')} whom this import made will be deleted`, count },
    signal,
  )
  return { count, isUnderWay: false }
}
