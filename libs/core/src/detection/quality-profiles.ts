import {
  QUALITY_NAMES,
  type QualityCheck,
  type QualityName,
  type QualityRange,
} from './quality-characteristics.ts'

type Ranges = Readonly<Partial<Record<QualityName, QualityRange>>>

/** An upper end for what has none, since JSON knows no infinity: the longest side that a JPEG can have. */
const NO_LIMIT = 65_535

/**
 * Midpoints: the original's recommendation. Head, eyes and pose: ISO/IEC 19794-5:2011, full frontal images. The last
 * three are ours, set so that ordinary good photos pass; see docs/quality.md.
 */
const RECOMMENDED: Ranges = {
  FaceMidPointHorizontalPosition: [0.45, 0.55],
  FaceMidPointVerticalPosition: [0.45, 0.55],
  HeadWidthRatio: [0.5, 0.75],
  HeadHeightRatio: [0.6, 0.9],
  EyesDistance: [90, NO_LIMIT],
  Yaw: [-5, 5],
  Pitch: [-5, 5],
  Roll: [-8, 8],
  BlurLevel: [0, 0.65],
  TooDark: [0, 0.1],
  TooLight: [0, 0.1],
  OtherFaces: [0, 0],
}

/** The original's ICAO column, and the eyes' height of ISO/IEC 19794-5:2011. */
const ICAO: Ranges = {
  ...RECOMMENDED,
  ImageWidth: [1200, NO_LIMIT],
  ImageHeight: [1600, NO_LIMIT],
  ImageWidthToHeight: [0.74, 0.8],
  ImageChannelsNumber: [3, 3],
  PaddingRatio: [0, 0],
  FaceMidPointVerticalPosition: [0.3, 0.5],
}

/** A photo of 35 x 45 mm in which the head takes 70 to 80 % of the height. */
const SCHENGEN: Ranges = {
  ...ICAO,
  ImageWidth: [0, NO_LIMIT],
  ImageHeight: [0, NO_LIMIT],
  HeadHeightRatio: [0.7, 0.8],
}

/** A square of 600 to 1,200 px; head 50 to 69 % of the height, eyes 56 to 69 % of it above the lower edge. */
const USA: Ranges = {
  ...ICAO,
  ImageWidth: [600, 1200],
  ImageHeight: [600, 1200],
  ImageWidthToHeight: [0.99, 1.01],
  FaceMidPointVerticalPosition: [0.31, 0.44],
  HeadWidthRatio: [0.3, 0.6],
  HeadHeightRatio: [0.5, 0.69],
}

const PROFILES = {
  recommended: RECOMMENDED,
  icao: ICAO,
  'visa-schengen': SCHENGEN,
  'visa-usa': USA,
} as const satisfies Record<string, Ranges>

/** Named sets of ranges. */
export type QualityProfile = keyof typeof PROFILES

export function rangeOf(name: QualityName, profile: QualityProfile): QualityRange | null {
  const ranges: Ranges = PROFILES[profile]
  return ranges[name] ?? null
}

/** Every characteristic, judged by a profile. */
export function checksOf(profile: QualityProfile): readonly QualityCheck[] {
  return QUALITY_NAMES.map((name) => ({ name, range: rangeOf(name, profile) }))
}
