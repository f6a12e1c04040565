import { setImmediate as eventsDone } from 'node:timers/promises'
import { MIMEType } from 'node:util'
import { Dicer } from '@fastify/busboy'
import type { SourceBounds } from '../source-bounds.ts'
import { SourceFault } from '../source-fault.ts'
import { type PartHeaders, readPartHeaders } from './part-headers.ts'

/** The limits are ours: a part has three headers at most, one of which has a path of 512 characters. */
const MAX_PART_HEADERS = 20
const MAX_PART_HEADER_BYTES = 4_096
/** The parser answers at once. No form is known on which it does not; one would hold a request for no more than this. */
const SILENCE_MS = 5_000

/** One part of a form as it comes. */
export interface FormPart {
  /** From 1, counting every part. */
  readonly position: number
  /** Null: they are damaged, or tell no name. */
  readonly headers: PartHeaders | null
  readonly pieces: Buffer[]
  hasEnded: boolean
  /** Nobody reads on: what still comes is let go. */
  isDropped: boolean
}

/**
 * Pulls the parts out of a form: the source is asked for more only when what came has been read. The parser below Busboy is
 * used, because Busboy passes over parts with damaged headers and says nothing.
 */
export class FormParts {
  readonly #source: AsyncGenerator<Buffer>
  readonly #parser: Dicer
  readonly #waiting: FormPart[] = []
  readonly #failed = Promise.withResolvers<void>()
  #count = 0
  #isEnding = false
  #isOver = false
  #fault: SourceFault | null = null

  /** Pieces of the source are held until they are read. Throws the fault `not-readable` if the content type names no boundary. */
  constructor(source: AsyncGenerator<Buffer>, contentType: string, { entries }: SourceBounds) {
    this.#source = source
    this.#parser = openParser(contentType)
    this.#parser.on('error', (error: unknown) => this.#fail(faultOf(error)))
    this.#parser.on('part', (stream) => {
      this.#count += 1
      if (this.#count > entries) {
        this.#fail(new SourceFault('too-large', `the form has more than ${entries} parts`))
      }
      this.#collect(stream, this.#count)
    })
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
    const next = await this.#source.next()
    const { promise, resolve } = Promise.withResolvers<void>()
    if (next.done === true) {
      // A whole part has said that it ended by then; the parser also says so of one that is cut off.
      await eventsDone()
      this.#isEnding = true
      this.#parser.end(resolve)
    } else {
      this.#parser.write(next.value, () => resolve())
    }
    const silence = setTimeout(() => this.#fail(malformed()), SILENCE_MS)
    await Promise.race([promise, this.#failed.promise])
    clearTimeout(silence)
    // The parser tells of an early end after it ended, and whole parts say that they ended before a fault counts.
    if (next.done === true || this.#fault !== null) await eventsDone()
    this.#isOver = next.done === true
  }

  #fail(fault: SourceFault): void {
    this.#fault ??= fault
    this.#failed.resolve()
  }

  #collect(stream: Dicer.PartStream, position: number): void {
    let part: FormPart | null = null
    let isBroken = false
    const begin = (headers: PartHeaders | null) => {
      part = { position, headers, pieces: [], hasEnded: false, isDropped: false }
      // What comes after a fault, such as one part too many, is not taken.
      if (this.#fault === null) this.#waiting.push(part)
      return part
    }
    stream.on('header', (headers) => begin(readPartHeaders(headers as Record<string, string[]>)))
    stream.on('data', (piece: Buffer) => {
      if (part !== null && !part.isDropped) part.pieces.push(piece)
    })
    stream.on('error', (error) => {
      isBroken = true
      this.#fail(faultOf(error))
    })
    stream.on('end', () => {
      if (isBroken || this.#isEnding) return
      // Headers that do not end before the next part are never told.
      const ended = part ?? begin(null)
      ended.hasEnded = true
    })
  }
}

function openParser(contentType: string): Dicer {
  const boundary = boundaryOf(contentType)
  if (boundary === null) {
    throw new SourceFault('not-readable', 'it is a form whose Content-Type names no boundary')
  }
  const limits = { maxHeaderPairs: MAX_PART_HEADERS, maxHeaderSize: MAX_PART_HEADER_BYTES }
  return new Dicer({ boundary, ...limits })
}

function boundaryOf(contentType: string): string | null {
  try {
    return new MIMEType(contentType).params.get('boundary') || null
  } catch {
    return null
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
