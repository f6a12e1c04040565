import type { Logger } from 'pino'
import { say } from './say.ts'

/** What a process dies of that nobody else is blamed for; `thread`: one of ours that cannot be replaced; `engine`: see `EngineHealth`. */
export type LostTrust = 'process' | 'thread' | 'engine'

export interface ProcessTrustDeps {
  /** Lays the fault to the one piece of work that it came from; false if there is none. */
  readonly blame?: (fault: unknown) => boolean
  /** Ends the process now. */
  readonly exit?: (code: number) => void
  /** Time from the loss of trust to the end, however far the stop has got; 25,000 by default. */
  readonly deadlineMs?: number
}

const WHAT: Readonly<Record<LostTrust, string>> = {
  process: 'nobody caught a fault',
  thread: 'a thread that cannot be replaced has died',
  engine: 'the networks fail whatever they are given',
}

/** The limit lies below the 30 s that Kubernetes gives a pod to end. */
const DEADLINE_MS = 25_000

/**
 * Whether this process may go on. It hears of every exception and rejection that nobody caught: one that can be laid to
 * one request or job fails that alone; any other may have left anything half done, so the process says so, stops as
 * SIGTERM would make it (readiness, requests, jobs, stores), and ends with exit code 1 by a deadline.
 */
export class ProcessTrust {
  readonly #deps: ProcessTrustDeps
  #logger: Pick<Logger, 'fatal'> | null = null
  #count: (where: LostTrust) => void = () => {}
  #isLost = false

  constructor(deps: ProcessTrustDeps = {}) {
    this.#deps = deps
  }

  get isLost(): boolean {
    return this.#isLost
  }

  /** Judges what nobody caught from now on, until the function that it answers is called. */
  watch(): () => void {
    const judge = (fault: unknown) => this.#judge(fault)
    // A log on a full disk, or whose reader has gone, is no reason to end; see `say` and `createLogger`.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', ignore)
    process.on('uncaughtException', judge).on('unhandledRejection', judge)
    return () => {
      for (const stream of [process.stdout, process.stderr]) stream.off('error', ignore)
      process.off('uncaughtException', judge).off('unhandledRejection', judge)
    }
  }

  /** Faults are told on standard error until this is called. */
  logTo(logger: Pick<Logger, 'fatal'>): void {
    this.#logger = logger
  }

  countWith(count: (where: LostTrust) => void): void {
    this.#count = count
  }

  /** Stops the process as told above. Whatever fails while it stops is told, and changes nothing more. */
  lose(where: LostTrust, fault: unknown): void {
    this.#count(where)
    this.#tell(where, fault)
    if (this.#isLost) return
    this.#isLost = true
    const { exit = process.exit, deadlineMs = DEADLINE_MS } = this.#deps
    setTimeout(() => exit(1), deadlineMs)
    // Nobody who would stop in good order: it has not begun, or ends anyway.
    if (!process.emit('SIGTERM', 'SIGTERM')) exit(1)
  }

  #judge(fault: unknown): void {
    if (this.#deps.blame?.(fault) !== true) this.lose('process', fault)
  }

  #tell(where: LostTrust, fault: unknown): void {
    const text = `${WHAT[where]}: this process is no longer trusted, and stops`
    if (this.#logger === null) say(`${text}\n${fault instanceof Error ? fault.stack : String(fault)}`)
    else this.#logger.fatal({ err: fault }, text)
  }
}

function ignore(): void {
  // Whatever is written there is lost, and nothing else.
}
