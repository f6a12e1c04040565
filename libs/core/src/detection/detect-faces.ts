import type {
  CropRequest,
  EngineWork,
  ExaminedFace,
  ExaminedPicture,
  FaceAttribute,
  FaceEngine,
  PictureFault,
  PictureInfo,
} from '../ports/face-engine.ts'
import { judgeQuality, type QualityReport } from './judge-quality.ts'
import { measureQuality, needsOf } from './measure-quality.ts'
import type { QualityCheck } from './quality-characteristics.ts'

export interface DetectionRequest {
  readonly faces: 'central' | 'all'
  readonly crop: CropRequest | null
  /** Null: no quality report. */
  readonly quality: readonly QualityCheck[] | null
  readonly attributes: readonly FaceAttribute[]
}

export interface DetectedFace {
  readonly face: ExaminedFace
  readonly quality: QualityReport | null
}

export type DetectionOutcome =
  | { readonly outcome: 'detected'; readonly picture: PictureInfo; readonly faces: readonly DetectedFace[] }
  | { readonly outcome: 'no-face' }
  | PictureFault

/** Tells where the faces of a picture are and what can be told of them; nobody is searched or stored. */
export async function detectFaces(
  deps: { readonly engine: FaceEngine },
  job: { readonly picture: Uint8Array; readonly request: DetectionRequest },
  work: EngineWork,
): Promise<DetectionOutcome> {
  const { faces, crop, quality, attributes } = job.request
  const needs = needsOf((quality ?? []).map(({ name }) => name))
  const report = await deps.engine.examineFaces(
    job.picture,
    {
      faces,
      crop,
      measurePixels: needs.pixels,
      needsFaceCount: needs.faceCount,
      attributes,
      judgeFaces: quality !== null,
    },
    work,
  )
  if (report.outcome !== 'faces') return report.outcome === 'no-face' ? { outcome: 'no-face' } : report
  const { picture } = report
  const detected = report.faces.map((face) => judgeExamined(picture, face, quality))
  return { outcome: 'detected', picture, faces: detected }
}

export function judgeExamined(
  picture: ExaminedPicture,
  face: ExaminedFace,
  checks: readonly QualityCheck[] | null,
): DetectedFace {
  return { face, quality: checks === null ? null : judgeQuality(checks, measureQuality(picture, face)) }
}
