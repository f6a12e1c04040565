import { EventHeap } from '../engine/event-heap.ts'
import type { Simulation } from '../engine/simulation.ts'

interface Task {
  /** The service per task since the beginning at which it is done, ms. */
  readonly at: number
  readonly number: number
  readonly done: () => void
}

/**
 * A machine, or the share of one that a container may use. Its tasks share the cores evenly, as Linux shares them among
 * threads, and none gets more than one core.
 */
export class Host {
  readonly #simulation: Simulation
  readonly #cores: number
  readonly #tasks = new EventHeap<Task>()
  /** Service that a task would have got that is here since the beginning, ms. */
  #served = 0
  #servedUntil = 0
  #busyMs = 0
  #plan = 0
  #number = 0

  /** `cores` may be a fraction, as the CPU limit of a container may. */
  constructor(simulation: Simulation, cores: number) {
    this.#simulation = simulation
    this.#cores = cores
  }

  /** Time of cores that tasks have used so far, ms. */
  get busyMs(): number {
    this.#serve()
    return this.#busyMs
  }

  /** Calls `done` once the task has had so much time of a core. */
  work(cpuMs: number, done: () => void): void {
    this.#serve()
    this.#number += 1
    this.#tasks.add({ at: this.#served + cpuMs, number: this.#number, done })
    this.#planNext()
  }

  get #rate(): number {
    return Math.min(1, this.#cores / this.#tasks.size)
  }

  #serve(): void {
    const passed = this.#simulation.now - this.#servedUntil
    this.#servedUntil = this.#simulation.now
    if (passed === 0 || this.#tasks.size === 0) return
    this.#served += passed * this.#rate
    this.#busyMs += passed * this.#rate * this.#tasks.size
  }

  #planNext(): void {
    this.#plan += 1
    const plan = this.#plan
    const first = this.#tasks.first
    if (first === undefined) return
    this.#simulation.after((first.at - this.#served) / this.#rate, () => {
      if (plan === this.#plan) this.#end(first)
    })
  }

  /** A plan is dropped when anything changes, so the task is done now, whatever rounding says. */
  #end(task: Task): void {
    this.#serve()
    this.#served = Math.max(this.#served, task.at)
    this.#tasks.take()
    this.#planNext()
    task.done()
  }
}
