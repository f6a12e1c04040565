import { type Calibration, type Likeness, likenessOf, type Pairing } from '../calibration.ts'
import type { Descriptor } from '../descriptor.ts'
import { type QualityShift, shiftOf } from '../quality-shift.ts'

/** A face that others are compared with, and what cosines to it mean. */
export interface Probe {
  readonly descriptor: Descriptor
  /** The pack's cosine that has distance 1, for this probe's effort against the gallery's, where one of both faces is good. */
  readonly operatingPoint: number
  /** How well its face can be compared, 0..100; null or left out: nobody knows. */
  readonly quality?: number | null | undefined
  /** Of the pack; left out: quality has no effect. */
  readonly qualityShift?: QualityShift | undefined
}

export function probeOf(
  calibration: Calibration,
  pairing: Pairing,
  face: { readonly descriptor: Descriptor; readonly quality: number | null | undefined },
): Probe {
  return { ...face, operatingPoint: calibration[pairing], qualityShift: calibration.qualityShift }
}

/** How alike another face is, of whose quality nobody may know. Its distance is never smaller than `nearestLikeness` says. */
export function likenessTo(
  probe: Probe,
  other: { readonly cosine: number; readonly quality: number | null },
): Likeness {
  return likenessOf(
    other.cosine,
    probe.operatingPoint + shiftOf(probe.qualityShift, probe.quality, other.quality),
  )
}

/** How alike a face with that cosine is at most, whatever its quality. */
export function nearestLikeness(probe: Probe, cosine: number): Likeness {
  return likenessOf(cosine, probe.operatingPoint)
}
