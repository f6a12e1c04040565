import { FAIR_SHARE, FairTurns, LANES, type Lane, TASK_PATIENCE_MS } from '@semblance/core'
import type { Simulation } from '../engine/simulation.ts'
import type { Host } from './host.ts'

export interface ThreadTask {
  readonly lane: Lane
  readonly cpuMs: number
  readonly done: () => void
}

interface Waiting extends ThreadTask {
  readonly since: number
}

/** A fixed number of threads of one process, each with one task at a time: by lane, and then by age. */
export class Threads {
  readonly #simulation: Simulation
  readonly #host: Host
  readonly #turns = new FairTurns({ patienceMs: TASK_PATIENCE_MS, oneIn: FAIR_SHARE })
  readonly #waiting: Readonly<Record<Lane, Waiting[]>> = { search: [], enroll: [], bulk: [] }
  #free: number

  constructor(simulation: Simulation, { host, count }: { readonly host: Host; readonly count: number }) {
    this.#simulation = simulation
    this.#host = host
    this.#free = count
  }

  run(task: ThreadTask): void {
    this.#waiting[task.lane].push({ ...task, since: this.#simulation.now })
    this.#dispatch()
  }

  #dispatch(): void {
    while (this.#free > 0) {
      const task = this.#next()
      if (task === undefined) return
      this.#free -= 1
      this.#host.work(task.cpuMs, () => {
        this.#free += 1
        task.done()
        this.#dispatch()
      })
    }
  }

  /** As the product's pool of inference threads does. */
  #next(): Waiting | undefined {
    const [urgent, ...others] = LANES.filter((lane) => this.#waiting[lane].length > 0)
    if (urgent === undefined) return undefined
    const [other] = others
    const waitedMs = other === undefined ? 0 : this.#simulation.now - this.#waiting[other][0]!.since
    return other !== undefined && this.#turns.next(waitedMs)
      ? this.#waiting[other].shift()
      : this.#waiting[urgent].shift()
  }
}
