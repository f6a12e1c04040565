export interface LaneOptions {
  /** Items at work side by side. */
  readonly width: number
  /** Once it has aborted no further item is drawn; what is at work ends by itself. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Does the work for each item, `width` of them side by side, and draws an item only when a lane is free. Waits for all
 * lanes even if one of them fails, so that nothing is still at work once this has ended; throws the first fault. Ours
 * and not p-map, which rejects while others are still at work.
 */
export async function inLanes<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  { width, signal }: LaneOptions,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  // One iterator for all lanes: each takes the next item that no other lane has.
  const source = iteratorOf(items)
  const faults: unknown[] = []
  const lane = async () => {
    while (signal?.aborted !== true) {
      const next = await source.next()
      if (next.done === true) return
      await work(next.value)
    }
  }
  await Promise.all(Array.from({ length: width }, () => lane().catch((fault: unknown) => faults.push(fault))))
  if (faults.length > 0) throw faults[0]
}

function iteratorOf<Item>(items: Iterable<Item> | AsyncIterable<Item>): Iterator<Item> | AsyncIterator<Item> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
}
