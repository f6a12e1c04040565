import { judgeExamined } from '../detection/detect-faces.ts'
import { judgeGate } from '../detection/quality-gate.ts'
import { checksOf } from '../detection/quality-profiles.ts'
import type { FaceReport, PictureFault } from '../ports/face-engine.ts'
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
  const { quality: gate } = policies
  const [{ box, quality }] = faces
  if (examined === undefined) return { is: 'good', face: { box, quality: -1, faceCount } }
  if (gate.length === 0) {
    const usual = judgeExamined(examined.picture, examined.face, USUAL_CHECKS).quality
    return { is: 'good', face: { box, quality: usual?.score ?? -1, faceCount } }
  }
  const { kept, broken } = judgeGate(gate, { examined, quality })
  const face = { box, quality: kept, faceCount }
  const [first] = broken
  if (first === undefined) return { is: 'good', face }
  return { is: 'refused', outcome: { kind: 'low-quality', ...first, face } }
}

/** How a row ends whose picture cannot be used at all. */
export function faultOfRowPicture(fault: PictureFault): RowOutcome {
  const why =
    fault.outcome === 'undecodable'
      ? 'this is no picture that can be read'
      : `the picture has more than ${fault.maxPixels} pixels`
  return { kind: 'undecodable', why }
}
