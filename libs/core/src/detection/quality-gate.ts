import type { ExaminedFirstFace } from '../ports/face-engine.ts'
import type { FaceQuality, QualityPart } from './face-quality.ts'
import { QUALITY_PARTS } from './face-quality.ts'
import { measureQuality } from './measure-quality.ts'
import { QUALITY_NAMES, type QualityName, type QualityRange } from './quality-characteristics.ts'

/** What a gate may limit: a characteristic, how well the face can be compared, or a part of that. */
export type GateName = QualityName | 'faceQuality' | `faceQuality.${QualityPart}`

export const GATE_NAMES: readonly [GateName, ...GateName[]] = [
  'faceQuality',
  ...QUALITY_PARTS.map((part) => `faceQuality.${part}` as const),
  ...QUALITY_NAMES,
]

export interface QualityLimit {
  readonly name: GateName
  /** Both ends comply. */
  readonly range: QualityRange
}

/** What faces must comply with to be enrolled; none: everything is taken. What cannot be measured complies. */
export type QualityGate = readonly QualityLimit[]

export interface BrokenLimit {
  readonly characteristic: GateName
  readonly value: number
  readonly range: QualityRange
}

export interface GateVerdict {
  /** Share of the limits that could be held against the face which it keeps, 0..1; -1 if none could. */
  readonly kept: number
  /** In the order of the gate; none: the face may be enrolled. */
  readonly broken: readonly BrokenLimit[]
}

/** An upper end for what has none: the longest side that a JPEG can have. */
const NO_LIMIT = 65_535

/**
 * Gates for pictures that are to be found again by, rather than to be printed: `standard` refuses faces that searches will
 * hardly find; `strict` also those that they find less often. Chosen from what `npm run evaluate -- FOLDER --quality`
 * measures, see docs/accuracy.md: size, blur and too much light cost most. Poses end where the measured photos end. Below a
 * quality of 20, nine of ten comparisons fail, and below 50 three of four; packs that do not tell it refuse nothing by it.
 */
export const QUALITY_GATES = {
  off: [],
  standard: [
    { name: 'faceQuality', range: [20, 100] },
    { name: 'EyesDistance', range: [12, NO_LIMIT] },
    { name: 'BlurLevel', range: [0, 0.85] },
    { name: 'Yaw', range: [-50, 50] },
    { name: 'Pitch', range: [-40, 40] },
    { name: 'Roll', range: [-45, 45] },
    { name: 'TooLight', range: [0, 0.2] },
  ],
  strict: [
    { name: 'faceQuality', range: [50, 100] },
    { name: 'EyesDistance', range: [18, NO_LIMIT] },
    { name: 'BlurLevel', range: [0, 0.75] },
    { name: 'Yaw', range: [-40, 40] },
    { name: 'Pitch', range: [-30, 30] },
    { name: 'Roll', range: [-35, 35] },
    { name: 'TooDark', range: [0, 0.3] },
    { name: 'TooLight', range: [0, 0.1] },
  ],
} as const satisfies Record<string, QualityGate>

export type GateLevel = keyof typeof QUALITY_GATES
export const GATE_LEVELS = Object.keys(QUALITY_GATES) as [GateLevel, ...GateLevel[]]

/** What of a described face a gate looks at. */
export interface GatedFace {
  readonly examined: ExaminedFirstFace
  /** Left out if the pack cannot tell. */
  readonly quality?: FaceQuality | undefined
}

/** Holds a face against a gate, by the values that `detectFaces` tells of it. */
export function judgeGate(gate: QualityGate, face: GatedFace): GateVerdict {
  const values = valuesOf(face)
  const held = gate.flatMap(({ name, range }) => {
    const value = values[name]
    return value === undefined ? [] : [{ characteristic: name, value, range }]
  })
  const broken = held.filter(({ value, range: [low, high] }) => !(low <= value && value <= high))
  return { kept: held.length === 0 ? -1 : 1 - broken.length / held.length, broken }
}

/** What the engine has to do beside finding the face, so that the gate can be held against it. */
export function needsOfGate(gate: QualityGate): { readonly countsEveryFace: boolean } {
  return { countsEveryFace: gate.some(({ name }) => name === 'OtherFaces') }
}

function valuesOf({ examined, quality }: GatedFace): Readonly<Partial<Record<GateName, number>>> {
  const measured = measureQuality(examined.picture, examined.face)
  if (quality === undefined) return measured
  const parts = QUALITY_PARTS.map((part) => [`faceQuality.${part}`, quality.parts[part]] as const)
  return { ...measured, faceQuality: quality.value, ...Object.fromEntries(parts) }
}
