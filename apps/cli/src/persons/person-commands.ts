import { type Command, Option } from 'commander'
import {
  collect,
  moreLines,
  type PageOptions,
  pageFields,
  queryOf,
  withPageOptions,
} from '../command/options.ts'
import { serverAction, withServerOptions } from '../command/server-action.ts'
import { tableLines } from '../command/table.ts'
import { once } from '../server/server-calls.ts'
import { addDeleteCommand } from './delete-persons.ts'
import { addMergeCommand } from './merge-persons.ts'
import { withMetadata } from './metadata-text.ts'
import { imagePage, personAnswer, personLines, personPage, shortTime } from './person-answers.ts'
import { filterFields, type PersonFilters, withPersonFilters } from './person-filters.ts'
import { tellOthers } from './tell-others.ts'
import { addUpdateCommand } from './update-person.ts'

const ORDERS = ['createdAt', '-createdAt', 'updatedAt', '-updatedAt', 'name', '-name']

interface Sorted {
  readonly sort?: string
}

/** `semblance persons ...`: who is enrolled. */
export function addPersonCommands(program: Command): void {
  const persons = program.command('persons').description('list, show, make, change, merge and delete persons')
  addListCommand(persons)
  addShowCommand(persons)
  addCreateCommand(persons)
  addUpdateCommand(persons)
  addMergeCommand(persons)
  addDeleteCommand(persons)
}

function addListCommand(persons: Command): void {
  withPersonFilters(withPageOptions(withServerOptions(persons.command('list'))))
    .description('list persons, newest first; all filters must hold')
    .addOption(new Option('--sort <order>', 'the order; with - the last comes first').choices(ORDERS))
    .addHelpText('after', '\nExample:\n  semblance persons list --name-prefix A --no-images --sort name')
    .action(
      serverAction<[], PersonFilters & PageOptions & Sorted>(async ({ calls, options }) => {
        const query = queryOf([...pageFields(options), ['sort', options.sort], ...filterFields(options)])
        const { value, json } = await calls.ask({ method: 'GET', path: `/persons${query}` }, personPage)
        return { json, lines: [...personLines(value.items), ...moreLines(value.nextCursor)] }
      }),
    )
}

function addShowCommand(persons: Command): void {
  withServerOptions(persons.command('show <id>'))
    .description('tell all of a person, with the pictures')
    .addHelpText('after', '\nExample:\n  semblance persons show 01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77')
    .action(
      serverAction<[string], object>(async ({ calls }, id) => {
        const path = `/persons/${encodeURIComponent(id)}`
        const person = await calls.ask({ method: 'GET', path }, personAnswer)
        const images = await calls.ask({ method: 'GET', path: `${path}/images?size=1000` }, imagePage)
        const { name, externalId, metadata, groups, expireAt, createdAt, updatedAt } = person.value
        const rows = [
          ['name', name],
          ['person id', person.value.id],
          ['external id', externalId ?? ''],
          ['metadata', JSON.stringify(metadata)],
          ['groups', groups.join(' ')],
          ['created', shortTime(createdAt)],
          ['changed', shortTime(updatedAt)],
          ['expires', expireAt === undefined ? 'never' : shortTime(expireAt)],
          ...images.value.items.map((image) => ['image', `${image.id} ${image.contentType}`]),
        ]
        const json = `{"person":${person.json},"images":${images.json}}`
        return { json, lines: tableLines([{ title: 'person' }, { title: '' }], rows) }
      }),
    )
}

interface CreateOptions {
  readonly externalId?: string
  readonly metadata?: string
  readonly group: readonly string[]
}

function addCreateCommand(persons: Command): void {
  withServerOptions(persons.command('create <name>'))
    .description('make a person without pictures; "semblance import" makes persons with theirs')
    .option('--external-id <id>', 'id of the person in your own system')
    .option('--metadata <json>', 'a JSON object')
    .option('--group <id>', 'group that the person joins; may be repeated', collect, [])
    .addHelpText('after', '\nExample:\n  semblance persons create "Ada Lovelace" --external-id employee-1815')
    .action(
      serverAction<[string], CreateOptions>(async ({ calls, options }, name) => {
        const { externalId, metadata, group } = options
        const fields = {
          name,
          ...(externalId === undefined ? {} : { externalId }),
          ...(group.length === 0 ? {} : { groups: group }),
        }
        const body = withMetadata(fields, metadata)
        const request = { method: 'POST', path: '/persons', body, headers: once() } as const
        const { value, json } = await calls.ask(request, personAnswer)
        if (externalId !== undefined) await tellOthers(calls, externalId)
        return { json, lines: personLines([value]) }
      }),
    )
}
