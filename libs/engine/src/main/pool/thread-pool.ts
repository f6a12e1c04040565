import type { Worker } from 'node:worker_threads'
import { engineFailed, LANES, shuttingDown } from '@semblance/core'
import type { ThreadMessage } from '../../inference-thread/serve-tasks.ts'
import { type TaskOrder, TaskQueue } from './task-queue.ts'
import { type PictureAtWork, ThreadShares } from './thread-shares.ts'

const [URGENT, ...OTHERS] = LANES

export interface ThreadPoolDeps {
  readonly size: number
  /** Starts a thread that answers as `serveTasks` does. */
  readonly startThread: () => Worker
  /** This is told of each thread that died by itself, and of what; `hasLoaded`: it was fit for work before. It must not throw. */
  readonly onDeath?: ((cause: unknown, thread: { readonly hasLoaded: boolean }) => void) | undefined
  /** Monotonic, milliseconds. */
  readonly now?: () => number
}

export interface TaskWork extends TaskOrder {
  readonly signal?: AbortSignal | undefined
  readonly stepAside?: (() => () => void) | undefined
}

export interface TaskDone {
  readonly value: unknown
  /** The time on the thread, without waiting. */
  readonly seconds: number
}

/** A task that waits or runs. */
interface Entry<Task> extends TaskOrder {
  readonly task: Task
  /** The moment at which it began to wait. */
  readonly since: number
  readonly resolve: (done: TaskDone) => void
  readonly reject: (reason: unknown) => void
}

interface Thread<Task> {
  readonly worker: Worker
  isReady: boolean
  running: Entry<Task> | null
  /** Called once what keeps it busy as the pool closes has ended: a task, or loading. */
  onIdle: (() => void) | null
}

/** While others live, a thread that could not load is not tried again for so long: each try takes a core and memory for a second. */
const LOAD_AGAIN_MS = 5_000
/** So long a task that runs may go on once the pool closes: a network takes less than a second. */
const LINGER_MS = 2_000
/** So long a thread that still loads: on a CPU it takes a second, on a device several. */
const LINGER_LOADING_MS = 10_000

/**
 * Runs a fixed number of threads, each with one task at a time, by lane and age. The pool is our own because piscina
 * ends the thread of a running task that is aborted, and a thread here takes a second to load its networks. A
 * thread that dies fails its task with E_ENGINE_FAILED and is replaced. One that dies while loading is not replaced
 * before the next call, and while others live not before some seconds have passed: a missing file, or a lack of memory, does
 * not turn into a busy loop.
 */
export class ThreadPool<Task> {
  readonly #deps: ThreadPoolDeps
  readonly #waiting = new TaskQueue<Entry<Task>>()
  /** Waiting dear looks of searches. */
  readonly #waitingDear = new TaskQueue<Entry<Task>>()
  readonly #threads = new Set<Thread<Task>>()
  readonly #shares = new ThreadShares()
  #loadFailedAt = Number.NEGATIVE_INFINITY
  #isClosed = false
  #closing: Promise<void> | null = null

  constructor(deps: ThreadPoolDeps) {
    this.#deps = deps
  }

  /** Keeps threads for a search's tasks from the first to the last, until the answer is called; see `ThreadShares`. */
  beginPicture(picture: PictureAtWork): () => void {
    const end = this.#shares.begin(picture)
    return () => {
      end()
      this.#dispatch()
    }
  }

  /** Resolves when every thread has loaded; rejects when one cannot, with what it died of. */
  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#deps.size }, () => this.#add()))
  }

  /** Rejects with the signal's reason once aborted; a running task then ends unheard. */
  run(task: Task, { lane, ticket, isDear, signal }: TaskWork): Promise<TaskDone> {
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    if (this.#isClosed) return Promise.reject(shuttingDown())
    return new Promise((resolve, reject) => {
      const entry: Entry<Task> = {
        task,
        since: this.#now(),
        lane,
        ticket,
        isDear,
        resolve: (done) => {
          signal?.removeEventListener('abort', abort)
          resolve(done)
        },
        reject: (reason) => {
          signal?.removeEventListener('abort', abort)
          reject(reason)
        },
      }
      const abort = (): void => {
        this.#queueOf(entry).remove(entry)
        entry.reject(signal?.reason)
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#queueOf(entry).add(entry)
      this.#refill()
      this.#dispatch()
    })
  }

  /** Waiting and running tasks fail with E_SHUTTING_DOWN. May be called more than once. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#isClosed = true
    for (const entry of this.#drain()) entry.reject(shuttingDown())
    await Promise.all([...this.#threads].map((thread) => this.#end(thread)))
  }

  /**
   * A thread that is terminated while it is in onnxruntime, in a run or opening a network, may abort the whole process
   * (`Napi::Error`, seen with 1.30).
   */
  async #end(thread: Thread<Task>): Promise<void> {
    const isLoading = !thread.isReady
    if (thread.running !== null || isLoading) {
      thread.running?.reject(shuttingDown())
      const late = setTimeout(() => thread.onIdle?.(), isLoading ? LINGER_LOADING_MS : LINGER_MS)
      await new Promise<void>((resolve) => {
        thread.onIdle = resolve
      })
      clearTimeout(late)
    }
    await thread.worker.terminate()
  }

  #dispatch(): void {
    for (const thread of this.#threads) {
      if (!thread.isReady || thread.running !== null) continue
      const entry = this.#next()
      if (entry === null) return
      this.#queueOf(entry).remove(entry)
      thread.running = entry
      thread.worker.postMessage(entry.task)
    }
  }

  #queueOf({ lane, isDear }: TaskOrder): TaskQueue<Entry<Task>> {
    return isDear === true && lane === URGENT ? this.#waitingDear : this.#waiting
  }

  #drain(): Entry<Task>[] {
    return [...this.#waiting.drain(), ...this.#waitingDear.drain()]
  }

  #next(): Entry<Task> | null {
    const search = this.#nextOfSearches()
    const other = this.#waiting.peek(OTHERS)
    if (other === null) return search
    if (search !== null) return this.#shares.isTurnOfOthers(this.#now() - other.since) ? other : search
    const running = [...this.#threads].map((thread) => thread.running)
    const othersRunning = running.filter((entry) => entry !== null && entry.lane !== URGENT).length
    return this.#shares.hasThreadForOthers({ threads: this.#deps.size, othersRunning }) ? other : null
  }

  #nextOfSearches(): Entry<Task> | null {
    const first = this.#waiting.peek([URGENT])
    const dear = this.#waitingDear.peek()
    if (dear === null) return first
    if (first !== null) return this.#shares.isTurnOfDear(this.#now() - dear.since) ? dear : first
    const running = [...this.#threads].map((thread) => thread.running)
    const dearRunning = running.filter((entry) => entry?.isDear === true && entry.lane === URGENT).length
    return this.#shares.hasThreadForDear({ threads: this.#deps.size, dearRunning }) ? dear : null
  }

  #now(): number {
    return (this.#deps.now ?? performance.now.bind(performance))()
  }

  #refill(): void {
    while (!this.#isClosed && this.#threads.size < this.#deps.size && !this.#restsFromLoading()) {
      this.#add().catch((error: unknown) => this.#failWithoutThreads(error))
    }
  }

  #restsFromLoading(): boolean {
    return this.#threads.size > 0 && this.#now() - this.#loadFailedAt < LOAD_AGAIN_MS
  }

  /** Nobody is left to run what waits. */
  #failWithoutThreads(error: unknown): void {
    if (this.#threads.size > 0) return
    for (const entry of this.#drain()) entry.reject(engineFailed(error))
  }

  #add(): Promise<void> {
    const thread: Thread<Task> = {
      worker: this.#deps.startThread(),
      isReady: false,
      running: null,
      onIdle: null,
    }
    this.#threads.add(thread)
    return new Promise((resolve, reject) => {
      let cause: unknown
      thread.worker.on('error', (error) => {
        cause = error
      })
      thread.worker.on('exit', (exitCode) => {
        cause ??= new Error(`an inference thread ended with exit code ${exitCode}`)
        this.#bury(thread, cause)
        reject(cause)
      })
      thread.worker.on('message', (message: ThreadMessage) => {
        this.#hear(thread, message)
        if (message.kind === 'ready') resolve()
      })
    })
  }

  #hear(thread: Thread<Task>, message: ThreadMessage): void {
    const entry = thread.running
    thread.running = null
    thread.isReady = true
    if (message.kind === 'done') entry?.resolve(message)
    if (message.kind === 'failed') entry?.reject(engineFailed(message.error, message.why))
    if (this.#isClosed) thread.onIdle?.()
    else this.#dispatch()
  }

  #bury(thread: Thread<Task>, cause: unknown): void {
    this.#threads.delete(thread)
    thread.onIdle?.()
    const hasLoaded = thread.isReady
    if (!hasLoaded) this.#loadFailedAt = this.#now()
    if (!this.#isClosed) this.#deps.onDeath?.(cause, { hasLoaded })
    thread.running?.reject(this.#isClosed ? shuttingDown() : engineFailed(cause))
    if (hasLoaded) this.#refill()
  }
}
