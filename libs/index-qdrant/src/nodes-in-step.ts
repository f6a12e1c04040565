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
  /** On the monotonic clock. */
  readonly begun: number
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
 */
export class NodesInStep<Node extends AskedNode> {
  readonly #nodes: readonly Node[]
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #onSilent: (node: Node) => void
  #last: Round<Node> | null = null
  #running: Promise<Round<Node>> | null = null
  #next: Promise<Round<Node>> | null = null

  /** @param onSilent told of a node that did not answer in time; it should rest */
  constructor(
    nodes: readonly Node[],
    {
      clock,
      onSilent,
    }: { readonly clock: Pick<Clock, 'monotonic'>; readonly onSilent: (node: Node) => void },
  ) {
    this.#nodes = nodes
    this.#clock = clock
    this.#onSilent = onSilent
  }

  /** Those in step within the last second; all of them if most nodes do not answer, or if there is only one. */
  async now(): Promise<ReadonlySet<Node>> {
    if (this.#nodes.length === 1) return new Set(this.#nodes)
    const time = this.#clock.monotonic()
    const last = this.#last
    if (last === null || time - last.begun > FRESH_MS) return this.#since(time - FRESH_MS)
    if (time - last.begun > RENEWED_AFTER_MS) void this.#since(time - RENEWED_AFTER_MS)
    return last.nodes
  }

  /** Says whether an answer counts that a node was asked for at `begun`. It may have hung while it was asked. */
  async hasAnswered(node: Node, begun: number): Promise<boolean> {
    const ended = this.#clock.monotonic()
    if (this.#nodes.length === 1 || ended - begun < FRESH_MS) return true
    return (await this.#since(ended)).has(node)
  }

  /** What a round found that began at that time or later. */
  async #since(time: number): Promise<ReadonlySet<Node>> {
    if (this.#last !== null && this.#last.begun >= time) return this.#last.nodes
    const running = await this.#running
    if (running !== null && running.begun >= time) return running.nodes
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
    const round = { begun, nodes: await this.#ask() }
    this.#last = round
    this.#running = null
    return round
  }

  async #ask(): Promise<ReadonlySet<Node>> {
    const most = Math.floor(this.#nodes.length / 2) + 1
    const awaited = new Set(this.#nodes.filter(({ restsUntil }) => restsUntil <= this.#clock.monotonic()))
    const positions = new Map<Node, number>()
    const [enough, limit] = [new AbortController(), AbortSignal.timeout(ROUND_MS)]
    const signal = AbortSignal.any([enough.signal, limit])
    const ask = async (node: Node) => {
      const position = await positionOf(node.api, signal)
      if (limit.aborted && awaited.has(node)) this.#onSilent(node)
      awaited.delete(node)
      if (position !== null) positions.set(node, position)
      if (awaited.size === 0) enough.abort()
      else if (positions.size >= most) setTimeout(() => enough.abort(), GRACE_MS).unref()
    }
    await Promise.all(this.#nodes.map(ask))
    if (positions.size < most) return new Set(this.#nodes)
    const furthest = Math.max(...positions.values())
    return new Set(this.#nodes.filter((node) => (positions.get(node) ?? -1) >= furthest))
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
