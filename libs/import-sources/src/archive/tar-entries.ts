import type { Extract } from 'tar-stream'
import { EXPORT_HEAD } from '../export/export-layout.ts'
import { problemAt } from '../fields/make-row.ts'
import type { SourceBounds } from '../source-bounds.ts'
import { SourceFault } from '../source-fault.ts'
import type { ArchiveItem } from './archive-item.ts'
import { type JudgedPath, judgePath } from './entry-path.ts'
import { boundedExtract } from './tar-headers.ts'

const BLOCK_BYTES = 512

/** Its types leave these out. Names are read byte by byte; a tar of the old kind, before `ustar`, is one, too. */
const UNTYPED_OPTIONS = { filenameEncoding: 'latin1', allowUnknownFormat: true }
/** Bytes that may wait for tar-stream. */
const WAITING_BYTES = 65_536

type Entry = Extract extends AsyncIterable<infer Each> ? Each : never

/** As tar-stream has it; its types leave out where the contents begin, kinds that it does not know, and fields of pax. */
interface Header extends Omit<Entry['header'], 'type' | 'pax'> {
  readonly byteOffset?: number
  readonly type: string | null
  readonly pax?: Readonly<Record<string, string>> | null
}

/**
 * The files of a tar in its order, and problems for entries that are refused; folders and files of systems are passed
 * over. What of a file was not read is skipped. Throws `SourceFault`, and what the pieces throw.
 */
export async function* readTarEntries(
  pieces: AsyncGenerator<Buffer>,
  bounds: SourceBounds,
): AsyncGenerator<ArchiveItem> {
  const unpacking = boundedExtract({ highWaterMark: WAITING_BYTES, ...UNTYPED_OPTIONS })
  const feeding = new TarFeeding(pieces, unpacking)
  feeding.start()
  let position = 0
  let end = 0
  let most = bounds.entries
  try {
    for await (const entry of unpacking) {
      position += 1
      if (position === 1 && entry.header.name === EXPORT_HEAD) most = bounds.exportEntries
      if (position > most) throw new SourceFault('too-large', `the archive has more than ${most} entries`)
      end = endOf(headerOf(entry))
      const item = itemOf(entry, { position, feeding })
      if (item !== null) yield item
      entry.resume()
    }
    feeding.requireEnd(end)
  } catch (error) {
    throw feeding.faultOf(error)
  } finally {
    unpacking.destroy()
  }
}

function endOf({ type, size: bytes, byteOffset }: Header): number {
  const size = type === 'directory' ? 0 : bytes
  return (byteOffset ?? 0) + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES
}

function headerOf(entry: Entry): Header {
  return entry.header as Header
}

function itemOf(
  entry: Entry,
  { position, feeding }: { readonly position: number; readonly feeding: TarFeeding },
): ArchiveItem | null {
  const header = headerOf(entry)
  const place = { unit: 'entry', position } as const
  const judged = judgeName(header)
  switch (judged.kind) {
    case 'passed-over':
      return null
    case 'refused':
      return problemAt(place, 'entry', judged.why)
    case 'path': {
      if (header.type === 'directory') return null
      const { path } = judged
      if (header.type !== 'file' && header.type !== 'contiguous-file') {
        return problemAt(
          { ...place, key: path },
          'entry',
          `is ${KINDS[header.type ?? ''] ?? 'of an unknown kind'}`,
        )
      }
      return { kind: 'file', position, path, bytes: header.size, open: () => feeding.contentsOf(entry) }
    }
  }
}

const KINDS: Readonly<Record<string, string>> = {
  link: 'a link to another entry',
  symlink: 'a symbolic link',
  'character-device': 'a device',
  'block-device': 'a device',
  fifo: 'a pipe',
}

/** Names in headers are read byte by byte, those in extended headers as UTF-8 by tar-stream. */
function judgeName(header: Header): JudgedPath {
  const pax = header.pax ?? {}
  if (pax.path === undefined) return judgePath(Buffer.from(header.name, 'latin1'))
  return pax.path.includes('\uFFFD')
    ? { kind: 'refused', why: 'has a name that is not UTF-8' }
    : judgePath(Buffer.from(pax.path))
}

/** Brings the pieces to tar-stream, and remembers what tar-stream does not. */
class TarFeeding {
  readonly #pieces: AsyncGenerator<Buffer>
  readonly #unpacking: Extract
  /** The pieces failed: that counts, and not what tar-stream makes of it. */
  #failure: { readonly error: unknown } | null = null
  /** What ended tar-stream: an entry that is read later says no more than that it was destroyed. */
  #ending: Error | null = null
  #bytes = 0
  /** Zeros at the end of what has come. */
  #zeros = 0

  constructor(pieces: AsyncGenerator<Buffer>, unpacking: Extract) {
    this.#pieces = pieces
    this.#unpacking = unpacking
    unpacking.on('error', (error: Error) => {
      this.#ending = error
    })
  }

  start(): void {
    this.#feed().catch((error: unknown) => {
      this.#failure = { error }
      this.#unpacking.destroy(error instanceof Error ? error : new Error('aborted'))
    })
  }

  /** A tar ends in zeros; without them it may have been cut off between two entries. Many programs write one block only. */
  requireEnd(endOfLast: number): void {
    if (this.#zeros >= BLOCK_BYTES && this.#bytes - endOfLast >= BLOCK_BYTES) return
    throw new SourceFault('truncated', 'the tar has no end mark')
  }

  async *contentsOf(entry: Entry): AsyncGenerator<Buffer> {
    try {
      yield* entry as AsyncIterable<Buffer>
    } catch (error) {
      throw this.faultOf(error)
    }
  }

  faultOf(given: unknown): unknown {
    if (this.#failure !== null) return this.#failure.error
    const error = given instanceof SourceFault ? given : (this.#ending ?? given)
    if (error instanceof SourceFault || !(error instanceof Error)) return error
    if (error.message === 'Unexpected end of data') {
      return new SourceFault('truncated', 'the tar ends in the middle of an entry', error)
    }
    return /header/i.test(error.message)
      ? new SourceFault('damaged', 'the tar has a header that is none', error)
      : error
  }

  async #feed(): Promise<void> {
    for await (const piece of this.#pieces) {
      if (this.#unpacking.destroyed) return
      this.#count(piece)
      if (!this.#unpacking.write(piece) && !this.#unpacking.destroyed) await this.#drained()
    }
    this.#unpacking.end(null)
  }

  #count(piece: Buffer): void {
    this.#bytes += piece.length
    let zeros = 0
    while (zeros < piece.length && piece[piece.length - 1 - zeros] === 0) zeros += 1
    this.#zeros = zeros === piece.length ? this.#zeros + zeros : zeros
  }

  #drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#unpacking.once('drain', resolve)
    this.#unpacking.once('close', resolve)
    return promise.finally(() => {
      this.#unpacking.removeListener('drain', resolve)
      this.#unpacking.removeListener('close', resolve)
    })
  }
}
