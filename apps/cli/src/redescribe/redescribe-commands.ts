import { type Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { EXIT } from '../command/exit-codes.ts'
import { queryOf } from '../command/options.ts'
import {
  type CommandResult,
  type ServerWork,
  serverAction,
  withServerOptions,
} from '../command/server-action.ts'
import { tableLines } from '../command/table.ts'
import { operationAnswer, operationLine, untilEnded } from '../operations/operation-progress.ts'
import { wrongUse } from '../server/command-fault.ts'
import { once } from '../server/server-calls.ts'
import { redescribingAnswer, redescribingLines } from './redescribe-lines.ts'

const undescribedAnswer = z.object({
  pack: z.string(),
  items: z.array(z.object({ imageId: z.string(), personId: z.string(), why: z.string() })),
  nextCursor: z.string().optional(),
})

interface MoveOptions {
  readonly pack?: string
  readonly share?: number
  readonly switch: boolean
  readonly detach: boolean
}

/** `semblance redescribe ...`: a gallery that moves to another model pack. */
export function addRedescribeCommands(program: Command): void {
  const redescribe = addMoveCommand(program)
  withServerOptions(redescribe.command('status'))
    .description('show which model packs the gallery has, and how far its move is')
    .addHelpText('after', '\nExample:\n  semblance redescribe status')
    .action(serverAction<[], object>(async (work) => readStatus(work)))
  addLeftCommand(redescribe)
  addSwitchCommand(redescribe, 'switch', 'let the other model pack serve, from one moment on')
  addSwitchCommand(
    redescribe,
    'rollback',
    'let the model pack serve again that served before; the same as switch',
  )
  withServerOptions(redescribe.command('drop'))
    .description('drop the descriptors of the model pack that does not serve; there is no way back then')
    .addHelpText('after', '\nExample:\n  semblance redescribe drop')
    .action(serverAction<[], object>(async (work) => changed(work, { path: '/redescribe/drop' })))
}

function addMoveCommand(program: Command): Command {
  const redescribe = withServerOptions(program.command('redescribe'))
    // What comes behind the name of a command below is that command's own, though this one has an option of that name.
    .enablePositionalOptions()
    .description(
      'move the gallery to another model pack: describe every stored picture again, compare both packs, and let the new one serve',
    )
    .option('--pack <name>', 'the pack to move to, such as builtin@2')
    .option('--share <share>', 'how much of all pictures must be described by it, 0 to 1 (default: 1)', share)
    .option('--no-switch', 'describe and compare only; semblance redescribe switch lets it serve then')
    .option('--detach', 'do not wait for the end', false)
    .addHelpText('after', '\nExample:\n  semblance redescribe --pack builtin@2')
  redescribe.action(
    serverAction<[], MoveOptions>(async (work) => {
      const { pack, share: wanted, switch: switches, detach } = work.options
      if (pack === undefined)
        throw wrongUse('name the pack to move to: semblance redescribe --pack builtin@2')
      const body = { pack, switch: switches, ...(wanted === undefined ? {} : { share: wanted }) }
      const request = { method: 'POST', path: '/redescribe', body, headers: once() } as const
      const begun = await work.calls.ask(request, operationAnswer)
      if (detach) return { json: begun.json, lines: [operationLine(begun.value)] }
      const ended = await untilEnded(work, begun.value)
      const status = await readStatus(work)
      const { items, lines } = await readLeft(work, pack)
      const left = items === 0 ? [] : ['', 'Pictures without a descriptor of it:', ...lines]
      return {
        json: status.json,
        lines: [...status.lines, ...left],
        exitCode: status.isHeld ? EXIT.found : (ended.exitCode ?? EXIT.fine),
      }
    }),
  )
  return redescribe
}

function share(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It must be a number from 0 to 1.')
  return value
}

type Work = Pick<ServerWork<unknown>, 'calls'>

async function readStatus({ calls }: Work): Promise<CommandResult & { readonly isHeld: boolean }> {
  const { value, json } = await calls.ask({ method: 'GET', path: '/redescribe' }, redescribingAnswer)
  const held = value.operation?.found?.held
  return { json, lines: redescribingLines(value), isHeld: held !== undefined && held !== 'not-asked' }
}

function addLeftCommand(redescribe: Command): void {
  withServerOptions(redescribe.command('left'))
    .description(
      'list pictures that have no descriptor of a pack, with the reason; exits with 1 if there are any',
    )
    .option('--pack <name>', 'the pack (default: the one that does not serve, or else the one that does)')
    .option('--cursor <id>', 'go on behind this image')
    .addHelpText('after', '\nExample:\n  semblance redescribe left')
    .action(
      serverAction<[], { readonly pack?: string; readonly cursor?: string }>(async (work) => {
        const { items, json, lines } = await readLeft(work, work.options.pack, work.options.cursor)
        return { json, lines, exitCode: items === 0 ? EXIT.fine : EXIT.found }
      }),
    )
}

async function readLeft(
  { calls }: Work,
  pack?: string,
  cursor?: string,
): Promise<CommandResult & { readonly items: number }> {
  const path = `/redescribe/undescribed${queryOf([
    ['pack', pack],
    ['cursor', cursor],
  ])}`
  const { value, json } = await calls.ask({ method: 'GET', path }, undescribedAnswer)
  const columns = ['image id', 'person id', 'why'].map((title) => ({ title }))
  const rows = value.items.map(({ imageId, personId, why }) => [imageId, personId, why])
  const more =
    value.nextCursor === undefined
      ? []
      : [`There are more: semblance redescribe left --pack ${value.pack} --cursor ${value.nextCursor}`]
  const none = [`every picture that was looked at has a descriptor of ${value.pack}`]
  return {
    json,
    lines: rows.length === 0 ? none : [...tableLines(columns, rows), ...more],
    items: rows.length,
  }
}

function addSwitchCommand(redescribe: Command, name: string, does: string): void {
  withServerOptions(redescribe.command(name))
    .description(does)
    .option('--accept-lacking <count>', 'so many pictures may not be described by it yet', count, 0)
    .addHelpText('after', `\nExample:\n  semblance redescribe ${name}`)
    .action(
      serverAction<[], { readonly acceptLacking: number }>(async (work) =>
        changed(work, { path: '/redescribe/switch', body: { acceptLacking: work.options.acceptLacking } }),
      ),
    )
}

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

async function changed(
  { calls }: Work,
  call: { readonly path: string; readonly body?: object },
): Promise<CommandResult> {
  const request = { method: 'POST', ...call, headers: once() } as const
  const { value, json } = await calls.ask(request, redescribingAnswer)
  return { json, lines: redescribingLines(value) }
}
