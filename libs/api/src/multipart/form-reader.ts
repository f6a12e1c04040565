import { createHash, type Hash } from 'node:crypto'
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import { UploadBuffer } from './upload-buffer.ts'

/** The limit is ours: a thousand group ids and everything else that a form may hold. */
const MAX_PARTS = 1_100
const MAX_PART_HEADERS = 20
const MAX_PART_HEADER_BYTES = 4_096
/** The parser has seen the whole body by then. It is not known to fall silent, but a caller would wait for ever. */
const SILENCE_MS = 5_000

export interface FormPart {
  readonly name: string
  /** Undefined: a plain field. */
  readonly filename: string | undefined
  /** `text/plain` if the part names none. */
  readonly contentType: string
  /** A view of the request's one buffer. */
  readonly bytes: Uint8Array
  /** SHA-256 of the bytes; null unless asked for. */
  readonly digest: string | null
}

export interface FormReaderOptions {
  readonly contentType: string
  /** The length of the body, as announced or else as allowed. */
  readonly maxBytes: number
  readonly digests: boolean
}

export type Form =
  | { readonly outcome: 'read'; readonly parts: readonly FormPart[] }
  /** The problem in words that follow "the body". */
  | { readonly outcome: 'malformed'; readonly problem: string }

const MALFORMED = { outcome: 'malformed', problem: 'is not a valid multipart form' } as const
const NO_BOUNDARY = {
  outcome: 'malformed',
  problem:
    'is a form whose Content-Type names no boundary between its parts; the HTTP library sets that header by itself',
} as const

interface OpenPart extends Omit<FormPart, 'bytes' | 'digest'> {
  /** The places of its chunks; there is more than one only if parts came mixed up. */
  readonly pieces: { readonly start: number; end: number }[]
  readonly hash: Hash | null
}

/** Reads a `multipart/form-data` body as it comes, each byte into one place. */
export class FormReader {
  readonly #parser: InstanceType<typeof Busboy> | null
  readonly #buffer: UploadBuffer
  readonly #parts: OpenPart[] = []
  readonly #digests: boolean
  readonly #finished = Promise.withResolvers<void>()
  #problem: Exclude<Form, { outcome: 'read' }> | null = null

  constructor({ contentType, maxBytes, digests }: FormReaderOptions) {
    this.#buffer = new UploadBuffer(maxBytes)
    this.#digests = digests
    this.#parser = openParser(contentType)
    if (this.#parser === null) this.#problem = /;\s*boundary=/i.test(contentType) ? MALFORMED : NO_BOUNDARY
    else this.#listen(this.#parser)
  }

  /** Bytes of memory that this body takes. */
  get heldBytes(): number {
    return this.#buffer.capacity
  }

  /** Null, or why the rest need not come. */
  push(chunk: Buffer): Exclude<Form, { outcome: 'read' }> | null {
    if (this.#problem === null) this.#parser?.write(chunk)
    return this.#problem
  }

  async end(): Promise<Form> {
    if (this.#problem !== null) return this.#problem
    const silence = setTimeout(() => this.#fail(MALFORMED), SILENCE_MS)
    this.#parser?.end()
    await this.#finished.promise
    clearTimeout(silence)
    return this.#problem ?? { outcome: 'read', parts: this.#parts.map((part) => this.#close(part)) }
  }

  #fail(problem: Exclude<Form, { outcome: 'read' }>): void {
    this.#problem ??= problem
    this.#finished.resolve()
  }

  #listen(parser: InstanceType<typeof Busboy>): void {
    parser.on('file', (...[name, stream, filename, encoding, contentType]) => {
      stream.on('error', () => this.#fail(MALFORMED))
      const hash = this.#digests ? createHash('sha256') : null
      const part: OpenPart = { name, filename, contentType, pieces: [], hash }
      this.#parts.push(part)
      const problem = problemOf(name, encoding)
      if (problem !== null) this.#fail({ outcome: 'malformed', problem })
      this.#collect(part, stream)
    })
    parser.on('partsLimit', () =>
      this.#fail({ outcome: 'malformed', problem: `has more than ${MAX_PARTS} parts in its form` }),
    )
    parser.on('error', () => this.#fail(MALFORMED))
    parser.on('finish', () => this.#finished.resolve())
  }

  #collect({ pieces, hash }: OpenPart, stream: BusboyFileStream): void {
    stream.on('data', (chunk: Buffer) => {
      hash?.update(chunk)
      const start = this.#buffer.append(chunk)
      const last = pieces.at(-1)
      if (last?.end === start) last.end += chunk.byteLength
      else pieces.push({ start, end: start + chunk.byteLength })
    })
  }

  #close({ name, filename, contentType, pieces, hash }: OpenPart): FormPart {
    const views = pieces.map(({ start, end }) => this.#buffer.view(start, end))
    const [bytes = new Uint8Array()] = views.length < 2 ? views : [Buffer.concat(views)]
    return { name, filename, contentType, bytes, digest: hash?.digest('hex') ?? null }
  }
}

/** Null without a boundary. Every part counts as a file, so that all come as bytes. */
function openParser(contentType: string): InstanceType<typeof Busboy> | null {
  const limits = { parts: MAX_PARTS, headerPairs: MAX_PART_HEADERS, headerSize: MAX_PART_HEADER_BYTES }
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits, isPartAFile: () => true })
  } catch {
    return null
  }
}

/** RFC 7578, section 4.7, takes the encodings of mail out of forms; read as they are, they would be no pictures. */
function problemOf(name: unknown, encoding: string): string | null {
  if (typeof name !== 'string') return 'has a part without a name'
  if (/^(7bit|8bit|binary)$/i.test(encoding)) return null
  return `has a part with Content-Transfer-Encoding: ${/^[\w-]{1,32}$/.test(encoding) ? encoding : 'unknown'}; send its bytes as they are`
}
