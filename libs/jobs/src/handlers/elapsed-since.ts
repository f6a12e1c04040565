/** Milliseconds since `begun` of the same clock, to the microsecond: what an answer tells of its time. */
export function elapsedSince(begun: number): number {
  return Math.round((performance.now() - begun) * 1000) / 1000
}
