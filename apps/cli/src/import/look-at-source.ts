import { type Layout, readSourceAt, SourceFault, type SourceItem } from '@semblance/import-sources'
import { lookProgress } from './look-progress.ts'

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

/**
 * Reads up to the first row, so that nothing is asked of a server for a source that cannot be read, or has none. Throws
 * `SourceFault`.
 */
export async function lookAtSource(path: string, { watch, ...reading }: Looking): Promise<LookedAt> {
  const { onLook, stop } = lookProgress()
  const items = readSourceAt(path, { ...reading, onLook, ...(watch ? { only: async () => false } : {}) })
  const { notes, first } = await firstOf(items).finally(stop)
  // A disk that is not mounted is an empty folder, and must not look like an import that is done.
  if (first.done === true && !watch) throw nothingIn(notes)
  return {
    items: withFirst([...notes, ...(first.done === true ? [] : [first.value])], items),
    close: async () => void (await items.return(undefined)),
  }
}

async function firstOf(items: AsyncGenerator<SourceItem>) {
  const notes: SourceItem[] = []
  let first = await items.next()
  while (first.done !== true && first.value.kind === 'note') {
    notes.push(first.value)
    first = await items.next()
  }
  return { notes, first }
}

function nothingIn(notes: readonly SourceItem[]): SourceFault {
  const told = notes.flatMap((note) => (note.kind === 'note' ? [`; ${note.message}`] : []))
  return new SourceFault('not-readable', `there is nothing in it to import${told.join('')}`)
}

async function* withFirst(
  first: readonly SourceItem[],
  rest: AsyncGenerator<SourceItem>,
): AsyncGenerator<SourceItem> {
  yield* first
  yield* rest
}
