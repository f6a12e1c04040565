import { z } from 'zod'
import { operationAnswer, operationLine } from '../operations/operation-progress.ts'

const figures = z.object({
  pack: z.string(),
  rank1: z.number(),
  found: z.number(),
  falsePositives: z.number(),
})

export const redescribingAnswer = z.object({
  serving: z.string().nullable(),
  other: z.string().nullable(),
  lacking: z.number().nullable(),
  undescribed: z.number().nullable(),
  workersWithout: z.number().nullable().optional(),
  operation: operationAnswer
    .extend({
      pack: z.string(),
      found: z
        .object({
          images: z.number(),
          undescribed: z.number(),
          comparison: z.object({
            probes: z.number(),
            mated: z.number(),
            sameTop: z.number(),
            before: figures,
            after: figures,
          }),
          held: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
})
export type RedescribingAnswer = z.infer<typeof redescribingAnswer>
type Found = NonNullable<NonNullable<RedescribingAnswer['operation']>['found']>

/** Why the new pack does not serve, and what to do. */
const HELD: Readonly<Record<string, string>> = {
  'not-asked': 'It does not serve yet. Let it: semblance redescribe switch',
  'too-few-described':
    'It does not serve: too many pictures are not described by it. They are listed by semblance redescribe left. Let it serve without them: semblance redescribe switch',
  'finds-fewer':
    'It does not serve: it misses many whom the other one finds. Let it serve all the same: semblance redescribe switch',
}

/** Which packs the gallery has, and what is known of the newest move. */
export function redescribingLines(answer: RedescribingAnswer): readonly string[] {
  const { serving, other, lacking, undescribed, operation, workersWithout } = answer
  const beside =
    other === null
      ? []
      : [
          `${other} is there beside it: ${lacking} pictures are still to be described by it, and of ${undescribed} it makes nothing`,
        ]
  const waiting =
    other !== null && (workersWithout ?? 0) > 0
      ? [
          `It cannot serve before every worker has loaded it: ${workersWithout} have not. Their logs tell why; each needs the files of ${other}.`,
        ]
      : []
  const found = operation?.found
  return [
    `${serving ?? 'no pack'} serves`,
    ...beside,
    ...waiting,
    ...(operation === undefined ? [] : [operationLine(operation)]),
    ...(operation === undefined || found === undefined ? [] : comparisonLines(operation.pack, found)),
    ...onwardLines(answer),
  ]
}

function comparisonLines(pack: string, { images, undescribed, comparison, held }: Found): readonly string[] {
  const { probes, mated, sameTop, before, after } = comparison
  const line = (figures: typeof before) =>
    `  ${figures.pack}: own person first for ${figures.rank1} of ${mated}, within distance 1 for ${figures.found}; a stranger first within distance 1 for ${figures.falsePositives} of ${probes}`
  return [
    `${images - undescribed} of ${images} pictures have a descriptor of ${pack}.`,
    `${probes} of them were searched for among all others by both packs; ${sameTop} times both name the same person first:`,
    line(before),
    line(after),
    ...(held === undefined ? [] : [HELD[held] ?? held]),
  ]
}

/** What may come next once the gallery was moved. */
function onwardLines({ serving, other, operation }: RedescribingAnswer): readonly string[] {
  if (other === null || operation === undefined || operation.endedAt === undefined) return []
  if (operation.pack !== serving) return []
  return [
    `Back to ${other}: semblance redescribe rollback. For good, and ${other} is dropped: semblance redescribe drop`,
    `Where SEMBLANCE_PACK is set, set it to ${serving} for the next start.`,
  ]
}
