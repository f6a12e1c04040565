import { z } from 'zod'
import { type Column, tableLines } from '../command/table.ts'

export const personAnswer = z.object({
  id: z.string(),
  name: z.string(),
  externalId: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()),
  groups: z.array(z.string()),
  expireAt: z.string().optional(),
  createdAt: z.string(),
  updatedAt: z.string(),
})
type PersonAnswer = z.infer<typeof personAnswer>

export const personPage = z.object({ items: z.array(personAnswer), nextCursor: z.string().optional() })
export const imagePage = z.object({
  items: z.array(z.object({ id: z.string(), contentType: z.string(), createdAt: z.string() })),
  nextCursor: z.string().optional(),
})

const COLUMNS: readonly Column[] = [
  { title: 'name', isCuttable: true },
  { title: 'person id' },
  { title: 'external id', isCuttable: true },
  { title: 'created' },
]

export function personLines(persons: readonly PersonAnswer[]): readonly string[] {
  if (persons.length === 0) return ['no persons']
  const rows = persons.map(({ name, id, externalId = '', createdAt }) => [
    name,
    id,
    externalId,
    shortTime(createdAt),
  ])
  return tableLines(COLUMNS, rows)
}

/** To the second, in UTC. */
export function shortTime(iso: string): string {
  return iso.replace(/\.\d+Z$/, 'Z')
}
