import type { DamageKind, ObserveDamage } from '../ports/observe-damage.ts'
import type { RecordFault } from './record-faults.ts'

/** Passes over what a store has read and nobody can use, and tells of it. */
export function withoutDamaged<Found extends { readonly id: string }>(
  found: readonly Found[],
  {
    kind,
    faultOf,
    onDamage,
  }: {
    readonly kind: DamageKind
    readonly faultOf: (one: Found) => RecordFault
    readonly onDamage: ObserveDamage
  },
): readonly Found[] {
  return found.filter((one) => {
    const why = faultOf(one)
    // A damaged id may be no text.
    if (why !== null) onDamage({ kind, id: String(one.id), why })
    return why === null
  })
}
