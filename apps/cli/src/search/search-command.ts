import { type Command, InvalidArgumentError } from 'commander'
import { EXIT } from '../command/exit-codes.ts'
import { collect, wholeNumber } from '../command/options.ts'
import {
  type CommandResult,
  type ServerWork,
  serverAction,
  withServerOptions,
} from '../command/server-action.ts'
import { wrongUse } from '../server/command-fault.ts'
import { terminalPictureProtocol } from '../terminal/picture-protocol.ts'
import { searchLines } from './search-lines.ts'
import { MAX_LIMIT, type SearchedPhoto, type SearchOptions, searchPhoto } from './search-photo.ts'
import { showFaces } from './show-faces.ts'

/** Photos read and searched at a time; the server has its own order of work. */
const AT_ONCE = 4
const DEFAULT_LIMIT = 10
const MAX_DISTANCE = 2

/** `semblance search`: who is in these photos? */
export function addSearchCommand(program: Command): void {
  withServerOptions(program.command('search <photo...>'))
    .description(
      'find out who is in photos; - is a photo on standard input. Nobody found is an answer (exit code 0); a photo without a face, or that is no picture, is not (exit code 1). The column "pictures" counts those of the person that are within the threshold',
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
    .option(
      '--no-faces',
      'do not show the faces below the table, where the terminal can (kitty, Ghostty, WezTerm, iTerm2, mintty)',
    )
    .addHelpText('after', '\nExample:\n  semblance search door.jpg --limit 3')
    .action(serverAction<[readonly string[]], CommandOptions>(searchPhotos))
}

interface CommandOptions extends Omit<SearchOptions, 'withCrop'> {
  readonly faces: boolean
}

async function searchPhotos(
  { calls, options, signal }: ServerWork<CommandOptions>,
  photos: readonly string[],
): Promise<CommandResult> {
  if (photos.filter((photo) => photo === '-').length > 1) throw wrongUse('- may be given once')
  const protocol = options.faces && !options.json ? terminalPictureProtocol() : null
  const search = (photo: string) => searchPhoto(calls, photo, { ...options, withCrop: protocol !== null })
  const searched: SearchedPhoto[] = []
  for (let at = 0; at < photos.length; at += AT_ONCE) {
    signal.throwIfAborted()
    searched.push(...(await Promise.all(photos.slice(at, at + AT_ONCE).map(search))))
  }
  const { columns } = process.stdout
  const shown =
    protocol === null ? new Map() : await showFaces(searched, { calls, protocol, columns, signal })
  const isWhole = searched.every(({ outcome }) => outcome === 'searched')
  return {
    json: `{"photos":[${searched.map(({ json }) => json).join(',')}]}`,
    lines: searchLines(searched, shown),
    exitCode: isWhole ? EXIT.fine : EXIT.found,
  }
}

export function distance(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value <= MAX_DISTANCE) return value
  throw new InvalidArgumentError(`must be a number from 0 to ${MAX_DISTANCE}`)
}
