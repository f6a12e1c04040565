import { z } from 'zod'
import { queryOf } from '../command/options.ts'
import type { ServerCalls } from '../server/server-calls.ts'

const counted = z.object({ totalPages: z.number() })

/** How many persons a filter of the list applies to, by a list of pages of one person. */
export async function countOf(
  calls: ServerCalls,
  fields: readonly (readonly [string, string])[],
): Promise<number> {
  const query = queryOf([...fields, ['size', 1]])
  return (await calls.ask({ method: 'GET', path: `/persons${query}` }, counted)).value.totalPages
}
