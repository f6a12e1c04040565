/**
 * Does the work for each item, `width` of them side by side. Waits for all lanes even if one of them fails, so that
 * nothing is still at work once this has ended; throws the fault of the first lane that failed.
 */
export async function inLanes<Item>(
  items: readonly Item[],
  options: { readonly width: number },
  work: (item: Item) => Promise<void>,
): Promise<void> {
  // One iterator for all lanes: each takes the next item that no other lane has.
  const queue = items.values()
  const lane = async () => {
    for (const item of queue) await work(item)
  }
  const width = Math.min(options.width, items.length)
  const ended = await Promise.allSettled(Array.from({ length: width }, lane))
  for (const { status, reason } of ended as PromiseRejectedResult[]) if (status === 'rejected') throw reason
}
