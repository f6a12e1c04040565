import type { SourceItem } from './source-row.ts'

export interface BatchSize {
  readonly items: number
  /** The first batch has so many, and each further one twice as many, up to `items`; left out: all have `items`. */
  readonly firstItems?: number
  /** Bytes of pictures. */
  readonly bytes: number
  /** A batch with fewer items is given so long after its first one came; left out: it waits for more. */
  readonly waitMs?: number
}

/** Items in batches that are full by number or bytes, or have waited long enough. What came before a fault is given before the fault. */
export async function* inBatches(
  items: AsyncIterable<SourceItem>,
  size: BatchSize,
): AsyncGenerator<readonly SourceItem[]> {
  let batch: SourceItem[] = []
  let bytes = 0
  let most = Math.min(size.firstItems ?? size.items, size.items)
  const source = items[Symbol.asyncIterator]()
  let late: Late | null = null
  try {
    for (;;) {
      const coming = source.next().catch((fault: unknown) => ({ fault }))
      if (late !== null && (await Promise.race([coming, late.passed])) === LATE) {
        yield batch
        batch = []
        bytes = 0
        late = null
      }
      const next = await coming
      if ('fault' in next) {
        if (batch.length > 0) yield batch
        throw next.fault
      }
      if (next.done === true) break
      batch.push(next.value)
      bytes += pictureBytes(next.value)
      late ??= lateAfter(size.waitMs)
      if (batch.length < most && bytes < size.bytes) continue
      most = Math.min(most * 2, size.items)
      late?.clear()
      late = null
      yield batch
      batch = []
      bytes = 0
    }
    if (batch.length > 0) yield batch
  } finally {
    late?.clear()
    await source.return?.()
  }
}

const LATE = Symbol('a batch has waited long enough')

interface Late {
  readonly passed: Promise<typeof LATE>
  clear(): void
}

function lateAfter(ms: number | undefined): Late | null {
  if (ms === undefined) return null
  const { promise, resolve } = Promise.withResolvers<typeof LATE>()
  const timer = setTimeout(() => resolve(LATE), ms)
  return { passed: promise, clear: () => clearTimeout(timer) }
}

function pictureBytes(item: SourceItem): number {
  const picture = item.kind === 'row' ? item.picture : undefined
  return picture !== undefined && 'bytes' in picture ? picture.bytes.byteLength : 0
}
