import { indented } from './metadata-text.ts'
import { type Draft, draftOf, metadataProblem, rebasedTexts, sameGroups } from './person-draft.ts'
import type { WholePerson } from './whole-person.ts'

/** The form of a person while somebody types, and others may change the same person. */
export interface FormState {
  readonly person: WholePerson
  /** As the form stood before anything was typed: the person, or what was just saved of it. */
  readonly was: Draft
  readonly draft: Draft
  /** Fields that were typed in, and that somebody else has changed meanwhile to something else. Each waits for a choice. */
  readonly conflicts: readonly DraftField[]
}

export type DraftField = keyof Draft
const DRAFT_FIELDS: readonly DraftField[] = ['name', 'externalId', 'groups', 'expireAt', 'metadata']

export function begun(person: WholePerson): FormState {
  const was = draftOf(person)
  return { person, was, draft: was, conflicts: [] }
}

export function typed(state: FormState, part: Partial<Draft>): FormState {
  return { ...state, draft: { ...state.draft, ...part } }
}

/** What was typed in the form that was sent is stored now, and the person comes anew a little later. */
export function saved(state: FormState, sent: FormState): FormState {
  const typedIn = DRAFT_FIELDS.filter((field) => !isSame(field, sent.draft, sent.was))
  const stored = Object.fromEntries(typedIn.map((field) => [field, sent.draft[field]]))
  return { ...state, was: { ...state.was, ...stored } }
}

/** What was typed is taken back. */
export function undone({ person, was }: FormState): FormState {
  return { person, was, draft: was, conflicts: [] }
}

/** The person is another one by now: what was typed stays, and the rest is as it is stored. */
export function moved({ was, draft, conflicts }: FormState, person: WholePerson): FormState {
  const is = draftOf(person)
  const next = rebasedTexts(draft, was, is)
  const isBetween = (field: DraftField) =>
    !isSame(field, next, is) && (conflicts.includes(field) || !isSame(field, was, is))
  return { person, was: is, draft: next, conflicts: DRAFT_FIELDS.filter(isBetween) }
}

/** Somebody chose what a field is to be: what they typed, or what is stored. */
export function chosen(state: FormState, field: DraftField, whose: 'mine' | 'stored'): FormState {
  const conflicts = state.conflicts.filter((other) => other !== field)
  const draft = whose === 'mine' ? state.draft : { ...state.draft, [field]: state.was[field] }
  return { ...state, draft, conflicts }
}

/** Whether anything was typed that is not stored, be it right or wrong. */
export function isTouched({ draft, was }: FormState): boolean {
  return DRAFT_FIELDS.some((field) =>
    field === 'groups' ? !sameGroups(draft.groups, was.groups) : draft[field] !== was[field],
  )
}

function isSame(field: DraftField, one: Draft, other: Draft): boolean {
  if (field === 'groups') return sameGroups(one.groups, other.groups)
  if (field === 'metadata') return laidOut(one.metadata) === laidOut(other.metadata)
  return one[field] === other[field]
}

/** The same object looks the same, however it was typed. */
export function laidOut(metadata: string): string {
  return metadataProblem(metadata) === null ? indented(metadata) : metadata
}
