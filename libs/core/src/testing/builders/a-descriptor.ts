import type { Descriptor } from '../../descriptor.ts'
import type { PackId } from '../../ids.ts'

export const TEST_PACK = 'test@1' as PackId

/** Unit length and the same for the same seed; different seeds are almost orthogonal, as strangers are. */
export function aDescriptor(
  seed: number,
  options: { readonly packId?: PackId; readonly dimensions?: number } = {},
): Descriptor {
  const random = randomOf(seed)
  const raw = Array.from({ length: options.dimensions ?? 512 }, () => random() + random() + random() - 1.5)
  const length = Math.hypot(...raw)
  return {
    packId: options.packId ?? TEST_PACK,
    values: Float32Array.from(raw, (value) => value / length),
  }
}

/** Mulberry32: 0 <= x < 1, the whole state in one 32 bit number. */
function randomOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
