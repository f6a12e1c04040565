import { type ImportRow, personKeyOf, type RowFace, type RowOutcome } from '@semblance/core'

export const REPORT_COLUMNS = [
  'position',
  'key',
  'person',
  'outcome',
  'personId',
  'imageId',
  'groupId',
  'descriptorFrom',
  'why',
  'mayPass',
  'field',
  'faceCount',
  'characteristic',
  'value',
  'limits',
  'likePersonId',
  'likeDistance',
  'box',
  'quality',
  'tries',
  'endedAt',
  'dryRun',
] as const

/** One row of the report. What does not apply to the outcome is left out. */
export type ReportLine = Partial<Record<(typeof REPORT_COLUMNS)[number], string | number | boolean>>

/** `dryRun` is told of each row of a dry run, whose outcomes are those that would come of it. */
export function reportLineOf(row: ImportRow, dryRun = false): ReportLine {
  const { outcome } = row
  return {
    position: row.position,
    key: row.key,
    person: personKeyOf(row.person),
    ...(outcome === null ? {} : outcomeOf(outcome)),
    tries: triesOf(row),
    ...(row.endedAt === null ? {} : { endedAt: new Date(row.endedAt).toISOString() }),
    ...(dryRun ? { dryRun } : {}),
  }
}

/** Claims, of which the last may have tried more than once. */
function triesOf({ outcome, tries }: ImportRow): number {
  const last = outcome?.kind === 'failed' ? (outcome.tries ?? 1) : 1
  return tries === 0 ? 0 : tries - 1 + last
}

function outcomeOf(outcome: NonNullable<ImportRow['outcome']>): ReportLine {
  const { kind } = outcome
  switch (kind) {
    case 'enrolled':
    case 'same-picture':
    case 'person-written': {
      const imageId = 'imageId' in outcome && outcome.imageId !== null ? { imageId: outcome.imageId } : {}
      const face = 'face' in outcome ? faceOf(outcome.face) : {}
      const like = 'likePerson' in outcome ? likeOf(outcome.likePerson) : {}
      const person = outcome.personId === null ? {} : { personId: outcome.personId }
      const origin = kind === 'enrolled' ? originOf(outcome) : {}
      return { outcome: kind, ...person, ...imageId, ...origin, ...face, ...like }
    }
    case 'group-written':
      return { outcome: kind, groupId: outcome.groupId }
    case 'same-person':
      return { outcome: kind, ...likeOf(outcome.likePerson), ...faceOf(outcome.face) }
    case 'several-faces':
      return { outcome: kind, faceCount: outcome.faceCount }
    case 'low-quality': {
      const { characteristic, value, range, face } = outcome
      return { outcome: kind, characteristic, value, limits: range.join('..'), ...faceOf(face) }
    }
    case 'invalid':
      return { outcome: kind, field: outcome.field, why: outcome.why }
    case 'failed':
      return { outcome: kind, why: outcome.why, mayPass: outcome.isPassing }
    case 'no-face':
    case 'cancelled':
      return { outcome: kind }
    default:
      return { outcome: kind, why: outcome.why }
  }
}

/** Of an image of an export: where its descriptor is from, and why not from the export. */
function originOf({ descriptorFrom, why }: Extract<RowOutcome, { kind: 'enrolled' }>): ReportLine {
  if (descriptorFrom === undefined) return {}
  return why === undefined ? { descriptorFrom } : { descriptorFrom, why }
}

function faceOf(face: RowFace | null): ReportLine {
  if (face === null) return {}
  const { x, y, width, height } = face.box
  const box = [x, y, width, height].map((value) => Math.round(value)).join(' ')
  return { box, quality: face.quality, faceCount: face.faceCount }
}

function likeOf(like: { readonly personId: string; readonly distance: number } | undefined): ReportLine {
  return like === undefined ? {} : { likePersonId: like.personId, likeDistance: like.distance }
}
