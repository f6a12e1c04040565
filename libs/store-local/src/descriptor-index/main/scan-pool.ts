import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { AppError, indexUnavailable, type Waiting } from '@semblance/core'
import { compileKernel } from '../kernel/compile-kernel.ts'
import type { GalleryMemory } from '../memory/gallery-memory.ts'
import { BLOCK_ROWS } from '../memory/vector-layout.ts'
import type { WasmModule } from '../memory/web-assembly.ts'
import { CONTROL, CONTROL_WORDS, type FoundRows, NO_FLOOR, type Scan } from '../scan-messages.ts'
import { ScanThreadHandle } from './scan-thread-handle.ts'

export type StartThread = () => Worker

export interface ScanPoolOptions {
  readonly startThread?: StartThread | undefined
  /** This is told of each thread that died by itself, and of what. It must not throw. */
  readonly onDeath?: ((cause: unknown) => void) | undefined
}

/** A pool whose threads are ready; a thread that dies later is replaced before the next scan. */
export async function openScanPool(memory: GalleryMemory, options: ScanPoolOptions = {}): Promise<ScanPool> {
  const start = options.startThread ?? startScanThread
  const startThread = () => new ScanThreadHandle(start(), options.onDeath)
  const threads = Array.from({ length: memory.layout.threads }, startThread)
  try {
    const kernel = await compileKernel()
    const pool = new ScanPool({ memory, kernel, startThread }, threads)
    await pool.check()
    return pool
  } catch (cause) {
    await Promise.all(threads.map((thread) => thread.end()))
    throw cause instanceof AppError ? cause : indexUnavailable(cause)
  }
}

function startScanThread(): Worker {
  return new Worker(new URL(`../thread/scan-thread${extname(import.meta.url)}`, import.meta.url))
}

interface ScanPoolDeps {
  readonly memory: GalleryMemory
  readonly kernel: WasmModule
  readonly startThread: () => ScanThreadHandle
}

/** The threads that scan. One scan at a time, and nothing may be written to the gallery's memory during one. */
export class ScanPool {
  readonly #deps: ScanPoolDeps
  readonly #control = new SharedArrayBuffer(4 * CONTROL_WORDS)
  readonly #words = new Int32Array(this.#control)
  readonly #threads: ScanThreadHandle[]

  constructor(deps: ScanPoolDeps, threads: ScanThreadHandle[]) {
    this.#deps = deps
    this.#threads = threads
    threads.forEach((thread, at) => {
      this.#setUp(thread, at)
    })
    deps.memory.onGrowth((growth) => {
      for (const thread of this.#threads) thread.tell(growth)
    })
  }

  /** Each thread's findings, by probe. Resolves or rejects when all threads are done: no thread reads the memory after that. */
  async scan(scan: Scan, waiting: Waiting): Promise<readonly (readonly FoundRows[])[]> {
    const threads = await this.#revive(Math.ceil((scan.rowEnd - scan.rowFrom) / BLOCK_ROWS))
    waiting.signal?.throwIfAborted()
    Atomics.store(this.#words, CONTROL.nextBlock, scan.rowFrom / BLOCK_ROWS)
    Atomics.store(this.#words, CONTROL.cancelled, 0)
    this.#words.fill(NO_FLOOR, CONTROL.floors)
    const cancel = (): void => this.cancel()
    waiting.signal?.addEventListener('abort', cancel)
    try {
      const settled = await Promise.allSettled(threads.map((thread) => thread.run(scan)))
      waiting.signal?.throwIfAborted()
      return settled.map(findingsOf)
    } finally {
      waiting.signal?.removeEventListener('abort', cancel)
    }
  }

  /** Ends the scan that is running within a block's time; what it found is not complete. */
  cancel(): void {
    Atomics.store(this.#words, CONTROL.cancelled, 1)
  }

  /** Rejects with E_INDEX_UNAVAILABLE if a thread is dead and cannot be replaced. */
  async check(): Promise<void> {
    await this.#revive(this.#threads.length)
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()))
  }

  /** Answers as many threads as there is work for, all alive. */
  async #revive(blocks: number): Promise<ScanThreadHandle[]> {
    const wanted = Math.min(Math.max(1, blocks), this.#threads.length)
    for (let at = 0; at < wanted; at++) {
      if (this.#threads[at]?.isDead !== true) continue
      const thread = this.#deps.startThread()
      this.#setUp(thread, at)
      this.#threads[at] = thread
    }
    const alive = this.#threads.slice(0, wanted)
    await Promise.all(alive.map((thread) => thread.ready))
    return alive
  }

  #setUp(thread: ScanThreadHandle, at: number): void {
    const { memory, kernel } = this.#deps
    thread.tell({ kind: 'setup', thread: at, layout: memory.layout, kernel, control: this.#control })
    for (const growth of memory.growths) thread.tell(growth)
  }
}

function findingsOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason
  return settled.value
}
