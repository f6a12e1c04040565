/** Long enough to get on, short enough that nobody notices the event loop waiting. */
const SLICE_MS = 4

/** Runs a step for each item and lets the event loop breathe in between, however many items there are. */
export async function forEachInSlices<T>(items: Iterable<T>, step: (item: T) => void): Promise<void> {
  let sliceEndsAt = performance.now() + SLICE_MS
  for (const item of items) {
    step(item)
    if (performance.now() < sliceEndsAt) continue
    await new Promise(setImmediate)
    sliceEndsAt = performance.now() + SLICE_MS
  }
}
