import { LinkBreak, type LinkStreams } from '@semblance/core'

export interface StreamedFile {
  bytes: Uint8Array
  /** Null: nobody tells versions apart. */
  version?: string | null
  contentType?: string
  /** The bytes after which they stop coming. */
  breaksAt?: number
  breaksBy?: LinkBreak['reason']
}

export const noStreams: LinkStreams = {
  open: async () => ({ outcome: 'refused', reason: 'address-not-allowed' }),
  close: async () => {},
}

/** Files behind links, and which links were opened. */
export function linkStreamsOf(files: Readonly<Record<string, StreamedFile>>) {
  const opened: string[] = []
  const open: LinkStreams['open'] = async (link) => {
    opened.push(link)
    const file = files[link]
    if (file === undefined) return { outcome: 'refused', reason: 'bad-status' }
    const { version = '"1"', contentType } = file
    return { outcome: 'opened', bytes: piecesOf(file), version, contentType, close: async () => {} }
  }
  return { opened, open, close: async () => {} }
}

const PIECE_BYTES = 4_096

async function* piecesOf({ bytes, breaksAt, breaksBy = 'unreachable' }: StreamedFile) {
  const end = breaksAt ?? bytes.byteLength
  for (let at = 0; at < end; at += PIECE_BYTES) yield bytes.subarray(at, Math.min(at + PIECE_BYTES, end))
  if (breaksAt !== undefined) throw new LinkBreak(breaksBy)
}
