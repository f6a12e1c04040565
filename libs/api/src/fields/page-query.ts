import { isUuid, type PageRequest } from '@semblance/core'
import { z } from 'zod'

const DEFAULT_SIZE = 1000
const MAX_SIZE = 1000
/** Keeps the offset an exact whole number; no gallery has so many pages. */
const MAX_DIGITS = 12

export const pageQuery = z.object({
  page: countField('Page number, from 1.', 1),
  size: countField(`Items on a page; more than ${MAX_SIZE} counts as ${MAX_SIZE}.`, DEFAULT_SIZE),
  cursor: z
    .string()
    .refine(isUuid, 'must be the nextCursor of a page')
    .transform((text) => text.toLowerCase())
    .optional()
    .meta({
      description: 'The nextCursor of the page before: nothing is skipped, whatever is deleted meanwhile.',
    }),
})

export function pageRequestOf(query: z.output<typeof pageQuery>): PageRequest {
  const { page, size, cursor } = query
  return { page, size: Math.min(size, MAX_SIZE), ...(cursor === undefined ? {} : { cursor }) }
}

function countField(description: string, otherwise: number) {
  return z
    .string()
    .refine(isCount, 'must be a whole number from 1')
    .transform(Number)
    .default(otherwise)
    .meta({ description, override: { type: 'integer', minimum: 1, default: otherwise } })
}

function isCount(text: string): boolean {
  return /^\d+$/.test(text) && text.length <= MAX_DIGITS && Number(text) >= 1
}
