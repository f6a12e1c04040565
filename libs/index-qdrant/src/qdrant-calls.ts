import { setTimeout as pause } from 'node:timers/promises'
import { QdrantClient } from '@qdrant/js-client-rest'
import { type Clock, indexUnavailable, type Waiting } from '@semblance/core'
import { NodesInStep } from './nodes-in-step.ts'
import {
  isMissing,
  isNodeAway,
  isWorthRepeating,
  NodeBehind,
  QdrantFault,
  toQdrantFault,
} from './qdrant-fault.ts'

/** The client's generated calls. Its own methods take no signal, so they could not be abandoned. */
export type QdrantApi = ReturnType<QdrantClient['api']>

/** One call; may be made several times, so it has to be harmless to repeat. `timeout` is the server's, in seconds. */
export type QdrantCall<T> = (
  api: QdrantApi,
  options: { readonly init: RequestInit; readonly timeout: number },
) => Promise<{ readonly data: { readonly result?: T } }>

export interface QdrantCallsConfig {
  /** Each node of one cluster; calls take turns. With one URL for all of them nobody sees which is behind, see `NodesInStep`. */
  readonly urls: readonly string[]
  readonly apiKey?: string | undefined
  /** The time for one call with all its repetitions. */
  readonly timeoutMs: number
  readonly clock: Pick<Clock, 'monotonic'>
  /** 0 <= x < 1; spreads the repetitions of many callers. */
  readonly random: () => number
}

interface Node {
  readonly api: QdrantApi
  /** The time until which the node rests, on the monotonic clock: it is asked only if all others rest, too. */
  restsUntil: number
  failures: number
}

/** The share of the time that one try may take: a node that hangs leaves enough for another try elsewhere. */
const TRY_SHARE = 0.45
const MAX_TRIES = 6
const FIRST_PAUSE_MS = 20
const MAX_PAUSE_MS = 400
const FIRST_REST_MS = 1_000
const MAX_REST_MS = 30_000

/** Repeats calls at other nodes within a time limit, and says E_INDEX_UNAVAILABLE when that did not help. */
export class QdrantCalls {
  readonly #config: QdrantCallsConfig
  readonly #nodes: readonly Node[]
  readonly #inStep: NodesInStep<Node>
  #turn: number

  constructor(config: QdrantCallsConfig) {
    this.#config = config
    this.#nodes = config.urls.map((url) => ({ api: connect(url, config), restsUntil: 0, failures: 0 }))
    this.#inStep = new NodesInStep(this.#nodes, config.clock)
    this.#turn = Math.floor(config.random() * this.#nodes.length)
  }

  /** @throws AppError E_INDEX_UNAVAILABLE, its cause a QdrantFault */
  async run<T>(call: QdrantCall<T>, waiting?: Waiting, timeoutMs = this.#config.timeoutMs): Promise<T> {
    const { clock } = this.#config
    const deadline = clock.monotonic() + timeoutMs
    for (let tries = 1; ; tries++) {
      waiting?.signal?.throwIfAborted()
      const leftMs = deadline - clock.monotonic()
      const fault = new QdrantFault('qdrant did not answer in time')
      if (leftMs <= 0) throw indexUnavailable(fault)
      const inStep = await within(this.#inStep.now(), leftMs)
      const node = this.#pickNode(inStep ?? new Set(this.#nodes))
      const begun = clock.monotonic()
      try {
        const tryMs = Math.max(1, Math.min(timeoutMs * TRY_SHARE, deadline - begun))
        const answer = await tryOnce(node, call, { waiting, tryMs })
        const isCurrent = await within(this.#inStep.hasAnswered(node, begun), deadline - clock.monotonic())
        if (isCurrent !== true) throw new NodeBehind()
        node.restsUntil = 0
        node.failures = 0
        return answer
      } catch (error) {
        waiting?.signal?.throwIfAborted()
        const seen = toQdrantFault(error)
        if (isNodeAway(seen)) this.#letRest(node)
        const isLast = tries === MAX_TRIES || clock.monotonic() >= deadline
        if (isLast || !isWorthRepeating(seen)) throw indexUnavailable(seen)
      }
      await pause(this.#pauseMs(tries), undefined, { signal: waiting?.signal }).catch(() => undefined)
    }
  }

  /** The next in turn of those in step that does not rest; if all of them do, the one whose rest is over first. */
  #pickNode(inStep: ReadonlySet<Node>): Node {
    const now = this.#config.clock.monotonic()
    const inTurn = this.#nodes.map((_, at) => this.#nodes[(this.#turn + at) % this.#nodes.length] as Node)
    this.#turn = (this.#turn + 1) % this.#nodes.length
    const current = inTurn.filter((node) => inStep.has(node))
    const awake = current.find(({ restsUntil }) => restsUntil <= now)
    return awake ?? current.reduce((best, node) => (node.restsUntil < best.restsUntil ? node : best))
  }

  #letRest(node: Node): void {
    node.restsUntil =
      this.#config.clock.monotonic() + Math.min(FIRST_REST_MS * 2 ** node.failures, MAX_REST_MS)
    node.failures++
  }

  #pauseMs(tries: number): number {
    return Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), MAX_PAUSE_MS) * (0.5 + this.#config.random())
  }
}

/** Says whether this is the fault of a call on a collection or alias that is not there. */
export function isMissingCollection(fault: unknown): boolean {
  return fault instanceof Error && isMissing(fault.cause)
}

async function tryOnce<T>(
  { api }: Node,
  call: QdrantCall<T>,
  { waiting, tryMs }: { readonly waiting: Waiting | undefined; readonly tryMs: number },
): Promise<T> {
  const limit = AbortSignal.timeout(Math.ceil(tryMs))
  const signal = waiting?.signal === undefined ? limit : AbortSignal.any([limit, waiting.signal])
  const { data } = await call(api, { init: { signal }, timeout: Math.max(1, Math.floor(tryMs / 1000)) })
  if (data.result === undefined) throw new QdrantFault('qdrant answered without a result')
  return data.result
}

/** What comes of the work; undefined if that takes longer. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, ms))
  })
  return Promise.race([work, limit]).finally(() => clearTimeout(timer))
}

function connect(url: string, { apiKey }: QdrantCallsConfig): QdrantApi {
  const client = new QdrantClient({
    url,
    // The client would put another signal in the place of ours if it had a limit of its own.
    timeout: Number.POSITIVE_INFINITY,
    checkCompatibility: false,
    headers: {
      // Gzipped answers come in small chunked writes that meet Nagle and delayed ACK: 40 ms a call.
      'accept-encoding': 'identity',
      // The key goes into a header: given as `apiKey`, the client would warn of plain HTTP on the console.
      ...(apiKey !== undefined && { 'api-key': apiKey }),
    },
  })
  return client.api()
}
