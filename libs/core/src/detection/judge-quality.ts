import {
  QUALITY_CHARACTERISTICS,
  QUALITY_GROUPS,
  type QualityCheck,
  type QualityGroup,
  type QualityName,
  type QualityValues,
} from './quality-characteristics.ts'

export type QualityStatus = 'compliant' | 'noncompliant' | 'undetermined'

export interface QualityDetail extends QualityCheck {
  readonly group: QualityGroup
  /** Null if it could not be measured; never a guess. */
  readonly value: number | null
  readonly status: QualityStatus
}

export interface QualityGroupCount {
  readonly group: QualityGroup
  /** How many characteristics of the group were asked for. */
  readonly total: number
  readonly compliant: number
}

export interface QualityReport {
  /** Share of the characteristics that could be judged which comply, 0..1; -1 if none could. */
  readonly score: number
  readonly nonCompliant: readonly QualityName[]
  /** Groups of which anything was asked, in the contract's order. */
  readonly groups: readonly QualityGroupCount[]
  /** One for each characteristic that was asked for. */
  readonly details: readonly QualityDetail[]
}

/** Holds what was measured against what was asked for; both ends of a range comply. */
export function judgeQuality(checks: readonly QualityCheck[], values: QualityValues): QualityReport {
  const details = checks.map((check) => judge(check, values))
  const compliant = details.filter(({ status }) => status === 'compliant')
  const nonCompliant = details.filter(({ status }) => status === 'noncompliant')
  const judged = compliant.length + nonCompliant.length
  return {
    score: judged === 0 ? -1 : compliant.length / judged,
    nonCompliant: nonCompliant.map(({ name }) => name),
    groups: countGroups(details),
    details,
  }
}

function judge({ name, range }: QualityCheck, values: QualityValues): QualityDetail {
  const value = values[name] ?? null
  const group = QUALITY_CHARACTERISTICS[name]
  if (value === null || range === null) return { name, range, group, value, status: 'undetermined' }
  const [low, high] = range
  return { name, range, group, value, status: low <= value && value <= high ? 'compliant' : 'noncompliant' }
}

function countGroups(details: readonly QualityDetail[]): readonly QualityGroupCount[] {
  const byGroup = Map.groupBy(details, ({ group }) => group)
  return QUALITY_GROUPS.flatMap((group) => {
    const members = byGroup.get(group) ?? []
    if (members.length === 0) return []
    const compliant = members.filter(({ status }) => status === 'compliant').length
    return [{ group, total: members.length, compliant }]
  })
}
