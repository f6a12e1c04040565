import { GATE_LEVELS, GATE_NAMES, type GateLevel, QUALITY_GATES, type QualityGate } from '@semblance/core'
import { gatePayloadOf } from '@semblance/jobs'
import { z } from 'zod'

/** The limit is ours, and enough to limit each once. */
const MAX_LIMITS = 100

const range = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low <= high, 'must be the lowest value and then the highest')

const limits = z
  .array(z.strictObject({ name: z.enum(GATE_NAMES), range }))
  .max(MAX_LIMITS)
  .meta({
    description:
      'Characteristics that /api/detect tells, faceQuality and its parts among them (faceQuality.size), with the lowest and highest value.',
    example: [{ name: 'faceQuality', range: [50, 100] }],
  })

/** What faces must comply with to be enrolled: a named gate, or limits. */
export const gateField = z.union([z.enum(GATE_LEVELS), limits])

/** @param usual the server's own gate, which counts where the request has none */
export function gateOf(field: GateLevel | QualityGate | null | undefined, usual: GateLevel): QualityGate {
  const asked = field ?? usual
  return typeof asked === 'string' ? QUALITY_GATES[asked] : asked
}

/** The field of a job's payload; none where everything is taken. */
export function gateInPayload(gate: QualityGate): { readonly gate?: ReturnType<typeof gatePayloadOf> } {
  return gate.length === 0 ? {} : { gate: gatePayloadOf(gate) }
}
