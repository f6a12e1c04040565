import type { Random } from '../engine/random.ts'
import type { Simulation } from '../engine/simulation.ts'
import { Host } from './host.ts'

export interface IndexPlan {
  readonly nodes: number
  readonly coresPerNode: number
  readonly shards: number
  /** Copies of each shard, on nodes of their own. */
  readonly replicas: number
  /** Time of a core for one question to one shard, ms. */
  readonly shardMs: number
  /** The same for taking the question and putting the answers together. */
  readonly questionMs: number
  readonly spread: number
}

/** Qdrant: every shard is asked, at one of its copies, and the slowest answers last. */
export class VectorIndex {
  readonly #deps: { readonly random: Random; readonly plan: IndexPlan }
  readonly #hosts: readonly Host[]
  #asked = 0

  constructor(simulation: Simulation, deps: { readonly random: Random; readonly plan: IndexPlan }) {
    const { nodes, coresPerNode } = deps.plan
    this.#deps = deps
    this.#hosts = Array.from({ length: nodes }, () => new Host(simulation, coresPerNode))
  }

  get busyMs(): number {
    return this.#hosts.reduce((sum, host) => sum + host.busyMs, 0)
  }

  ask(answered: () => void): void {
    const { random, plan } = this.#deps
    this.#asked += 1
    const asked = this.#asked
    let left = plan.shards
    const merge = () => {
      left -= 1
      if (left === 0) answered()
    }
    this.#hostOf(asked).work(plan.questionMs, () => {
      for (let shard = 0; shard < plan.shards; shard++) {
        const copy = (asked + shard) % plan.replicas
        // Copies are dealt out in turn: those of a shard lie on different nodes.
        const node = shard * plan.replicas + copy
        this.#hostOf(node).work(random.lognormal(plan.shardMs, plan.spread), merge)
      }
    })
  }

  #hostOf(number: number): Host {
    return this.#hosts[number % this.#hosts.length]!
  }
}
