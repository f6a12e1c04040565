import { type Layout, readSourceAt, type SourceItem } from '@semblance/import-sources'

export interface LookedAt {
  /** All items of the source; to be read once. */
  readonly items: AsyncIterable<SourceItem>
  /** Lets go of the source, wherever reading stands. */
  close(): Promise<void>
}

export interface Looking {
  readonly layout: Layout
  readonly encoding: 'utf-8' | 'windows-1252'
  /** Files are taken later, as they come: now it is only seen whether they can be. */
  readonly watch: boolean
  readonly signal: AbortSignal
}

/** Reads up to the first item, so that nothing is asked of a server for a source that cannot be read. Throws `SourceFault`. */
export async function lookAtSource(path: string, { watch, ...reading }: Looking): Promise<LookedAt> {
  const items = readSourceAt(path, { ...reading, ...(watch ? { only: async () => false } : {}) })
  const first = await items.next()
  return {
    items: withFirst(first, items),
    close: async () => void (await items.return(undefined)),
  }
}

async function* withFirst(
  first: IteratorResult<SourceItem, void>,
  rest: AsyncGenerator<SourceItem>,
): AsyncGenerator<SourceItem> {
  if (first.done === true) return
  yield first.value
  yield* rest
}
