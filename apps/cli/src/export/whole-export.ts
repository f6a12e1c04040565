import { z } from 'zod'
import { EXIT } from '../command/exit-codes.ts'
import { CommandFault } from '../server/command-fault.ts'

export type ExportFormat = 'ndjson' | 'tar'

/** What is known of an export once it is written. */
export interface Exported {
  bytes: number
  /** Null for a tar, which has no line that tells. */
  counts: { readonly groups: number; readonly persons: number; readonly images: number } | null
}

/** The end line of an export and its newline are far shorter; a tar ends with so many zeros. */
const TAIL_BYTES = 1024

const endLine = z.object({
  type: z.literal('end'),
  groups: z.number(),
  persons: z.number(),
  images: z.number(),
})

/** Passes the pieces on, and notes what they are. Throws if the end that each format has is not there: it was cut off. */
export async function* wholeExport(
  pieces: AsyncIterable<Uint8Array>,
  format: ExportFormat,
  exported: Exported,
): AsyncGenerator<Uint8Array> {
  let tail = Buffer.alloc(0)
  for await (const piece of pieces) {
    tail = Buffer.concat([tail, piece.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES)
    exported.bytes += piece.byteLength
    yield piece
  }
  if (format === 'tar') {
    if (tail.length < TAIL_BYTES || tail.some((byte) => byte !== 0)) throw cutOff()
    return
  }
  const end = endOf(tail.toString())
  if (end === null) throw cutOff()
  exported.counts = { groups: end.groups, persons: end.persons, images: end.images }
}

function cutOff(): CommandFault {
  return new CommandFault('the export was cut off, and is not whole', EXIT.noServer)
}

function endOf(tail: string): z.infer<typeof endLine> | null {
  if (!tail.endsWith('\n')) return null
  try {
    return endLine.safeParse(JSON.parse(tail.trimEnd().split('\n').at(-1) ?? '')).data ?? null
  } catch {
    return null
  }
}
