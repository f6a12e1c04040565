import { amount } from '@semblance/core'
import type { Command } from 'commander'
import { z } from 'zod'
import { EXIT } from '../command/exit-codes.ts'
import { moreLines, type PageOptions, pageFields, queryOf, withPageOptions } from '../command/options.ts'
import { serverAction, withServerOptions } from '../command/server-action.ts'
import { tableLines } from '../command/table.ts'
import { personLines, personPage, shortTime } from '../persons/person-answers.ts'
import { CommandFault } from '../server/command-fault.ts'
import { once, type ServerCalls } from '../server/server-calls.ts'

const groupAnswer = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  memberCount: z.number().optional(),
})
type GroupAnswer = z.infer<typeof groupAnswer>
/** Groups asked for their members at a time. */
const AT_ONCE = 8
const groupPage = z.object({ items: z.array(groupAnswer), nextCursor: z.string().optional() })

/** `semblance groups ...`: sets of persons in which a search may look. */
export function addGroupCommands(program: Command): void {
  const groups = program
    .command('groups')
    .description('list, make and delete groups, and change their members')
  addListCommands(groups)
  addCreateCommand(groups)
  addMemberCommand(groups, { name: 'add', field: 'addItems', does: 'add persons to a group' })
  addMemberCommand(groups, { name: 'remove', field: 'removeItems', does: 'take persons out of a group' })
  addDeleteCommand(groups)
}

function addListCommands(groups: Command): void {
  withPageOptions(withServerOptions(groups.command('list')))
    .description('list groups, newest first')
    .addHelpText('after', '\nExample:\n  semblance groups list')
    .action(
      serverAction<[], PageOptions>(async ({ calls, options }) => {
        const path = `/groups${queryOf(pageFields(options))}`
        const { value, json } = await calls.ask({ method: 'GET', path }, groupPage)
        // The list tells no counts, and a program may ask for those that it needs.
        const groups = options.json ? value.items : await withMemberCounts(calls, value.items)
        return { json, lines: [...groupLines(groups), ...moreLines(value.nextCursor)] }
      }),
    )
  withPageOptions(withServerOptions(groups.command('members <id>')))
    .description('list the persons of a group, newest first')
    .addHelpText('after', '\nExample:\n  semblance groups members GROUP_ID')
    .action(
      serverAction<[string], PageOptions>(async ({ calls, options }, id) => {
        const path = `${pathOf(id)}/persons${queryOf(pageFields(options))}`
        const { value, json } = await calls.ask({ method: 'GET', path }, personPage)
        return { json, lines: [...personLines(value.items), ...moreLines(value.nextCursor)] }
      }),
    )
}

function addCreateCommand(groups: Command): void {
  withServerOptions(groups.command('create <name>'))
    .description('make a group')
    .addHelpText('after', '\nExample:\n  semblance groups create Visitors')
    .action(
      serverAction<[string], object>(async ({ calls }, name) => {
        const request = { method: 'POST', path: '/groups', headers: once() } as const
        const { value, json } = await calls.ask({ ...request, body: { name, metadata: {} } }, groupAnswer)
        return { json, lines: groupLines([{ memberCount: 0, ...value }]) }
      }),
    )
}

function addMemberCommand(
  groups: Command,
  change: { readonly name: string; readonly field: 'addItems' | 'removeItems'; readonly does: string },
): void {
  const { name, field, does } = change
  withServerOptions(groups.command(`${name} <id> <person...>`))
    .description(`${does}; all or none, if one of them is not there`)
    .addHelpText('after', `\nExample:\n  semblance groups ${name} GROUP_ID PERSON_ID`)
    .action(
      serverAction<[string, readonly string[]], object>(async ({ calls }, id, persons) => {
        await calls.call({ method: 'PUT', path: `${pathOf(id)}/persons`, body: { [field]: persons } })
        const json = JSON.stringify({ id, [field]: persons })
        return {
          json,
          lines: [`${amount(persons.length, 'person')} ${name === 'add' ? 'added' : 'removed'}`],
        }
      }),
    )
}

function addDeleteCommand(groups: Command): void {
  withServerOptions(groups.command('delete <id>'))
    .description('delete a group; its persons stay')
    .addHelpText('after', '\nExample:\n  semblance groups delete GROUP_ID')
    .action(
      serverAction<[string], object>(async ({ calls }, id) => {
        await calls.call({ method: 'DELETE', path: pathOf(id) })
        return { json: JSON.stringify({ deleted: [id] }), lines: ['deleted'] }
      }),
    )
}

function pathOf(id: string): string {
  return `/groups/${encodeURIComponent(id)}`
}

/** A group that was deleted meanwhile stays without a count. */
async function withMemberCounts(
  calls: ServerCalls,
  groups: readonly GroupAnswer[],
): Promise<readonly GroupAnswer[]> {
  const counted: GroupAnswer[] = []
  for (let at = 0; at < groups.length; at += AT_ONCE) {
    const some = groups.slice(at, at + AT_ONCE).map(async (group) => {
      try {
        return (await calls.ask({ method: 'GET', path: pathOf(group.id) }, groupAnswer)).value
      } catch (fault) {
        if (fault instanceof CommandFault && fault.exitCode === EXIT.found) return group
        throw fault
      }
    })
    counted.push(...(await Promise.all(some)))
  }
  return counted
}

function groupLines(groups: readonly GroupAnswer[]): readonly string[] {
  if (groups.length === 0) return ['no groups']
  const columns = [
    { title: 'name', isCuttable: true },
    { title: 'group id' },
    { title: 'persons', align: 'right' as const },
    { title: 'created' },
  ]
  return tableLines(
    columns,
    groups.map(({ id, name, memberCount = '', createdAt }) => [
      name,
      id,
      String(memberCount),
      shortTime(createdAt),
    ]),
  )
}
