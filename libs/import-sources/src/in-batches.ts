import type { SourceItem } from './source-row.ts'

export interface BatchSize {
  readonly items: number
  /** Bytes of pictures. */
  readonly bytes: number
}

/** Items in batches that are full by either measure. What came before a fault is given before the fault. */
export async function* inBatches(
  items: AsyncIterable<SourceItem>,
  size: BatchSize,
): AsyncGenerator<readonly SourceItem[]> {
  let batch: SourceItem[] = []
  let bytes = 0
  const source = items[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await source.next().catch((fault: unknown) => ({ fault }))
      if ('fault' in next) {
        if (batch.length > 0) yield batch
        throw next.fault
      }
      if (next.done === true) break
      batch.push(next.value)
      bytes += pictureBytes(next.value)
      if (batch.length < size.items && bytes < size.bytes) continue
      yield batch
      batch = []
      bytes = 0
    }
    if (batch.length > 0) yield batch
  } finally {
    await source.return?.()
  }
}

function pictureBytes(item: SourceItem): number {
  const picture = item.kind === 'row' ? item.picture : undefined
  return picture !== undefined && 'bytes' in picture ? picture.bytes.byteLength : 0
}
