import { type Command, Option } from 'commander'
import { z } from 'zod'
import { EXIT } from '../command/exit-codes.ts'
import {
  collect,
  moreLines,
  type PageOptions,
  pageFields,
  queryOf,
  withPageOptions,
} from '../command/options.ts'
import {
  type CommandResult,
  type ServerWork,
  serverAction,
  withServerOptions,
} from '../command/server-action.ts'
import { tableLines } from '../command/table.ts'
import { operationAnswer, operationLine, untilEnded } from '../operations/operation-progress.ts'
import { distance } from '../search/search-command.ts'
import { once } from '../server/server-calls.ts'

const searchAnswer = operationAnswer.extend({ threshold: z.number(), pairs: z.number() })
const searchPage = z.object({ items: z.array(searchAnswer), nextCursor: z.string().optional() })
const pairPage = z.object({
  items: z.array(
    z.object({
      distance: z.number(),
      persons: z.array(z.object({ personId: z.string(), name: z.string() })),
      decision: z.string().optional(),
    }),
  ),
  nextCursor: z.string().optional(),
})

/** `semblance duplicates ...`: persons who are enrolled twice. */
export function addDuplicateCommands(program: Command): void {
  const duplicates = program.command('duplicates').description('find persons who are enrolled twice')
  addFindCommand(duplicates)
  addListCommand(duplicates)
  addPairsCommand(duplicates)
  addDecideCommand(duplicates)
}

interface FindOptions extends PageOptions {
  readonly threshold?: number
  readonly group: readonly string[]
  readonly detach: boolean
}

function addFindCommand(duplicates: Command): void {
  withServerOptions(duplicates.command('find'))
    .description(
      'compare everybody with everybody, and show the nearest pairs; exits with 1 if there are any',
    )
    .option(
      '--threshold <distance>',
      "greatest distance of a pair (default: the server's, usually 1)",
      distance,
    )
    .option('--group <id>', 'only members of this group; may be repeated', collect, [])
    .option('--detach', 'do not wait for the end', false)
    .addHelpText('after', '\nExample:\n  semblance duplicates find --threshold 0.8')
    .action(
      serverAction<[], FindOptions>(async (work) => {
        const { threshold, group: groupIds, detach } = work.options
        const body = { groupIds, ...(threshold === undefined ? {} : { threshold }) }
        const request = { method: 'POST', path: '/duplicates', body, headers: once() } as const
        const begun = await work.calls.ask(request, searchAnswer)
        if (detach) return { json: begun.json, lines: [operationLine(begun.value)] }
        const ended = await untilEnded(work, begun.value)
        const pairs = await readPairs(work, begun.value.id, { size: PAIRS_SHOWN })
        const onward = `There are more: semblance duplicates pairs ${begun.value.id} --cursor ${pairs.nextCursor}`
        const more = pairs.nextCursor === undefined ? [] : ['', onward]
        const lines = [...ended.lines, ...pairs.lines, ...more]
        const exitCode = pairs.isEmpty ? (ended.exitCode ?? EXIT.fine) : EXIT.found
        return { json: `{"search":${ended.json},"pairs":${pairs.json}}`, lines, exitCode }
      }),
    )
}

/** The nearest ones; `pairs` lists all. */
const PAIRS_SHOWN = 100

function addListCommand(duplicates: Command): void {
  withPageOptions(withServerOptions(duplicates.command('list')))
    .description('list earlier searches for duplicates, newest first')
    .addHelpText('after', '\nExample:\n  semblance duplicates list')
    .action(
      serverAction<[], PageOptions>(async ({ calls, options }) => {
        const path = `/duplicates${queryOf(pageFields(options))}`
        const { value, json } = await calls.ask({ method: 'GET', path }, searchPage)
        const rows = value.items.map(({ id, state, done, total, threshold, pairs }) => [
          id,
          state,
          `${done} of ${total}`,
          String(threshold),
          String(pairs),
        ])
        const titles = ['search id', 'state', 'images', 'threshold', 'pairs']
        const columns = titles.map((title) => ({ title }))
        const lines = rows.length === 0 ? ['no searches'] : tableLines(columns, rows)
        return { json, lines: [...lines, ...moreLines(value.nextCursor)] }
      }),
    )
}

function addPairsCommand(duplicates: Command): void {
  withPageOptions(withServerOptions(duplicates.command('pairs <search>')))
    .description('list the pairs that a search found, nearest first')
    .addOption(
      new Option('--decision <decision>', 'only pairs of which this was decided; none: nothing yet').choices([
        'keep',
        'later',
        'none',
      ]),
    )
    .addHelpText('after', '\nExample:\n  semblance duplicates pairs SEARCH_ID --decision none')
    .action(
      serverAction<[string], PairOptions>(async (work, id) => {
        const { nextCursor, lines, ...read } = await readPairs(work, id, work.options)
        return { ...read, lines: [...lines, ...moreLines(nextCursor)] }
      }),
    )
}

interface PairOptions extends PageOptions {
  readonly decision?: string
}

async function readPairs(
  { calls }: Pick<ServerWork<unknown>, 'calls'>,
  id: string,
  options: PairOptions,
): Promise<CommandResult & { readonly isEmpty: boolean; readonly nextCursor: string | undefined }> {
  const path = `${pathOf(id)}/pairs${queryOf([...pageFields(options), ['decision', options.decision]])}`
  const { value, json } = await calls.ask({ method: 'GET', path }, pairPage)
  const rows = value.items.map(({ distance: near, persons: [one, other], decision = '' }) => [
    near.toFixed(3),
    ...[one?.name ?? '', one?.personId ?? '', other?.name ?? '', other?.personId ?? '', decision],
  ])
  const person = [{ title: 'name', isCuttable: true }, { title: 'person id' }]
  const columns = [{ title: 'distance' }, ...person, ...person, { title: 'decision' }]
  const lines = rows.length === 0 ? ['no pairs'] : tableLines(columns, rows)
  return { json, lines, isEmpty: rows.length === 0, nextCursor: value.nextCursor }
}

function addDecideCommand(duplicates: Command): void {
  withServerOptions(duplicates.command('decide <search> <person> <other>'))
    .description('write down what was decided about a pair')
    .addOption(
      new Option('--as <decision>', 'keep: they are two persons; later: look again; none: as if undecided')
        .choices(['keep', 'later', 'none'])
        .makeOptionMandatory(),
    )
    .addHelpText('after', '\nExample:\n  semblance duplicates decide SEARCH_ID PERSON_ID PERSON_ID --as keep')
    .action(
      serverAction<[string, string, string], { readonly as: string }>(
        async ({ calls, options }, id, ...personIds) => {
          const body = { personIds, decision: options.as === 'none' ? null : options.as }
          await calls.call({ method: 'PUT', path: `${pathOf(id)}/decisions`, body })
          return { json: JSON.stringify(body), lines: ['written down'] }
        },
      ),
    )
}

function pathOf(id: string): string {
  return `/duplicates/${encodeURIComponent(id)}`
}
