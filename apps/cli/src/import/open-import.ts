import { createHash, randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { QUALITY_GATES } from '@semblance/core'
import { say } from '@semblance/telemetry'
import { printable } from '../command/table.ts'
import { wrongUse } from '../server/command-fault.ts'
import { hasEnded, type ImportAnswer, type ImportCalls } from './import-calls.ts'
import { isLink, nameOfLink } from './import-link.ts'

/** The longest name that the server takes. */
const MAX_NAME_LENGTH = 1024

/** The options of the command by which an earlier import is told from the one that is asked for. */
export interface ImportTerms {
  readonly name?: string | undefined
  readonly layout: 'auto' | 'folders' | 'manifest'
  readonly pattern?: string
  readonly encoding: 'utf-8' | 'windows-1252'
  readonly group: readonly string[]
  readonly faces: string
  readonly quality?: string | undefined
  readonly samePicture: string
  readonly samePerson: string
  readonly onConflict: string
  readonly trustDescriptors: boolean
  readonly dryRun: boolean
}

export interface OpenedImport {
  readonly made: ImportAnswer
  /** Whether this run made it, so that no row can be there. */
  readonly isNew: boolean
}

/** The unfinished import of this source with these options, or a new one. Throws if there is one with others. */
export async function openImport(
  calls: Pick<ImportCalls, 'listUnended' | 'create' | 'find' | 'act'>,
  source: string,
  terms: ImportTerms,
): Promise<OpenedImport> {
  const earlier = earlierImport(await calls.listUnended(), source, terms)
  if (earlier !== null) {
    say(
      `going on with the import "${printable(earlier.name)}" (${earlier.id}); rows that it has stay as they are`,
    )
    const made = earlier.state === 'paused' ? await calls.act(earlier.id, 'resume') : earlier
    return { made, isNew: false }
  }
  const { faces, quality, samePicture, samePerson, onConflict, trustDescriptors, dryRun, group } = terms
  const policies = { faces, quality, samePicture, samePerson, onConflict, trustDescriptors, dryRun }
  return createOnce(calls, { name: nameOfImport(source, terms), groups: group, ...policies })
}

/** More imports of one source in a day than anybody makes. */
const MOST_IN_A_DAY = 1_000

/**
 * Makes the import, unless the same command made it at this very moment: both send the same key, and get the same import. What
 * the server remembers of that key for a day may have ended by now; then the next key is made from it, by both alike.
 */
async function createOnce(
  calls: Pick<ImportCalls, 'create' | 'find'>,
  fields: object,
): Promise<OpenedImport> {
  let after = ''
  for (let i = 0; i < MOST_IN_A_DAY; i++) {
    const key = createHash('sha256')
      .update(JSON.stringify([fields, after]))
      .digest('hex')
    const { made, isReplay } = await calls.create(fields, key)
    if (!isReplay) return { made, isNew: true }
    const now = await calls.find(made.id)
    if (now !== null && !hasEnded(now)) {
      say(
        `the same command began this import a moment ago: going on with "${printable(now.name)}" (${now.id})`,
      )
      return { made: now, isNew: false }
    }
    after = made.id
  }
  const { made } = await calls.create(fields, randomUUID())
  return { made, isNew: true }
}

/**
 * What an import is called if nobody says: by its source and by how that is read, so that two folders with the same last
 * name are two imports.
 */
export function nameOfImport(source: string, terms: ImportTerms): string {
  if (terms.name !== undefined) return terms.name
  const { layout, pattern, encoding } = terms
  const reading = [
    ...(layout === 'auto' ? [] : [`--layout ${layout}`]),
    ...(pattern === undefined ? [] : [`--pattern ${pattern}`]),
    ...(encoding === 'utf-8' ? [] : [`--encoding ${encoding}`]),
  ]
  return [placeOf(source), ...reading].join(' ').slice(-MAX_NAME_LENGTH)
}

/** What is read, as messages name it: without what may be a signature. */
export function placeOf(source: string): string {
  return isLink(source) ? nameOfLink(source) : resolve(source)
}

/** A dry run and an import that writes are never each other's. */
function earlierImport(
  unended: readonly ImportAnswer[],
  source: string,
  terms: ImportTerms,
): ImportAnswer | null {
  const name = nameOfImport(source, terms)
  const otherReading = `${placeOf(source)} --`
  const isOfSource = (one: ImportAnswer) =>
    one.name === name ||
    (terms.name === undefined && (one.name === placeOf(source) || one.name.startsWith(otherReading)))
  const candidates = unended.filter((one) => one.dryRun === terms.dryRun && isOfSource(one))
  const [first] = candidates
  if (first === undefined) return null
  const same = candidates.find((one) => differencesOf(one, name, terms).length === 0)
  if (same !== undefined) return same
  throw wrongUse(
    `the unfinished import "${printable(first.name)}" (${first.id}) was begun with other options (${differencesOf(first, name, terms).join(', ')}). Give them as they were, to go on with it; or end it first: semblance imports cancel ${first.id}`,
  )
}

/** The options in which an import is not what is asked for. */
function differencesOf(made: ImportAnswer, name: string, terms: ImportTerms): readonly string[] {
  const pairs: readonly (readonly [option: string, isSame: boolean])[] = [
    ['--layout, --pattern or --encoding', made.name === name],
    ['--group', isSameList(made.groups, terms.group)],
    ['--faces', made.faces === terms.faces],
    ['--quality', isQuality(made.quality, terms.quality)],
    ['--same-picture', made.samePicture === terms.samePicture],
    ['--same-person', made.samePerson === terms.samePerson],
    ['--on-conflict', made.onConflict === terms.onConflict],
    ['--trust-descriptors', made.trustDescriptors === terms.trustDescriptors],
  ]
  return pairs.flatMap(([option, isSame]) => (isSame ? [] : [option]))
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  const texts = [one, other].map((list) => [...new Set(list.map((id) => id.toLowerCase()))].toSorted().join())
  return texts[0] === texts[1]
}

/** Without a name it is what the server asks for, which it alone knows. */
function isQuality(checks: ImportAnswer['quality'], name: string | undefined): boolean {
  if (name === undefined) return true
  const wanted = QUALITY_GATES[name as keyof typeof QUALITY_GATES]
  const texts = [checks, wanted].map((list) =>
    list.map((check) => `${check.name} ${check.range?.join()}`).join(),
  )
  return texts[0] === texts[1]
}
