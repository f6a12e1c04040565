import { answerOf } from '@semblance/client'
import { api } from '../../server/api.ts'
import { isMissing } from '../../server/missing.ts'
import { type PeopleFilter, readPage } from './people-query.ts'

/** So many people are asked about at once; the browser has six connections. */
const AT_ONCE = 4
/** Characters of a name by which somebody is looked for in a list: more would make an address too long for some proxies. */
const MOST_OF_A_NAME = 200

/**
 * Who of these people is in a list, by the server's word: it has them, and its filter leaves them. Among more than a
 * hundred people of one name, whoever is not found counts as not in it.
 */
export async function stillListed(
  ids: readonly string[],
  filter: PeopleFilter,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const waiting = [...ids]
  const listed = new Set<string>()
  const work = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
      if (await isListed(id, filter, signal)) listed.add(id)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, work))
  return listed
}

async function isListed(id: string, filter: PeopleFilter, signal: AbortSignal): Promise<boolean> {
  const name = await nameOf(id, signal)
  if (name === null || !name.startsWith(filter.namePrefix)) return false
  const { items } = await readPage({ ...filter, namePrefix: prefixOf(name) }, { place: 0 }, signal)
  return items.some((person) => person.id === id)
}

/** Null: there is no such person any more. */
async function nameOf(personId: string, signal: AbortSignal): Promise<string | null> {
  try {
    const params = { path: { personId } }
    return (await answerOf(api.GET('/api/persons/{personId}', { params, signal }))).name
  } catch (error) {
    if (isMissing(error, 'PersonNotFound')) return null
    throw error
  }
}

/** No half of a character that is two. */
function prefixOf(name: string): string {
  return [...name].slice(0, MOST_OF_A_NAME).join('')
}
