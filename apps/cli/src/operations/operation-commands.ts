import { type Command, Option } from 'commander'
import { z } from 'zod'
import { moreLines, type PageOptions, pageFields, queryOf, withPageOptions } from '../command/options.ts'
import { serverAction, withServerOptions } from '../command/server-action.ts'
import { operationAnswer, operationLine, operationLines, untilEnded } from './operation-progress.ts'

const KINDS = ['delete-persons', 'find-duplicates', 'redescribe']

const ACTIONS = {
  pause: 'stop an operation for now',
  resume: 'go on with an operation that is paused',
  cancel: 'end an operation before its work is done; what is done stays done',
} as const

const operationPage = z.object({ items: z.array(operationAnswer), nextCursor: z.string().optional() })

/** `semblance operations ...`: long work of the server, whoever asked for it. */
export function addOperationCommands(program: Command): void {
  const operations = program.command('operations').description('list, follow and steer long operations')
  addListCommand(operations)
  addFollowCommand(operations)
  for (const [action, does] of Object.entries(ACTIONS)) addActionCommand(operations, action, does)
  addDeleteCommand(operations)
}

interface ListOptions extends PageOptions {
  readonly kind?: string
}

function addListCommand(operations: Command): void {
  withPageOptions(withServerOptions(operations.command('list')))
    .description('list long operations, newest first')
    .addOption(new Option('--kind <kind>', 'only operations of this kind').choices(KINDS))
    .addHelpText('after', '\nExample:\n  semblance operations list')
    .action(
      serverAction<[], ListOptions>(async ({ calls, options }) => {
        const { kind } = options
        const fields = [...pageFields(options), ...(kind === undefined ? [] : [['kind', kind] as const])]
        const path = `/operations${queryOf(fields)}`
        const { value, json } = await calls.ask({ method: 'GET', path }, operationPage)
        return { json, lines: [...operationLines(value.items), ...moreLines(value.nextCursor)] }
      }),
    )
}

function addFollowCommand(operations: Command): void {
  withServerOptions(operations.command('follow <id>'))
    .description('show how far an operation is until it has ended; exits with 1 unless it is done then')
    .addHelpText('after', '\nExample:\n  semblance operations follow OPERATION_ID')
    .action(
      serverAction<[string], object>(async (work, id) => {
        const { value } = await work.calls.ask({ method: 'GET', path: pathOf(id) }, operationAnswer)
        return untilEnded(work, value)
      }),
    )
}

function addActionCommand(operations: Command, action: string, does: string): void {
  withServerOptions(operations.command(`${action} <id>`))
    .description(does)
    .addHelpText('after', `\nExample:\n  semblance operations ${action} OPERATION_ID`)
    .action(
      serverAction<[string], object>(async ({ calls }, id) => {
        const path = `${pathOf(id)}/${action}`
        const { value, json } = await calls.ask({ method: 'POST', path }, operationAnswer)
        return { json, lines: [operationLine(value)] }
      }),
    )
}

function addDeleteCommand(operations: Command): void {
  withServerOptions(operations.command('delete <id>'))
    .description('forget an operation that has ended, and what it found')
    .addHelpText('after', '\nExample:\n  semblance operations delete OPERATION_ID')
    .action(
      serverAction<[string], object>(async ({ calls }, id) => {
        await calls.call({ method: 'DELETE', path: pathOf(id) })
        return { json: JSON.stringify({ id }), lines: ['forgotten'] }
      }),
    )
}

function pathOf(id: string): string {
  return `/operations/${encodeURIComponent(id)}`
}
