import { type Calibration, type Likeness, likenessOf, type Pairing } from '../calibration.ts'
import type { Descriptor } from '../descriptor.ts'
import { type KnownQuality, type PairShift, pairShift } from '../quality-shift.ts'

/** A face that others are compared with, and what cosines to it mean. */
export interface Probe extends PairShift, KnownQuality {
  readonly descriptor: Descriptor
  /** The pack's cosine that has distance 1, for this probe's effort against the gallery's, where one of both faces is good. */
  readonly operatingPoint: number
}

export function probeOf(
  calibration: Calibration,
  pairing: Pairing,
  { descriptor, quality, damage }: { readonly descriptor: Descriptor } & KnownQuality,
): Probe {
  const { qualityShift, damageShift } = calibration
  return { descriptor, quality, damage, operatingPoint: calibration[pairing], qualityShift, damageShift }
}

/** How alike another face is, of whose quality nobody may know. Its distance is never smaller than `nearestLikeness` says. */
export function likenessTo(
  probe: Omit<Probe, 'descriptor'>,
  other: { readonly cosine: number } & KnownQuality,
): Likeness {
  return likenessOf(other.cosine, probe.operatingPoint + pairShift(probe, probe, other))
}

/** How alike a face with that cosine is at most, whatever its quality. */
export function nearestLikeness(probe: Probe, cosine: number): Likeness {
  return likenessOf(cosine, probe.operatingPoint)
}
