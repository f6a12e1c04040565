import type { Command } from 'commander'
import { serverAction, withServerOptions } from '../command/server-action.ts'
import { once } from '../server/server-calls.ts'
import { imagePage, personAnswer, personLines } from './person-answers.ts'

interface MergeOptions {
  readonly into: string
  readonly dropExternalId: boolean
}

/** `semblance persons merge`: two who are the same become one. */
export function addMergeCommand(persons: Command): void {
  withServerOptions(persons.command('merge <other>'))
    .description(
      'make one person of two: --into names the one who stays, and gets pictures, groups and fields of the other one',
    )
    .requiredOption('--into <id>', 'the person who stays')
    .option('--drop-external-id', 'give up the external id of the person who goes', false)
    .addHelpText(
      'after',
      '\nExample:\n  semblance persons merge OTHER_ID --into PERSON_ID --drop-external-id',
    )
    .action(
      serverAction<[string], MergeOptions>(async ({ calls, options }, otherId) => {
        const path = `/persons/${encodeURIComponent(options.into)}`
        const request = {
          method: 'POST',
          path: `${path}/merge`,
          body: options.dropExternalId ? { otherId, dropExternalId: true } : { otherId },
          headers: once(),
        } as const
        const { value, json } = await calls.ask(request, personAnswer)
        const images = await calls.ask({ method: 'GET', path: `${path}/images?size=1000` }, imagePage)
        const count = images.value.items.length
        const told = images.value.nextCursor === undefined ? String(count) : `more than ${count}`
        return { json, lines: [...personLines([value]), `pictures of this person: ${told}`] }
      }),
    )
}
