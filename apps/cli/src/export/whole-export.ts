import { z } from 'zod'
import { EXIT } from '../command/exit-codes.ts'
import { CommandFault } from '../server/command-fault.ts'

export interface ExportCounts {
  groups: number
  persons: number
  images: number
}

/** The end line of an export and its newline are far shorter. */
const TAIL_BYTES = 4096

const endLine = z.object({
  type: z.literal('end'),
  groups: z.number(),
  persons: z.number(),
  images: z.number(),
})

/** Passes the pieces on, and notes the counts of the last line. Throws if there is none: the answer was cut. */
export async function* wholeExport(
  pieces: AsyncIterable<Uint8Array>,
  counts: ExportCounts,
): AsyncGenerator<Uint8Array> {
  let tail = Buffer.alloc(0)
  for await (const piece of pieces) {
    tail = Buffer.concat([tail, piece]).subarray(-TAIL_BYTES)
    yield piece
  }
  const end = endOf(tail.toString())
  if (end === null) throw new CommandFault('the export was cut off; nothing of it is kept', EXIT.noServer)
  Object.assign(counts, { groups: end.groups, persons: end.persons, images: end.images })
}

function endOf(tail: string): z.infer<typeof endLine> | null {
  if (!tail.endsWith('\n')) return null
  try {
    return endLine.safeParse(JSON.parse(tail.trimEnd().split('\n').at(-1) ?? '')).data ?? null
  } catch {
    return null
  }
}
