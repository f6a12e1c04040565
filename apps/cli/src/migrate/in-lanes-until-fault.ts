import { inLanes } from '@semblance/core'

/**
 * Core's `inLanes`, but the first fault aborts the signal that tasks are given, and no further item is drawn. Rejects
 * with the reason of the signal given, too.
 */
export async function inLanesUntilFault<T>(
  items: AsyncIterable<T>,
  options: { readonly width: number; readonly signal: AbortSignal },
  task: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failing = new AbortController()
  const signal = AbortSignal.any([options.signal, failing.signal])
  await inLanes(items, { width: options.width, signal }, async (item) => {
    try {
      await task(item, signal)
    } catch (fault) {
      failing.abort(fault)
      throw fault
    }
  })
  options.signal.throwIfAborted()
}
