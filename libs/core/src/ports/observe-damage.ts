/** Something stored that cannot be used as it is. It is passed over, and the rest serves. */
export interface Damage {
  readonly kind: DamageKind
  readonly id: string
  /** The reason in words, without names, pictures or descriptors. */
  readonly why: string
}

/** `vector`: a point of the index; `reply`: what is remembered under an Idempotency-Key. */
export type DamageKind = 'picture' | 'person' | 'image' | 'group' | 'reply' | 'vector' | 'import'

/** This is told each time that damage is met, and must not throw. */
export type ObserveDamage = (damage: Damage) => void
