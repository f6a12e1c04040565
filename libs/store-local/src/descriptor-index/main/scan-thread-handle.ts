import type { Worker } from 'node:worker_threads'
import { indexUnavailable } from '@semblance/core'
import type { FoundRows, FromScanThread, Scan, ToScanThread } from '../scan-messages.ts'

/** The main thread's end of a scan thread. Its death fails whoever waits for it with E_INDEX_UNAVAILABLE. */
export class ScanThreadHandle {
  readonly ready: Promise<void>
  readonly #worker: Worker
  #isDead = false
  #isEnding = false
  #scanning: PromiseWithResolvers<readonly FoundRows[]> | null = null

  constructor(worker: Worker, onDeath: (cause: unknown) => void = () => {}) {
    this.#worker = worker
    const ready = Promise.withResolvers<void>()
    this.ready = ready.promise
    // Whoever needs the thread next waits for it; until then its failure is nobody's.
    this.ready.catch(() => {})
    const fail = (cause: unknown): void => {
      // An exit follows an error: the first of the two tells what it died of.
      if (!this.#isDead && !this.#isEnding) onDeath(cause)
      this.#isDead = true
      ready.reject(indexUnavailable(cause))
      this.#scanning?.reject(indexUnavailable(cause))
    }
    worker.on('message', (message: FromScanThread) => {
      if (message.kind === 'ready') ready.resolve()
      else this.#scanning?.resolve(message.found)
    })
    worker.on('error', fail)
    worker.on('messageerror', fail)
    worker.on('exit', (code) => fail(new Error(`a scan thread ended with code ${code}`)))
  }

  get isDead(): boolean {
    return this.#isDead
  }

  tell(message: ToScanThread): void {
    this.#worker.postMessage(message)
  }

  async run(scan: Scan): Promise<readonly FoundRows[]> {
    if (this.#isDead) throw indexUnavailable(new Error('a scan thread is dead'))
    this.#scanning = Promise.withResolvers()
    this.tell({ kind: 'scan', scan })
    return this.#scanning.promise
  }

  async end(): Promise<void> {
    this.#isEnding = true
    await this.#worker.terminate()
  }
}
