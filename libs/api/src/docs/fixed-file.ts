import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { RequestContext } from '../endpoint/endpoint.ts'
import { isListed } from '../endpoint/entity-tag.ts'
import type { Reply } from '../endpoint/reply.ts'

const packGzip = promisify<Uint8Array, object, Buffer>(gzip)
const packBrotli = promisify<Uint8Array, object, Buffer>(brotliCompress)
/**
 * The level of brotli, 0 to 11: it takes a second for the largest file; the last levels take several for a few
 * percent.
 */
const BROTLI_QUALITY = 9

/** Pictures and fonts are packed already: once more costs time and saves nothing. */
const IS_TEXT = /^(text\/|application\/(json|manifest\+json)|image\/svg)/

interface Encoded {
  readonly encoding: 'br' | 'gzip' | 'identity'
  readonly bytes: Uint8Array
}

/** A file that never changes while the process lives: kept once in each encoding, and sent to everybody from there. */
export class FixedFile {
  readonly #contentType: string
  readonly #read: () => Promise<Uint8Array> | Uint8Array
  readonly #headers: Readonly<Record<string, string>>
  #loaded: Promise<{ readonly etag: string; readonly all: readonly Encoded[] }> | null = null

  /**
   * @param read called once, at the first request
   * @param headers of every answer; without a `Cache-Control` among them, a copy must be asked about before each use
   */
  constructor(
    contentType: string,
    read: () => Promise<Uint8Array> | Uint8Array,
    headers: Readonly<Record<string, string>>,
  ) {
    this.#contentType = contentType
    this.#read = read
    this.#headers = headers
  }

  /** Of every answer, but for those that say how a copy is kept. */
  get headers(): Readonly<Record<string, string>> {
    return this.#headers
  }

  async reply({ ifNoneMatch, acceptEncoding }: RequestContext): Promise<Reply> {
    this.#loaded ??= this.#load()
    // A file that could not be read may be read the next time.
    this.#loaded.catch(() => {
      this.#loaded = null
    })
    const { etag, all } = await this.#loaded
    const { encoding, bytes } = all.find((each) => isAccepted(each.encoding, acceptEncoding)) ?? last(all)
    const tag = `"${etag}-${encoding}"`
    const headers = { 'Cache-Control': 'no-cache', ...this.#headers, ETag: tag, Vary: 'Accept-Encoding' }
    if (isListed(ifNoneMatch, tag)) return { status: 304, headers, body: { kind: 'none' } }
    const body = { kind: 'bytes', contentType: this.#contentType, bytes, isShared: true } as const
    const encoded = encoding === 'identity' ? headers : { ...headers, 'Content-Encoding': encoding }
    return { status: 200, headers: encoded, body }
  }

  async #load() {
    const bytes = await this.#read()
    const etag = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
    const identity = { encoding: 'identity', bytes } as const
    if (!IS_TEXT.test(this.#contentType)) return { etag, all: [identity] }
    const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY }
    const [br, gz] = await Promise.all([packBrotli(bytes, { params }), packGzip(bytes, { level: 9 })])
    const all: readonly Encoded[] = [{ encoding: 'br', bytes: br }, { encoding: 'gzip', bytes: gz }, identity]
    return { etag, all }
  }
}

function last(all: readonly Encoded[]): Encoded {
  return all.at(-1) as Encoded
}

/** Whether the Accept-Encoding header takes the encoding; `identity` is always taken. */
function isAccepted(encoding: Encoded['encoding'], accept: string): boolean {
  if (encoding === 'identity') return true
  for (const part of accept.toLowerCase().split(',')) {
    const [name, quality] = part.split(';').map((text) => text.trim())
    if (name === encoding) return !/^q=0(\.0*)?$/.test(quality ?? '')
  }
  return false
}
