import { indented, withField } from './metadata-text.ts'
import type { WholePerson } from './whole-person.ts'

/** A person as it stands in the form: everything as text, times in the zone of the reader. */
export interface Draft {
  readonly name: string
  readonly externalId: string
  readonly groups: readonly string[]
  readonly expireAt: string
  readonly metadata: string
}

export function draftOf(person: WholePerson): Draft {
  return {
    name: person.name,
    externalId: person.externalId ?? '',
    groups: person.groups,
    expireAt: person.expireAt === undefined ? '' : localTime(person.expireAt),
    metadata: indented(person.metadataText),
  }
}

/**
 * The draft once somebody else changed the person meanwhile, or a picture was added: what was typed stays, and all the rest
 * is as the person is now.
 */
export function rebased(draft: Draft, before: WholePerson, now: WholePerson): Draft {
  return rebasedTexts(draft, draftOf(before), draftOf(now))
}

/** The same of persons as they stand in the form. */
export function rebasedTexts(draft: Draft, was: Draft, is: Draft): Draft {
  return {
    name: draft.name === was.name ? is.name : draft.name,
    externalId: draft.externalId === was.externalId ? is.externalId : draft.externalId,
    groups: sameGroups(draft.groups, was.groups) ? is.groups : draft.groups,
    expireAt: draft.expireAt === was.expireAt ? is.expireAt : draft.expireAt,
    metadata: draft.metadata === was.metadata ? is.metadata : draft.metadata,
  }
}

/**
 * The body by which the server is asked to change what was changed; null: nothing was. Metadata goes as a whole, as the text
 * that it is, and only where somebody touched it.
 */
export function changesOf(draft: Draft, person: WholePerson): string | null {
  const before = draftOf(person)
  const changes = {
    ...(draft.name === before.name ? {} : { name: draft.name }),
    ...(draft.externalId === before.externalId
      ? {}
      : { externalId: draft.externalId === '' ? null : draft.externalId }),
    ...(sameGroups(draft.groups, before.groups) ? {} : { groups: [...draft.groups] }),
    ...(draft.expireAt === before.expireAt
      ? {}
      : { expireAt: draft.expireAt === '' ? null : new Date(draft.expireAt).toISOString() }),
  }
  if (draft.metadata !== before.metadata && metadataProblem(draft.metadata) === null)
    return withField(changes, 'metadata', draft.metadata)
  return Object.keys(changes).length === 0 ? null : JSON.stringify(changes)
}

/** What is wrong with the text, in the words of the browser's own parser; null: nothing. */
export function metadataProblem(metadata: string): string | null {
  try {
    const parsed: unknown = JSON.parse(metadata)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? null : '{ … }'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export function sameGroups(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id))
}

/** As an input of the browser wants it: `2030-01-01T10:00`, in the reader's zone. */
function localTime(iso: string): string {
  const time = new Date(iso)
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
