import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import {
  type Clock,
  dataUnreadable,
  type ObserveDamage,
  storeUnavailable,
  type Waiting,
} from '@semblance/core'
import type { DiskRoom } from '../../data-folder/disk-room.ts'
import { whyUnavailable } from '../../data-folder/why-unavailable.ts'
import { type CallName, effectOf } from '../store-calls.ts'
import type { StoreAnswer, StoreFault, ThreadReport, ThreadRequest } from '../store-messages.ts'
import { CallsOfATurn } from './calls-of-a-turn.ts'

interface Waiter {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly stopListening: () => void
}

export interface StoreThreadOptions {
  readonly file: string
  readonly clock: Clock
  /** This is told if the thread dies by itself: nothing can be read or written then. It must not throw. */
  readonly onDeath?: ((cause: unknown) => void) | undefined
  /** The room of the disk that the file is on. Without it the disk is taken to have room. */
  readonly room?: DiskRoom | undefined
  /**
   * This is told each minute while erased data cannot leave the write-ahead log: a reader of another process, a full
   * disk.
   */
  readonly onLateErasure?: ((why: Error) => void) | undefined
  /** This is told of records that cannot be used. */
  readonly onDamage?: ObserveDamage | undefined
}

/** The caller's end of the store's thread: numbers the calls and matches the answers. */
export class StoreThreadHandle {
  readonly #worker: Worker
  readonly #file: string
  readonly #clock: Clock
  readonly #room: DiskRoom | undefined
  readonly #onLateErasure: StoreThreadOptions['onLateErasure']
  readonly #onDamage: ObserveDamage | undefined
  readonly #waiters = new Map<number, Waiter>()
  readonly #calls: CallsOfATurn
  #lastTicket = 0
  #stopped: Error | null = null
  #closing: Promise<void> | null = null

  constructor(deps: StoreThreadOptions & { readonly worker: Worker }) {
    this.#worker = deps.worker
    this.#file = deps.file
    this.#clock = deps.clock
    this.#room = deps.room
    this.#onLateErasure = deps.onLateErasure
    this.#onDamage = deps.onDamage
    this.#calls = new CallsOfATurn(deps.worker, ({ ticket }, why) => this.#settle(ticket)?.reject(why))
    deps.worker.on('message', (report: ThreadReport) => this.#hear(report))
    const fail = (cause: Error) => {
      if (this.#stopped === null) deps.onDeath?.(cause)
      this.#stop(cause)
    }
    deps.worker.on('error', fail).on('messageerror', fail)
    deps.worker.on('exit', (code) =>
      this.#closing === null
        ? fail(new Error(`the store's thread ended with code ${code}`))
        : this.#stop(new Error('the store is closed')),
    )
  }

  async call(name: CallName, args: readonly unknown[], waiting?: Waiting): Promise<unknown> {
    const signal = waiting?.signal
    signal?.throwIfAborted()
    if (this.#stopped !== null) throw storeUnavailable(this.#stopped)
    if (effectOf(name) === 'adds') this.#room?.require()
    this.#lastTicket += 1
    const ticket = this.#lastTicket
    return new Promise((resolve, reject) => {
      // The thread may carry the call out all the same; only the wait ends.
      const leave = () => this.#settle(ticket)?.reject(signal?.reason)
      signal?.addEventListener('abort', leave, { once: true })
      const stopListening = () => signal?.removeEventListener('abort', leave)
      this.#waiters.set(ticket, { resolve, reject, stopListening })
      this.#calls.ask({ ticket, nowMs: this.#clock.now(), name, args })
    })
  }

  /** Answers what was asked before, empties the write-ahead log and ends the thread. */
  close(): Promise<void> {
    this.#closing ??= this.#leave()
    return this.#closing
  }

  async #leave(): Promise<void> {
    if (this.#stopped !== null) return
    const gone = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()))
    this.#stopped = new Error('the store is closed')
    this.#calls.send()
    const request: ThreadRequest = { kind: 'close' }
    this.#worker.postMessage(request)
    await gone
  }

  #hear(report: ThreadReport): void {
    if (report.kind === 'late-erasure') this.#onLateErasure?.(new Error(report.why))
    if (report.kind === 'damaged') for (const damage of report.damaged) this.#onDamage?.(damage)
    if (report.kind !== 'answers') return
    for (const answer of report.answers) this.#answer(answer)
  }

  #answer(answer: StoreAnswer): void {
    const waiter = this.#settle(answer.ticket)
    if (answer.fault === null) waiter?.resolve(answer.value)
    else waiter?.reject(errorOfFault(answer.fault, this.#file))
  }

  #settle(ticket: number): Waiter | undefined {
    const waiter = this.#waiters.get(ticket)
    this.#waiters.delete(ticket)
    waiter?.stopListening()
    return waiter
  }

  #stop(cause: Error): void {
    this.#stopped ??= cause
    for (const ticket of [...this.#waiters.keys()]) this.#settle(ticket)?.reject(storeUnavailable(cause))
  }
}

const UNREADABLE = /^SQLITE_(NOTADB|CORRUPT)/
/** A constraint or a type that a record broke is our bug, not the store's state. */
const OUR_BUG = /^SQLITE_(CONSTRAINT|MISMATCH|RANGE|ERROR|MISUSE)/

function errorOfFault(fault: StoreFault, file: string): Error {
  const cause = new Error(fault.code === null ? fault.message : `${fault.code}: ${fault.message}`)
  if (fault.foreign) return dataUnreadable(dirname(file), fault.message, cause)
  if (fault.code === null || OUR_BUG.test(fault.code)) return cause
  if (UNREADABLE.test(fault.code)) {
    return dataUnreadable(dirname(file), `its database is damaged (${fault.message})`, cause)
  }
  return storeUnavailable(cause, whyUnavailable(fault.code))
}

/** Starts the thread and waits until it has the file open. */
export async function startStoreThread(options: StoreThreadOptions): Promise<StoreThreadHandle> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`../thread/record-store-thread.${extension}`, import.meta.url), {
    workerData: { file: options.file, reserveFile: options.room?.reserveFile ?? null },
    name: 'record-store',
  })
  const opened = new Promise<ThreadReport>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the store did not start')))
  })
  let isOpen = false
  const onDeath = (cause: unknown) => isOpen && options.onDeath?.(cause)
  const thread = new StoreThreadHandle({ ...options, worker, onDeath })
  const report = await opened
  if (report.kind === 'opened' && report.fault !== null) throw openError(report.fault, options.file)
  isOpen = true
  return thread
}

/** Whatever keeps the file from being opened is for the operator to mend; a retry would not help. */
function openError(fault: StoreFault, file: string): Error {
  const error = errorOfFault(fault, file)
  if ('code' in error && error.code !== 'E_STORE_UNAVAILABLE') return error
  return dataUnreadable(dirname(file), fault.message, error)
}
