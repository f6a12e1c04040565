import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import { problemAt } from '../fields/make-row.ts'
import type { SourceBounds } from '../source-bounds.ts'
import { SourceFault } from '../source-fault.ts'
import type { ArchiveFile, ArchiveItem } from './archive-item.ts'
import { judgePath } from './entry-path.ts'

/** The part with the rows, which stands for the manifest of an archive. */
const ROWS = 'rows'
const MAX_PART_HEADERS = 20
const MAX_PART_HEADER_BYTES = 4_096

interface Part {
  readonly name: string | undefined
  readonly stream: BusboyFileStream
  readonly filename: string | undefined
  readonly encoding: string
  readonly contentType: string
}

export function isForm(contentType: string | undefined): boolean {
  return /^\s*multipart\/form-data\s*(;|$)/i.test(contentType ?? '')
}

/**
 * The parts of a form as the files of an archive, while they come: first `rows`, as its manifest, then those that its rows
 * name. What of a part was not read is skipped. Throws `SourceFault`, and what the pieces throw.
 */
export async function* readFormParts(
  pieces: AsyncGenerator<Buffer>,
  { contentType, bounds }: { readonly contentType: string; readonly bounds: SourceBounds },
): AsyncGenerator<ArchiveItem> {
  const parts = new ComingParts(pieces, openParser(contentType))
  let position = 0
  try {
    for (let part = await parts.next(); part !== null; part = await parts.next()) {
      position += 1
      if (position > bounds.entries)
        throw new SourceFault('too-large', `the form has more than ${bounds.entries} parts`)
      if (position === 1 && part.name !== ROWS) throw noRows()
      const item = itemOf(part, { position, open: () => bytesOf(part.stream, parts.afterPart(position)) })
      if (item !== null) yield item
      part.stream.resume()
    }
    if (position === 0) throw noRows()
  } finally {
    parts.stop()
  }
}

function noRows(): SourceFault {
  return new SourceFault(
    'not-readable',
    `the first part of a form must be called ${ROWS}, with NDJSON or CSV; the files that its rows name come after it`,
  )
}

function openParser(contentType: string): InstanceType<typeof Busboy> {
  const limits = { headerPairs: MAX_PART_HEADERS, headerSize: MAX_PART_HEADER_BYTES }
  const options = { limits, isPartAFile: () => true, preservePath: true }
  try {
    return new Busboy({ headers: { 'content-type': contentType }, ...options })
  } catch (cause) {
    throw new SourceFault('not-readable', 'its Content-Type names no boundary between its parts', cause)
  }
}

/** The parser tells of parts as it comes upon them, and waits for their readers; this hands them out one by one. */
class ComingParts {
  readonly #coming: Part[] = []
  #count = 0
  readonly #stopping = new AbortController()
  #isEnded = false
  #fault: unknown = null
  #wake = () => {}

  constructor(pieces: AsyncGenerator<Buffer>, parser: InstanceType<typeof Busboy>) {
    const streams = new Set<BusboyFileStream>()
    parser.on('file', (...[name, stream, filename, encoding, contentType]) => {
      streams.add(stream)
      stream.once('close', () => streams.delete(stream))
      // Whoever reads the part hears of it; nobody may be reading it.
      stream.on('error', () => {})
      this.#count += 1
      this.#coming.push({ name, stream, filename, encoding, contentType })
      this.#wake()
    })
    const end = (fault: unknown) => {
      this.#isEnded = true
      this.#fault = fault
      if (fault !== null) for (const stream of streams) stream.destroy(fault as Error)
      this.#wake()
    }
    pipeline(Readable.from(pieces), parser, { signal: this.#stopping.signal }).then(
      () => end(null),
      (fault) => end(faultOf(fault)),
    )
  }

  /** Null once all have come. */
  async next(): Promise<Part | null> {
    for (;;) {
      const part = this.#coming.shift()
      if (part !== undefined) return part
      if (this.#fault !== null) throw this.#fault
      if (this.#isEnded) return null
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /**
   * Resolves once the part at this place, from 1, is known to have ended as it should: the parser ends the part in which a
   * body breaks off like any other, and tells of the fault later.
   */
  afterPart(position: number): () => Promise<void> {
    return async () => {
      while (this.#count <= position && !this.#isEnded)
        await new Promise<void>((resolve) => (this.#wake = resolve))
      if (this.#count <= position && this.#fault !== null) throw this.#fault
    }
  }

  stop(): void {
    this.#stopping.abort()
  }
}

/** The parser's own errors have no class: those of the body and of its sender pass through. */
function faultOf(fault: unknown): unknown {
  if (fault instanceof SourceFault || !(fault instanceof Error)) return fault
  if (/unexpected end/i.test(fault.message))
    return new SourceFault('truncated', 'the form ends within a part', fault)
  return /multipart|header/i.test(fault.message)
    ? new SourceFault('damaged', 'it is no valid multipart form', fault)
    : fault
}

/** Null for the files of systems. */
function itemOf(part: Part, { position, open }: Pick<ArchiveFile, 'position' | 'open'>): ArchiveItem | null {
  const { name, filename, encoding, contentType } = part
  const file = { kind: 'file', position, bytes: Number.NaN, open } as const
  if (position === 1) return { ...file, path: manifestOf({ filename, contentType }) }
  const judged = judgePath(Buffer.from(filename ?? name ?? ''))
  if (judged.kind === 'passed-over') return null
  const place = { unit: 'entry', position } as const
  if (judged.kind === 'refused') return problemAt(place, 'entry', judged.why)
  // RFC 7578, section 4.7, takes the encodings of mail out of forms; read as they are, they would be no pictures.
  if (!/^(7bit|8bit|binary)$/i.test(encoding))
    return problemAt(place, 'entry', 'has a Content-Transfer-Encoding; send its bytes as they are')
  return { ...file, path: judged.path } satisfies ArchiveFile
}

function manifestOf({ filename = '', contentType }: Pick<Part, 'filename' | 'contentType'>): string {
  return contentType === 'text/csv' || /\.csv$/i.test(filename) ? 'manifest.csv' : 'manifest.ndjson'
}

/** A stream that its reader leaves is not destroyed: the parser would wait for ever for somebody to take the rest. */
async function* bytesOf(stream: BusboyFileStream, untilSure: () => Promise<void>): AsyncGenerator<Buffer> {
  yield* (stream as Readable).iterator({ destroyOnReturn: false })
  await untilSure()
}
