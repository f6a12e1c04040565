import type { Clock } from '@semblance/core'
import type { QdrantApi } from './qdrant-calls.ts'

/** A node must be silent for longer before the others acknowledge a write without it: a write waits for 1 s at least. */
const FRESH_MS = 1_000
/** So that calls that follow each other never wait for a round. */
const RENEWED_AFTER_MS = FRESH_MS / 2
/** For the answers of the others, once most nodes have answered. */
const GRACE_MS = 100
const ROUND_MS = 1_000

interface Round<Node> {
  /** On the monotonic clock: what it found was so at that time or later. */
  readonly asOf: number
  readonly nodes: ReadonlySet<Node>
}

interface AskedNode {
  readonly api: QdrantApi
  /** The time until which nobody waits for it. */
  readonly restsUntil: number
}

/**
 * Which nodes of a cluster know what the cluster has agreed on. One that hung, was cut off or was killed answers from its
 * own replicas as soon as it is back, and hears only seconds later that the others went on without it: until then it
 * misses what was acknowledged meanwhile. What the nodes agree on, such as which replicas count, is a list that each of
 * them carries out (Raft). A node that is not as far in it as another is not in step. Each is asked once or twice a second
 * while there are calls (`GET /cluster`, less than a millisecond).
 *
 * Where most nodes do not answer, nobody is left out: they cannot have agreed on anything, and a slow answer is better
 * than none.
 */
export class NodesInStep<Node extends AskedNode> {
  readonly #nodes: readonly Node[]
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #most: number
  #last: Round<Node> | null = null
  #running: Promise<Round<Node>> | null = null
  #next: Promise<Round<Node>> | null = null
  /** Those that were behind when they last told. They have to be in step twice: others may have agreed while they told. */
  #late: ReadonlySet<Node> = new Set()

  constructor(nodes: readonly Node[], clock: Pick<Clock, 'monotonic'>) {
    this.#nodes = nodes
    this.#clock = clock
    this.#most = Math.floor(nodes.length / 2) + 1
  }

  /** Those in step within the last second; all if there is only one, or most do not answer. Takes 1 s at most for one round. */
  async now(): Promise<ReadonlySet<Node>> {
    if (this.#nodes.length === 1) return new Set(this.#nodes)
    const time = this.#clock.monotonic()
    const last = this.#last
    if (last === null || time - last.asOf > FRESH_MS) return this.#since(time - FRESH_MS)
    if (time - last.asOf > RENEWED_AFTER_MS) void this.#since(time - RENEWED_AFTER_MS)
    return last.nodes
  }

  /**
   * Says whether an answer counts that a node was asked for at `begun`: it may have hung while it was asked. One that is
   * only slow to tell gets a second round.
   */
  async hasAnswered(node: Node, begun: number): Promise<boolean> {
    const ended = this.#clock.monotonic()
    if (this.#nodes.length === 1 || ended - begun < FRESH_MS) return true
    if ((await this.#since(ended)).has(node)) return true
    return (await this.#since(this.#clock.monotonic())).has(node)
  }

  /** What a round found that began at that time or later. */
  async #since(time: number): Promise<ReadonlySet<Node>> {
    if (this.#last !== null && this.#last.asOf >= time) return this.#last.nodes
    const running = await this.#running
    if (running !== null && running.asOf >= time) return running.nodes
    // One round at a time: all who need a later one than that under way share it.
    this.#next ??= Promise.resolve(this.#running).then(() => {
      this.#next = null
      this.#running = this.#goRound()
      return this.#running
    })
    return (await this.#next).nodes
  }

  async #goRound(): Promise<Round<Node>> {
    const begun = this.#clock.monotonic()
    const positions = await this.#askAll()
    const isKnown = positions.size >= this.#most
    // Where nothing is known it would be no better if it were asked again at once.
    const round = isKnown
      ? { asOf: begun, nodes: this.#inStep(positions) }
      : { asOf: this.#clock.monotonic(), nodes: new Set(this.#nodes) }
    this.#last = round
    this.#running = null
    return round
  }

  #inStep(positions: ReadonlyMap<Node, number>): ReadonlySet<Node> {
    const furthest = Math.max(...positions.values())
    const there = this.#nodes.filter((node) => positions.get(node) === furthest)
    const twice = there.filter((node) => !this.#late.has(node))
    const isLate = (node: Node) => (positions.has(node) ? !there.includes(node) : this.#late.has(node))
    this.#late = new Set(this.#nodes.filter(isLate))
    return new Set(twice.length > 0 ? twice : there)
  }

  /** How far each of the nodes is that tell: all that do not rest, or most of them and those that are hardly slower. */
  async #askAll(): Promise<ReadonlyMap<Node, number>> {
    const awaited = new Set(this.#nodes.filter(({ restsUntil }) => restsUntil <= this.#clock.monotonic()))
    const positions = new Map<Node, number>()
    const enough = new AbortController()
    const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(ROUND_MS)])
    const ask = async (node: Node) => {
      const position = await positionOf(node.api, signal)
      awaited.delete(node)
      if (position !== null) positions.set(node, position)
      if (awaited.size === 0 && positions.size >= this.#most) enough.abort()
      else if (awaited.size === 0 || positions.size >= this.#most)
        setTimeout(() => enough.abort(), GRACE_MS).unref()
    }
    await Promise.all(this.#nodes.map(ask))
    return positions
  }
}

/** How many agreements the node has carried out; null if it does not answer, or does not tell. */
async function positionOf(api: QdrantApi, signal: AbortSignal): Promise<number | null> {
  try {
    const { data } = await api.clusterStatus({}, { signal })
    const status = data.result
    if (status?.status !== 'enabled') return null
    return status.raft_info.commit - status.raft_info.pending_operations
  } catch {
    // The call that goes there next meets the fault, and tells it.
    return null
  }
}
