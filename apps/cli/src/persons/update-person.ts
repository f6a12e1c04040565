import type { Command } from 'commander'
import { collect } from '../command/options.ts'
import { serverAction, withServerOptions } from '../command/server-action.ts'
import { wrongUse } from '../server/command-fault.ts'
import { withMetadata } from './metadata-text.ts'
import { personAnswer, personLines } from './person-answers.ts'
import { tellOthers } from './tell-others.ts'

export interface UpdateOptions {
  readonly name?: string
  /** False: the option with `--no-`, which takes the field away. */
  readonly externalId?: string | false
  readonly metadata?: string
  readonly expireAt?: string | false
  readonly group: readonly string[]
}

/** `semblance persons update`: what is given changes, and the rest stays. */
export function addUpdateCommand(persons: Command): void {
  withServerOptions(persons.command('update <id>'))
    .description('change fields of a person; those that are left out stay as they are')
    .option('--name <name>', 'another name')
    .option('--external-id <id>', 'id of the person in your own system')
    .option('--no-external-id', 'take the external id away')
    .option('--metadata <json>', 'a JSON object, which replaces the metadata whole')
    .option('--expire-at <time>', 'when the person is to vanish, such as 2030-01-01T00:00:00Z')
    .option('--no-expire-at', 'never to vanish')
    .option('--group <id>', 'a group of the person, instead of all others; may be repeated', collect, [])
    .addHelpText('after', '\nExample:\n  semblance persons update PERSON_ID --external-id employee-1815')
    .action(
      serverAction<[string], UpdateOptions>(async ({ calls, options }, id) => {
        const path = `/persons/${encodeURIComponent(id)}`
        await calls.call({ method: 'PUT', path, body: updateBody(options) })
        const { value, json } = await calls.ask({ method: 'GET', path }, personAnswer)
        if (typeof options.externalId === 'string') await tellOthers(calls, options.externalId)
        return { json, lines: personLines([value]) }
      }),
    )
}

/** The body of the request: nothing but what was given. Throws if that is nothing, which is a mistake. */
export function updateBody({ name, externalId, expireAt, metadata, group }: UpdateOptions): string {
  if (externalId === '') throw wrongUse('--external-id must not be empty; --no-external-id takes it away')
  const fields = {
    ...(name === undefined ? {} : { name }),
    ...(externalId === undefined ? {} : { externalId: externalId === false ? null : externalId }),
    ...(expireAt === undefined ? {} : { expireAt: expireAt === false ? null : expireAt }),
    ...(group.length === 0 ? {} : { groups: group }),
  }
  if (metadata === undefined && Object.keys(fields).length === 0)
    throw wrongUse('give what is to change: --name, --external-id, --metadata, --expire-at or --group')
  return withMetadata(fields, metadata)
}
