import { answerOf } from '@semblance/client'
import { api } from '../../server/api.ts'
import { isMissing } from '../../server/missing.ts'

/** So many deletions are under way at once. */
const AT_ONCE = 4

/** What became of them: `error` null means that nobody of them is there any more. */
export interface Deleted {
  readonly ids: readonly string[]
  readonly error: unknown
}

/** Deletes one after another, and begins no more once the server refuses or does not answer. It never rejects. */
export async function deletePersons(ids: readonly string[]): Promise<Deleted> {
  const waiting = ids.toReversed()
  const deleted: string[] = []
  let failure: { readonly error: unknown } | null = null
  const work = async () => {
    for (let id = waiting.pop(); id !== undefined && failure === null; id = waiting.pop()) {
      try {
        await deletePerson(id)
        deleted.push(id)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { ids: deleted, error: (failure as { readonly error: unknown } | null)?.error ?? null }
}

async function deletePerson(personId: string): Promise<void> {
  try {
    await answerOf(api.DELETE('/api/persons/{personId}', { params: { path: { personId } } }))
  } catch (error) {
    // Somebody else may have deleted them meanwhile.
    if (!isMissing(error, 'PersonNotFound')) throw error
  }
}
