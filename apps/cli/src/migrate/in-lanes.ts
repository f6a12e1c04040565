/**
 * Runs `task` over the items, at most `width` at a time, and draws an item only when a lane is free. The first fault
 * aborts the signal that tasks are given; all of them end before it is thrown.
 */
export async function inLanes<T>(
  items: AsyncIterable<T>,
  options: { readonly width: number; readonly signal: AbortSignal },
  task: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failing = new AbortController()
  const signal = AbortSignal.any([options.signal, failing.signal])
  const iterator = items[Symbol.asyncIterator]()
  const lane = async (): Promise<void> => {
    while (!signal.aborted) {
      const next = await iterator.next()
      if (next.done === true) return
      await task(next.value, signal)
    }
  }
  const faults: unknown[] = []
  const guarded = () =>
    lane().catch((fault: unknown) => {
      faults.push(fault)
      failing.abort(fault)
    })
  await Promise.all(Array.from({ length: options.width }, guarded))
  if (faults.length > 0) throw faults[0]
  options.signal.throwIfAborted()
}
