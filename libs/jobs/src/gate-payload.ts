import type { QualityGate } from '@semblance/core'
import type { AddImagePayload } from './catalogue.ts'

/** A gate as the payload of a job holds it. */
export function gatePayloadOf(gate: QualityGate): NonNullable<AddImagePayload['gate']> {
  return gate.map(({ name, range: [low, high] }) => ({ name, range: [low, high] }))
}
