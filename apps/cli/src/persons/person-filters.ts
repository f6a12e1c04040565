import type { Command } from 'commander'
import { collect } from '../command/options.ts'
import { wrongUse } from '../server/command-fault.ts'

export interface PersonFilters {
  readonly name?: string
  readonly namePrefix?: string
  readonly externalId?: string
  readonly group?: string
  /** Both forms of the option: `--has-images` and `--no-images`. */
  readonly hasImages?: boolean
  readonly images?: boolean
  readonly createdFrom?: string
  readonly createdTo?: string
  readonly updatedFrom?: string
  readonly updatedTo?: string
  readonly metadata: readonly string[]
}

/** The filters of lists of persons; all that are given must hold. */
export function withPersonFilters(command: Command): Command {
  return command
    .option('--name <name>', 'exactly this name')
    .option('--name-prefix <text>', 'what the name begins with')
    .option('--external-id <id>', 'exactly this external id')
    .option('--group <id>', 'members of this group')
    .option('--has-images', 'only persons with pictures')
    .option('--no-images', 'only persons without pictures')
    .option('--created-from <time>', 'made at this time or later, such as 2026-11-24T09:30:00Z')
    .option('--created-to <time>', 'made before this time')
    .option('--updated-from <time>', 'last changed at this time or later')
    .option('--updated-to <time>', 'last changed before this time')
    .option('--metadata <key=value>', 'with this value in the metadata; may be repeated', collect, [])
}

/** As parameters of a query. */
export function filterFields(filters: PersonFilters): readonly (readonly [string, string])[] {
  const { group, hasImages, images, metadata, ...named } = filters
  if (hasImages === true && images === false)
    throw wrongUse('--has-images and --no-images exclude each other')
  const wanted = hasImages === true ? 'true' : images === false ? 'false' : undefined
  const { name, namePrefix, externalId, createdFrom, createdTo, updatedFrom, updatedTo } = named
  const fields = { name, namePrefix, externalId, createdFrom, createdTo, updatedFrom, updatedTo }
  const set = Object.entries({ ...fields, groupId: group, hasImages: wanted })
  return [
    ...set.flatMap(([field, value]) => (value === undefined ? [] : [[field, value] as const])),
    ...metadata.map(metadataField),
  ]
}

function metadataField(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw wrongUse(`--metadata must be key=value, and not ${text}`)
  return [`metadata.${text.slice(0, at)}`, text.slice(at + 1)]
}
