/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** 0 <= x < 1. */
  next(): number
  /** Of this mean: the time between two events that know nothing of each other. */
  exponential(mean: number): number
  /** Of this mean; `spread` is the standard deviation as a share of it. */
  lognormal(mean: number, spread: number): number
}

export function randomOf(seed: number): Random {
  const next = mulberry32(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  return {
    next,
    exponential: (mean) => -mean * Math.log(1 - next()),
    lognormal: (mean, spread) => {
      if (spread === 0) return mean
      const variance = Math.log(1 + spread * spread)
      return mean * Math.exp(Math.sqrt(variance) * normal() - variance / 2)
    },
  }
}

/** Mulberry32: the whole state is one 32 bit number. */
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
