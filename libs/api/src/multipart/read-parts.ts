import { createHash, type Hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import { UploadBuffer } from './upload-buffer.ts'

/** Ours: a thousand group ids and everything else that a form may hold. */
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

export interface ReadPartsOptions {
  readonly maxBytes: number
  readonly digests: boolean
}

export type PartsOutcome =
  | { readonly outcome: 'read'; readonly parts: readonly FormPart[] }
  | { readonly outcome: 'too-large' }
  | { readonly outcome: 'malformed'; readonly problem: string }
  /** The caller left, or was told already why not. */
  | { readonly outcome: 'aborted' }

const MALFORMED = { outcome: 'malformed', problem: 'is not a valid multipart form' } as const

/** Reads a `multipart/form-data` body as it comes, each byte into one place. What follows a refusal is thrown away. */
export async function readParts(req: IncomingMessage, options: ReadPartsOptions): Promise<PartsOutcome> {
  const announced = req.headers['content-length']
  const limit = announced === undefined ? options.maxBytes : Number(announced)
  const parser = limit > options.maxBytes ? null : openParser(req)
  const outcome =
    parser === null
      ? limit > options.maxBytes
        ? ({ outcome: 'too-large' } as const)
        : MALFORMED
      : await pipeThrough(req, parser, { ...options, maxBytes: limit })
  // Drained, so that the caller gets to read the answer.
  if (outcome.outcome !== 'read') req.resume()
  return outcome
}

type Parser = NonNullable<ReturnType<typeof openParser>>

/** Null without a boundary. Every part counts as a file, so that all come as bytes. */
function openParser({ headers }: IncomingMessage) {
  const limits = { parts: MAX_PARTS, headerPairs: MAX_PART_HEADERS, headerSize: MAX_PART_HEADER_BYTES }
  try {
    const contentType = headers['content-type'] ?? ''
    return new Busboy({ headers: { 'content-type': contentType }, limits, isPartAFile: () => true })
  } catch {
    return null
  }
}

async function pipeThrough(
  req: IncomingMessage,
  parser: Parser,
  options: ReadPartsOptions,
): Promise<PartsOutcome> {
  const { promise, resolve } = Promise.withResolvers<PartsOutcome>()
  collectParts(parser, options, resolve)
  let received = 0
  const count = (chunk: Buffer) => {
    received += chunk.byteLength
    if (received > options.maxBytes) resolve({ outcome: 'too-large' })
  }
  let silence: NodeJS.Timeout | undefined
  const onEnd = () => {
    req.off('close', onClose)
    silence = setTimeout(() => resolve(MALFORMED), SILENCE_MS)
  }
  const onClose = () => resolve({ outcome: 'aborted' })
  req.on('data', count).once('end', onEnd).once('close', onClose).pipe(parser)
  try {
    return await promise
  } finally {
    clearTimeout(silence)
    req.unpipe(parser).off('data', count).off('end', onEnd).off('close', onClose)
  }
}

interface OpenPart extends Omit<FormPart, 'bytes' | 'digest'> {
  /** Where its chunks lie; more than one only if parts came mixed up. */
  readonly pieces: { readonly start: number; end: number }[]
  readonly hash: Hash | null
}

function collectParts(
  parser: Parser,
  { maxBytes, digests }: ReadPartsOptions,
  end: (outcome: PartsOutcome) => void,
): void {
  const buffer = new UploadBuffer(maxBytes)
  const parts: OpenPart[] = []
  parser.on('file', (...[name, stream, filename, , contentType]) => {
    stream.on('error', () => end(MALFORMED))
    const hash = digests ? createHash('sha256') : null
    const part: OpenPart = { name, filename, contentType, pieces: [], hash }
    parts.push(part)
    if (typeof name !== 'string') end({ outcome: 'malformed', problem: 'has a part without a name' })
    collect(part, stream, buffer)
  })
  parser.on('partsLimit', () =>
    end({ outcome: 'malformed', problem: `has more than ${MAX_PARTS} parts in its form` }),
  )
  parser.on('error', () => end(MALFORMED))
  parser.on('finish', () => end({ outcome: 'read', parts: parts.map((part) => close(part, buffer)) }))
}

function collect({ pieces, hash }: OpenPart, stream: BusboyFileStream, buffer: UploadBuffer): void {
  stream.on('data', (chunk: Buffer) => {
    hash?.update(chunk)
    const start = buffer.append(chunk)
    const last = pieces.at(-1)
    if (last?.end === start) last.end += chunk.byteLength
    else pieces.push({ start, end: start + chunk.byteLength })
  })
}

function close({ name, filename, contentType, pieces, hash }: OpenPart, buffer: UploadBuffer): FormPart {
  const views = pieces.map(({ start, end }) => buffer.view(start, end))
  const [bytes = new Uint8Array()] = views.length < 2 ? views : [Buffer.concat(views)]
  return { name, filename, contentType, bytes, digest: hash?.digest('hex') ?? null }
}
