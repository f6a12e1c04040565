/** Middle value; of an even number the upper one. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >>> 1] ?? Number.NaN
}

/** The value below which that share of them lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** Of two series taken turn by turn, the median of each turn's ratio: noise that lasts over a turn hits both sides. */
export function medianRatio(over: readonly number[], under: readonly number[]): number {
  return median(over.map((value, turn) => value / (under[turn] ?? Number.NaN)))
}

/**
 * Keeps `inFlight` calls going for the time given and answers how many a second ended. Counted up to the end of the
 * last one, so that calls under way at the end are neither lost nor free.
 */
export async function throughput(
  call: (number: number) => Promise<unknown>,
  load: { readonly inFlight: number; readonly ms: number },
): Promise<number> {
  const begun = performance.now()
  let started = 0
  const client = async (): Promise<void> => {
    while (performance.now() - begun < load.ms) await call(started++)
  }
  await Promise.all(Array.from({ length: load.inFlight }, client))
  return (started * 1000) / (performance.now() - begun)
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
