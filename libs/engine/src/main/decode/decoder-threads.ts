import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { Slots, shuttingDown } from '@semblance/core'
import {
  type DecoderAnswer,
  type DecoderOrder,
  type DecoderSettings,
  heicModuleIn,
} from '../../messages/decoder-order.ts'
import type { RawPicture } from '../../messages/raw-picture.ts'

export interface DecoderThreadsOptions {
  /** Pictures decoded at a time; the others wait in the order in which they came. */
  readonly size: number
  /** The time of one picture. When it is over, its thread is ended and the picture counts as broken. */
  readonly timeoutMs: number
  /** Folder of an installed libheif-js; without it no HEIC is read. */
  readonly heicDecoder?: string | undefined
  readonly startThread?: () => Worker
}

/** This file's own ending tells whether we run from the sources or from a build. */
const ENTRY = new URL(
  `../../decoder-thread/decoder-thread${extname(fileURLToPath(import.meta.url))}`,
  import.meta.url,
)

/** The size of a thread's own heap: no decoder needs much besides the pixels, which lie outside it. */
const HEAP_MB = 128

/** A thread that decoded more has grown by more than it should keep. */
const KEPT_PIXELS = 4_000_000

/** Starting a thread takes some 50 ms, which not every picture of a series should pay. */
const IDLE_MS = 10_000

/**
 * The time for what a picture's weight did not tell. libvips looks at it between lines; what it unfolds in one go
 * (AVIF, GIF, WebP, interlaced PNG, scans of JPEG) ends by itself, since the weight bounds it.
 */
export const DECODE_SECONDS = 20
/** Each may need a gigabyte for a large picture, and few pictures come in these formats. */
const THREADS = 2

/** Throws a TypeError if there is no libheif-js in the folder given for it. */
export function openDecoderThreads(heicDecoder?: string): DecoderThreads {
  if (heicDecoder !== undefined && !existsSync(heicModuleIn(heicDecoder)))
    throw new TypeError(`no HEIC decoder (libheif-js) in ${heicDecoder}`)
  return new DecoderThreads({ size: THREADS, timeoutMs: DECODE_SECONDS * 1000, heicDecoder })
}

/**
 * Threads for decoders that hostile bytes may hang or crash: whatever happens there ends with the thread and is the
 * picture's fault. Threads are started on demand, and ended after a large picture, a broken one, or a while without any.
 * Ours and not piscina, which ends no thread after a task, and lets what decoders print into our own output.
 */
export class DecoderThreads {
  readonly #options: DecoderThreadsOptions
  readonly #idle = new Set<IdleThread>()
  readonly #running = new Set<Worker>()
  readonly #slots: Slots
  readonly #closing = new AbortController()

  constructor(options: DecoderThreadsOptions) {
    this.#options = options
    this.#slots = new Slots(options.size)
  }

  get takesHeic(): boolean {
    return this.#options.heicDecoder !== undefined
  }

  /** Null if the picture is broken. Rejects with E_SHUTTING_DOWN once closed. */
  decode(order: DecoderOrder): Promise<RawPicture | null> {
    return this.#slots.run(() => this.#decodeInSlot(order), this.#closing)
  }

  async close(): Promise<void> {
    this.#closing.abort(shuttingDown())
    for (const { timer } of this.#idle) clearTimeout(timer)
    const workers = [...this.#running, ...[...this.#idle].map(({ worker }) => worker)]
    await Promise.all(workers.map((worker) => worker.terminate()))
  }

  async #decodeInSlot(order: DecoderOrder): Promise<RawPicture | null> {
    this.#closing.signal.throwIfAborted()
    const worker = this.#takeThread()
    this.#running.add(worker)
    let isKept = false
    try {
      const picture = await this.#answerOf(worker, order)
      this.#closing.signal.throwIfAborted()
      isKept = picture !== null && picture.width * picture.height <= KEPT_PIXELS
      return picture
    } finally {
      if (isKept) this.#keep(worker)
      else await worker.terminate()
      this.#running.delete(worker)
    }
  }

  #takeThread(): Worker {
    const [idle] = this.#idle
    if (idle === undefined) return this.#startThread()
    clearTimeout(idle.timer)
    this.#idle.delete(idle)
    idle.worker.ref()
    return idle.worker
  }

  #startThread(): Worker {
    const worker = this.#options.startThread?.() ?? startDecoderThread(this.#options)
    // A fault that nobody waits for must not end this process.
    return worker.on('error', () => {}).once('exit', () => this.#forget(worker))
  }

  #keep(worker: Worker): void {
    const timer = setTimeout(() => void worker.terminate(), IDLE_MS)
    worker.unref()
    this.#idle.add({ worker, timer: timer.unref() })
  }

  #forget(worker: Worker): void {
    for (const idle of this.#idle) if (idle.worker === worker) this.#idle.delete(idle)
  }

  async #answerOf(worker: Worker, order: DecoderOrder): Promise<RawPicture | null> {
    const { promise, resolve } = Promise.withResolvers<RawPicture | null>()
    const answer = ({ picture }: DecoderAnswer): void => resolve(picture)
    const giveUp = (): void => resolve(null)
    const timer = setTimeout(giveUp, this.#options.timeoutMs)
    worker.on('message', answer).on('error', giveUp).on('exit', giveUp)
    // The bytes get memory of their own, as what several views share would be copied whole.
    const bytes = new Uint8Array(order.bytes)
    worker.postMessage({ ...order, bytes }, [bytes.buffer])
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      worker.off('message', answer).off('error', giveUp).off('exit', giveUp)
    }
  }
}

interface IdleThread {
  readonly worker: Worker
  readonly timer: NodeJS.Timeout
}

function startDecoderThread({ heicDecoder }: DecoderThreadsOptions): Worker {
  const workerData: DecoderSettings = { heicDecoder: heicDecoder ?? null }
  const resourceLimits = { maxOldGenerationSizeMb: HEAP_MB }
  const worker = new Worker(ENTRY, {
    name: 'decoder',
    workerData,
    resourceLimits,
    stdout: true,
    stderr: true,
  })
  // Decoders print what they think of a picture; that is no line for our logs.
  worker.stdout.resume()
  worker.stderr.resume()
  return worker
}
