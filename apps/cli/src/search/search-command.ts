import { type Command, InvalidArgumentError } from 'commander'
import { EXIT } from '../command/exit-codes.ts'
import { collect, wholeNumber } from '../command/options.ts'
import { serverAction, withServerOptions } from '../command/server-action.ts'
import { wrongUse } from '../server/command-fault.ts'
import { searchLines } from './search-lines.ts'
import { MAX_LIMIT, type SearchedPhoto, type SearchOptions, searchPhoto } from './search-photo.ts'

/** Photos read and searched at a time; the server has its own order of work. */
const AT_ONCE = 4
const DEFAULT_LIMIT = 10
const MAX_DISTANCE = 2

/** `semblance search`: who is in these photos? */
export function addSearchCommand(program: Command): void {
  withServerOptions(program.command('search <photo...>'))
    .description(
      'find out who is in photos; - is a photo on standard input. Nobody found is an answer (exit code 0); a photo without a face, or that is no picture, is not (exit code 1)',
    )
    .option(
      '--limit <n>',
      'persons for each photo, or for each face with --all-faces, nearest first',
      wholeNumber(1, MAX_LIMIT),
      DEFAULT_LIMIT,
    )
    .option(
      '--threshold <distance>',
      "greatest distance, 0 to 2 (default: the server's, usually 1)",
      distance,
    )
    .option('--group <id>', 'look only among members of this group; may be repeated', collect, [])
    .option('--all-faces', 'search with every face of a photo, not only with the central one', false)
    .addHelpText('after', '\nExample:\n  semblance search door.jpg --limit 3')
    .action(
      serverAction<[readonly string[]], SearchOptions>(async ({ calls, options, signal }, photos) => {
        if (photos.filter((photo) => photo === '-').length > 1) throw wrongUse('- may be given once')
        const searched: SearchedPhoto[] = []
        for (let at = 0; at < photos.length; at += AT_ONCE) {
          signal.throwIfAborted()
          const some = photos.slice(at, at + AT_ONCE)
          searched.push(...(await Promise.all(some.map((photo) => searchPhoto(calls, photo, options)))))
        }
        const isWhole = searched.every(({ outcome }) => outcome === 'searched')
        return {
          json: `{"photos":[${searched.map(({ json }) => json).join(',')}]}`,
          lines: searchLines(searched),
          exitCode: isWhole ? EXIT.fine : EXIT.found,
        }
      }),
    )
}

export function distance(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value <= MAX_DISTANCE) return value
  throw new InvalidArgumentError(`must be a number from 0 to ${MAX_DISTANCE}`)
}
