import { setImmediate as eventsDone } from 'node:timers/promises'
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import type { SourceBounds } from '../source-bounds.ts'
import { SourceFault } from '../source-fault.ts'

/** The limits are ours: a part has three headers at most, one of which has a path of 512 characters. */
const MAX_PART_HEADERS = 20
const MAX_PART_HEADER_BYTES = 4_096
/** The parser gets so many bytes at once; what it makes of them is held until it is read. */
const CHUNK_BYTES = 65_536
/** The parser falls silent after some malformed forms. It has all that it needs by then. */
const SILENCE_MS = 5_000

type Parser = InstanceType<typeof Busboy>

/** One part of a form as it comes. */
export interface FormPart {
  /** From 1, counting every part. */
  readonly position: number
  readonly name: string
  /** Undefined: a plain field. */
  readonly fileName: string | undefined
  readonly contentType: string
  readonly encoding: string
  readonly pieces: Buffer[]
  hasEnded: boolean
  /** Nobody reads on: what still comes is let go. */
  isDropped: boolean
}

/** Pulls the parts out of a form: the source is asked for more only when what came has been read. */
export class FormParts {
  readonly #source: AsyncGenerator<Buffer>
  readonly #parser: Parser
  readonly #waiting: FormPart[] = []
  readonly #failed = Promise.withResolvers<void>()
  readonly #finished = Promise.withResolvers<void>()
  #chunk: Buffer = Buffer.alloc(0)
  #count = 0
  #isEnding = false
  #isOver = false
  #fault: SourceFault | null = null

  /** Throws the fault `not-readable` if the content type names no boundary. */
  constructor(source: AsyncGenerator<Buffer>, contentType: string, bounds: SourceBounds) {
    this.#source = source
    this.#parser = openParser(contentType, bounds)
    this.#listen(bounds)
  }

  /** The next part; null at the end. Throws `SourceFault`, and what the source throws. */
  async next(): Promise<FormPart | null> {
    for (;;) {
      const part = this.#waiting.shift()
      if (part !== undefined) return part
      if (this.#fault !== null) throw this.#fault
      if (this.#isOver) return null
      await this.#pull()
    }
  }

  /** The bytes of a part that `next` gave last. Throws as `next` does. */
  async *contentsOf(part: FormPart): AsyncGenerator<Buffer> {
    for (;;) {
      const piece = part.pieces.shift()
      if (piece !== undefined) yield piece
      else if (part.hasEnded) return
      else if (this.#fault !== null) throw this.#fault
      else if (this.#isOver) throw truncated()
      else await this.#pull()
    }
  }

  close(): void {
    this.#parser.destroy()
  }

  async #pull(): Promise<void> {
    if (this.#chunk.length === 0) {
      const next = await this.#source.next()
      if (next.done === true) {
        // A whole part has said that it ended by then; the parser also says so of one that is cut off.
        await eventsDone()
        this.#isEnding = true
        this.#parser.end()
        await this.#answer(this.#finished.promise)
        this.#isOver = true
        return
      }
      this.#chunk = next.value
    }
    const piece = this.#chunk.subarray(0, CHUNK_BYTES)
    this.#chunk = this.#chunk.subarray(CHUNK_BYTES)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#parser.write(piece, () => resolve())
    await this.#answer(promise)
  }

  async #answer(answered: Promise<void>): Promise<void> {
    const silence = setTimeout(() => this.#fail(malformed()), SILENCE_MS)
    await Promise.race([answered, this.#failed.promise])
    clearTimeout(silence)
    // Parts that were whole before the fault say so first.
    if (this.#fault !== null) await eventsDone()
  }

  #fail(fault: SourceFault): void {
    this.#fault ??= fault
    this.#failed.resolve()
  }

  #listen({ entries }: SourceBounds): void {
    this.#parser.on('file', (...[name, stream, fileName, encoding, contentType]) => {
      this.#count += 1
      const part: FormPart = {
        position: this.#count,
        name: String(name),
        fileName,
        contentType,
        encoding,
        pieces: [],
        hasEnded: false,
        isDropped: false,
      }
      this.#waiting.push(part)
      this.#collect(part, stream)
    })
    this.#parser.on('partsLimit', () =>
      this.#fail(new SourceFault('too-large', `the form has more than ${entries} parts`)),
    )
    this.#parser.on('error', (error) => this.#fail(faultOf(error)))
    this.#parser.on('finish', () => this.#finished.resolve())
  }

  #collect(part: FormPart, stream: BusboyFileStream): void {
    let isBroken = false
    stream.on('data', (piece: Buffer) => {
      if (!part.isDropped) part.pieces.push(piece)
    })
    stream.on('end', () => {
      part.hasEnded = !isBroken && !this.#isEnding
    })
    stream.on('error', (error) => {
      isBroken = true
      this.#fail(faultOf(error))
    })
  }
}

/** Every part counts as a file, so that all come as bytes; folders stay in file names, which are judged later. */
function openParser(contentType: string, { entries }: SourceBounds): Parser {
  const limits = {
    parts: entries,
    headerPairs: MAX_PART_HEADERS,
    headerSize: MAX_PART_HEADER_BYTES,
    fileSize: Number.POSITIVE_INFINITY,
  }
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits,
      preservePath: true,
      isPartAFile: () => true,
    })
  } catch (cause) {
    throw new SourceFault('not-readable', 'it is a form whose Content-Type names no boundary', cause)
  }
}

function faultOf(error: unknown): SourceFault {
  return error instanceof Error && /unexpected end|terminated early/i.test(error.message)
    ? truncated(error)
    : malformed(error)
}

function truncated(cause?: unknown): SourceFault {
  return new SourceFault('truncated', 'the form ends before its last boundary', cause)
}

function malformed(cause?: unknown): SourceFault {
  return new SourceFault('damaged', 'it is not a valid multipart form', cause)
}
