import { SourceFault, type SourceFaultCode } from '../source-fault.ts'
import type { SourceItem, SourceRow } from '../source-row.ts'

/** In pieces of these lengths, over and over; whole if there are none. */
export async function* inPieces(
  bytes: Uint8Array,
  lengths: readonly number[] = [],
): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths.length === 0 ? bytes.length : (lengths[turn % lengths.length] ?? 1)
    yield bytes.subarray(at, at + length)
    at += length
  }
}

/** What was read, and the fault that ended it. Any other error is thrown. */
export async function readAll(items: AsyncIterable<SourceItem>): Promise<{
  readonly items: readonly SourceItem[]
  readonly rows: readonly SourceRow[]
  readonly fault: SourceFaultCode | null
  readonly message: string | null
}> {
  const read: SourceItem[] = []
  let fault: SourceFault | null = null
  try {
    for await (const item of items) read.push(item)
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error
    fault = error
  }
  const rows = read.filter((item) => item.kind === 'row')
  return { items: read, rows, fault: fault?.code ?? null, message: fault?.message ?? null }
}
