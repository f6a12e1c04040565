import { answerOf, SemblanceProblem } from '@semblance/client'
import { api } from '../../../server/api.ts'
import { type FormState, moved } from './form-state.ts'
import { changesOf } from './person-draft.ts'
import type { WholePerson } from './whole-person.ts'

/** So often in a row somebody else may be quicker. */
const MOST_TRIES = 5

/**
 * Stores what was typed, if the person is still the one it was typed about. Where somebody else changed other fields
 * meanwhile, it is stored beside that; where both changed one, nothing is, and the two have to be compared.
 * @param read reads the person anew
 */
export async function savePerson(
  form: FormState,
  read: () => Promise<WholePerson>,
): Promise<'saved' | 'conflict'> {
  let state = form
  for (let tries = 1; ; tries++) {
    const body = changesOf(state.draft, state.person)
    // Somebody else has done the same.
    if (body === null) return 'saved'
    try {
      await put(state.person, body)
      return 'saved'
    } catch (error) {
      if (!isChangedSince(error) || tries === MOST_TRIES) throw error
    }
    state = moved(state, await read())
    if (state.conflicts.length > 0) return 'conflict'
  }
}

function put({ id, etag }: WholePerson, body: string): Promise<unknown> {
  const header = etag === null ? {} : { 'If-Match': etag }
  const params = { path: { personId: id }, header }
  // A text already: read into a value, its numbers could lose digits.
  const asItStands = { body: body as never, bodySerializer: (text: unknown) => text as string }
  return answerOf(api.PUT('/api/persons/{personId}', { params, ...asItStands }))
}

function isChangedSince(error: unknown): boolean {
  return error instanceof SemblanceProblem && error.type === 'PersonChangedSince'
}
