import { amount } from '@semblance/core'
import type { Command } from 'commander'
import { z } from 'zod'
import { confirmCount } from '../command/confirm-count.ts'
import { EXIT, type ExitCode } from '../command/exit-codes.ts'
import { wholeNumber } from '../command/options.ts'
import {
  type CommandResult,
  type ServerWork,
  serverAction,
  withServerOptions,
} from '../command/server-action.ts'
import { operationAnswer, operationLine, untilEnded } from '../operations/operation-progress.ts'
import { CommandFault, wrongUse } from '../server/command-fault.ts'
import type { ServerCalls } from '../server/server-calls.ts'
import { filterFields, type PersonFilters, withPersonFilters } from './person-filters.ts'

const MAX_COUNT = 999_999_999

interface DeleteOptions extends PersonFilters {
  readonly all: boolean
  readonly yes: boolean
  readonly count?: number
  readonly detach: boolean
  readonly dryRun: boolean
}

const countAnswer = z.object({ count: z.number(), images: z.number() })

export function addDeleteCommand(persons: Command): void {
  withPersonFilters(withServerOptions(persons.command('delete [id...]')))
    .description(
      'delete persons with all of their pictures: those that are named, or all to whom the filters apply. It asks for the number of persons before it deletes by a filter; a script gives --yes and --count',
    )
    .option('--all', 'everybody, instead of a filter', false)
    .option('--yes', 'do not ask', false)
    .option(
      '--count <n>',
      'how many persons are to be deleted; any other number is refused',
      wholeNumber(0, MAX_COUNT),
    )
    .option('--dry-run', 'tell how many the filters apply to, and delete nobody', false)
    .option('--detach', 'do not wait until all are deleted', false)
    .addHelpText('after', '\nExample:\n  semblance persons delete --group GROUP_ID --yes --count 12')
    .action(
      serverAction<[readonly string[]], DeleteOptions>((work, ids) => {
        const fields = filterFields(work.options)
        if (ids.length === 0) return deleteByFilter(work, fields)
        if (work.options.dryRun) throw wrongUse('--dry-run counts by a filter; leave the ids out')
        if (fields.length > 0 || work.options.all) throw wrongUse('give ids or filters, and not both')
        return deleteNamed(work, ids)
      }),
    )
}

/** One after the other; who is not there is told, and the others are deleted. */
async function deleteNamed(
  { calls, signal }: ServerWork<DeleteOptions>,
  ids: readonly string[],
): Promise<CommandResult> {
  const deleted: string[] = []
  const faults: { readonly id: string; readonly why: string }[] = []
  let exitCode: ExitCode = EXIT.fine
  for (const id of ids) {
    signal.throwIfAborted()
    try {
      await calls.call({ method: 'DELETE', path: `/persons/${encodeURIComponent(id)}` })
      deleted.push(id)
    } catch (fault) {
      if (!(fault instanceof CommandFault) || fault.exitCode === EXIT.noServer) throw fault
      faults.push({ id, why: fault.message })
      // An id that is none says more of how the command was given than one of somebody who is not there.
      if (exitCode !== EXIT.wrongUse) exitCode = fault.exitCode
    }
  }
  return {
    json: JSON.stringify({ deleted, faults }),
    lines: [`${amount(deleted.length, 'person')} deleted`, ...faults.map(({ why }) => why)],
    exitCode,
  }
}

async function deleteByFilter(
  work: ServerWork<DeleteOptions>,
  fields: readonly (readonly [string, string])[],
): Promise<CommandResult> {
  const { calls, options } = work
  if (fields.length === 0 && !options.all) throw wrongUse('give ids, a filter, or --all')
  const filter: [string, string][] = [...fields.map(([name, value]): [string, string] => [name, value])]
  if (options.all) filter.push(['all', 'true'])
  if (options.dryRun) return dryRun(work, filter)
  const count = await confirmedCount(work, filter)
  const query = new URLSearchParams([...filter, ['count', String(count)]])
  const begun = await calls.ask({ method: 'DELETE', path: `/persons?${query}` }, operationAnswer)
  if (options.detach) return { json: begun.json, lines: [operationLine(begun.value)] }
  return untilEnded(work, begun.value)
}

async function confirmedCount(
  { calls, options, signal }: ServerWork<DeleteOptions>,
  filter: [string, string][],
): Promise<number> {
  if (options.yes && options.count !== undefined) return options.count
  const { count, images } = (await askCount(calls, filter)).value
  const what = `${amount(count, 'person')} with ${amount(images, 'picture')} will be deleted`
  await confirmCount({ what, count }, signal)
  return count
}

async function dryRun(
  { calls }: ServerWork<DeleteOptions>,
  filter: [string, string][],
): Promise<CommandResult> {
  const { value, json } = await askCount(calls, filter)
  const { count, images } = value
  const lines = [`${amount(count, 'person')} with ${amount(images, 'picture')} would be deleted`]
  return { json, lines }
}

function askCount(calls: ServerCalls, filter: [string, string][]) {
  const query = new URLSearchParams([...filter, ['dryRun', 'true']])
  return calls.ask({ method: 'DELETE', path: `/persons?${query}` }, countAnswer)
}
