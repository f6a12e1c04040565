import { judgeExamined } from '../detection/detect-faces.ts'
import type { QualityReport } from '../detection/judge-quality.ts'
import type { QualityCheck } from '../detection/quality-characteristics.ts'
import { checksOf } from '../detection/quality-profiles.ts'
import type { ExaminedCentralFace, FaceReport, PictureFault } from '../ports/face-engine.ts'
import type { ImportPolicies } from './import.ts'
import type { RowFace, RowOutcome } from './row-outcome.ts'

export type JudgedFace =
  | { readonly is: 'good'; readonly face: RowFace }
  | { readonly is: 'refused'; readonly outcome: RowOutcome }

/** What can be judged of any picture; the others are for portraits of a given format. */
const USUAL_CHECKS = checksOf('recommended').filter(({ range }) => range !== null)

/** Holds the face that a row is about against the import's policies. */
export function judgeRowFace(
  report: Extract<FaceReport, { outcome: 'faces' }>,
  policies: Pick<ImportPolicies, 'faces' | 'quality'>,
): JudgedFace {
  const { faces, examined } = report
  const faceCount = Math.max(faces.length, examined?.picture.faceCount ?? 1)
  if (policies.faces === 'one' && faceCount > 1)
    return { is: 'refused', outcome: { kind: 'several-faces', faceCount } }
  const { quality: checks } = policies
  const quality = examined === undefined ? null : judge(examined, checks.length === 0 ? USUAL_CHECKS : checks)
  const face = { box: faces[0].box, quality: quality?.score ?? -1, faceCount }
  const low =
    checks.length === 0 ? undefined : quality?.details.find(({ status }) => status === 'noncompliant')
  if (low === undefined || low.value === null || low.range === null) return { is: 'good', face }
  const { name: characteristic, value, range } = low
  return { is: 'refused', outcome: { kind: 'low-quality', characteristic, value, range, face } }
}

/** How a row ends whose picture cannot be used at all. */
export function faultOfRowPicture(fault: PictureFault): RowOutcome {
  const why =
    fault.outcome === 'undecodable'
      ? 'this is no picture that can be read'
      : `the picture has more than ${fault.maxPixels} pixels`
  return { kind: 'undecodable', why }
}

function judge(
  { picture, face }: ExaminedCentralFace,
  checks: readonly QualityCheck[],
): QualityReport | null {
  return judgeExamined(picture, face, checks).quality
}
