import { prefix } from './place.ts'

/** Longest sides that the server makes, in pixels. */
export type Side = 96 | 192 | 384 | 768

interface Cut {
  readonly side: Side
  /** A square around the enrolled face instead of the whole picture. */
  readonly face?: boolean
}

export function imageAddress(personId: string, imageId: string, cut: Cut): string {
  return `${originalAddress(personId, imageId)}${queryOf(cut)}`
}

/** The picture as it was enrolled, of whatever size and kind. */
export function originalAddress(personId: string, imageId: string): string {
  return `${prefix}/api/persons/${personId}/images/${imageId}`
}

/** Of a person's first picture. */
export function portraitAddress(personId: string, cut: Cut): string {
  return `${prefix}/api/persons/${personId}/picture${queryOf(cut)}`
}

function queryOf({ side, face = false }: Cut): string {
  return `?size=${side}${face ? '&crop=face' : ''}`
}
