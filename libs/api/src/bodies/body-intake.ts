import { turns } from '@semblance/core'
import type { Request, Response } from 'express'
import type { ApiConfig } from '../api-deps.ts'
import { type Reply, refuse } from '../endpoint/reply.ts'
import { sendReply } from '../endpoint/send-reply.ts'
import { ByteRoom, type Place } from './byte-room.ts'

/** Bodies up to this size have a room of their own, so that pictures never keep out the calls that bring none. */
const SMALL_BODY_BYTES = 65_536
const SMALL_BODIES_BYTES = 16_000_000
/** What a slow sender still sends is taken for so long; as nginx does (`lingering_timeout`). */
const LINGER_MS = 5_000

export type IntakeConfig = Pick<ApiConfig, 'maxBodyBytes' | 'maxBodiesBytes' | 'bodyTimeoutMs'>

export interface BodySink {
  /** Of the body; more is refused. */
  readonly maxBytes: number
  /** Takes what has come. A reply refuses the body, and nothing more is given. */
  readonly take: (chunk: Buffer) => Reply | null
  /** Bytes of memory that the body takes now. */
  readonly heldBytes: () => number
}

type Intake = 'read' | 'gone' | { readonly refused: Reply; readonly isSlow: boolean }

/**
 * Takes bodies in within limits of size, time and memory. A body has its place, by its announced length, before its first
 * byte is read, and until the answer is out; where there is none, it is refused at once. Read at most one buffer a
 * turn: however many bodies come in together, no turn of the event loop takes long.
 */
export class BodyIntake {
  readonly #config: IntakeConfig
  readonly #small: ByteRoom
  readonly #large: ByteRoom

  constructor(config: IntakeConfig, now: () => number = () => performance.now()) {
    this.#config = config
    this.#small = new ByteRoom(Math.min(SMALL_BODIES_BYTES, config.maxBodiesBytes), now)
    this.#large = new ByteRoom(config.maxBodiesBytes, now)
  }

  /** False if the body was refused, which is answered by then, or its sender left. */
  async receive(req: Request, res: Response, sink: BodySink): Promise<boolean> {
    const intake = await this.#read(req, res, sink)
    if (intake === 'read') return true
    if (intake !== 'gone') this.#answer(req, res, intake)
    return false
  }

  async #read(req: Request, res: Response, sink: BodySink): Promise<Intake> {
    const announced = announcedBytes(req)
    if (announced !== null && announced > sink.maxBytes) return { refused: tooLarge(), isSlow: false }
    const { promise, resolve } = Promise.withResolvers<Intake>()
    const putOut = () => resolve({ refused: tooSlow(this.#config), isSlow: true })
    const room = announced !== null && announced <= SMALL_BODY_BYTES ? this.#small : this.#large
    const place = room.take(announced ?? 0, putOut)
    if (place === null) return { refused: tooManyBodies(), isSlow: false }
    res.once('close', () => place.leave())
    if (waitsForLeave(req)) res.writeContinue()
    const late = setTimeout(putOut, this.#config.bodyTimeoutMs)
    const stop = pull(req, {
      take: takeInto(sink, { place, isAnnounced: announced !== null }, resolve),
      end: () => resolve('read'),
      gone: () => resolve('gone'),
    })
    try {
      const intake = await promise
      if (intake === 'read') {
        place.settle()
        place.resize(sink.heldBytes())
      } else place.leave()
      return intake
    } finally {
      clearTimeout(late)
      stop()
    }
  }

  #answer(req: Request, res: Response, { refused, isSlow }: Exclude<Intake, string>): void {
    const { bodyTimeoutMs } = this.#config
    throwAway(req, isSlow ? Math.min(LINGER_MS, bodyTimeoutMs) : bodyTimeoutMs)
    sendReply(res, refused)
  }
}

/**
 * What still comes, so that the sender gets to read the answer; then the connection ends. Without a `Connection: close`,
 * with which Node would end it at once: whoever still sends would get a reset in place of the answer.
 */
function throwAway(req: Request, forMs: number): void {
  // It came whole: no event will follow that would end the wait.
  if (req.readableEnded || req.destroyed) return
  const late = setTimeout(() => req.destroy(), forMs)
  const { socket } = req
  const end = () => {
    clearTimeout(late)
    socket.off('close', end)
  }
  // Node lets go of a request once its answer is out: when the sender leaves after that, only the socket closes.
  socket.once('close', end)
  pull(req, { take: () => {}, end, gone: end })
}

interface Taken {
  readonly place: Place
  readonly isAnnounced: boolean
}

function takeInto(
  sink: BodySink,
  { place, isAnnounced }: Taken,
  resolve: (intake: Intake) => void,
): (chunk: Buffer) => void {
  let received = 0
  return (chunk) => {
    received += chunk.byteLength
    place.move(chunk.byteLength)
    if (received > sink.maxBytes) return resolve({ refused: tooLarge(), isSlow: false })
    if (received > place.bytes && !place.resize(received))
      return resolve({ refused: tooManyBodies(), isSlow: false })
    const refused = sink.take(chunk)
    if (refused !== null) return resolve({ refused, isSlow: false })
    // Memory for a body of unknown length grows in steps, ahead of what has come.
    const held = isAnnounced ? 0 : sink.heldBytes()
    if (held > place.bytes && !place.resize(held)) resolve({ refused: tooManyBodies(), isSlow: false })
  }
}

interface Puller {
  readonly take: (chunk: Buffer) => void
  readonly end: () => void
  readonly gone: () => void
}

/**
 * Reads one buffer in a turn and stops the socket until then: a stream that flows would bring two megabytes of every
 * connection in one turn. Says how to stop.
 */
function pull(req: Request, { take, end, gone }: Puller): () => void {
  let isStopped = false
  let isWaiting = false
  const read = () => {
    isWaiting = false
    if (isStopped) return
    const chunk: Buffer | null = req.read()
    if (chunk !== null) take(chunk)
  }
  const onReadable = () => {
    if (isWaiting) return
    isWaiting = true
    turns.run(read)
  }
  req.on('readable', onReadable).once('end', end).once('close', gone).once('error', gone)
  return () => {
    isStopped = true
    req.off('readable', onReadable).off('end', end).off('close', gone)
  }
}

/** Its sender holds the body back until we want it (RFC 9110, section 10.1.1). */
function waitsForLeave({ headers, httpVersion }: Request): boolean {
  return httpVersion === '1.1' && headers.expect?.toLowerCase() === '100-continue'
}

/** Null if it comes in chunks of any number. */
function announcedBytes({ headers }: Request): number | null {
  if (headers['transfer-encoding'] !== undefined) return null
  return Number(headers['content-length'] ?? 0)
}

function tooLarge(): Reply {
  return refuse('BodyTooLarge', 'the body is too large')
}

function tooSlow({ bodyTimeoutMs }: IntakeConfig): Reply {
  return refuse(
    'RequestTimeout',
    `the body took longer than ${bodyTimeoutMs / 1000} s, or came too slowly while others waited`,
  )
}

function tooManyBodies(): Reply {
  const reply = refuse('E_OVERLOADED', 'too many pictures are coming in at once; try again later')
  return { ...reply, headers: { 'Retry-After': '1' } }
}
