import { type ImageId, type IndexEntry, orAborted, type Waiting } from '@semblance/core'
import { isMissingCollection } from './qdrant-calls.ts'
import { isWorthRepeating, QdrantFault } from './qdrant-fault.ts'

/** So many requests go out at once, so that a lone caller never waits for another one's. */
const AT_ONCE = 2
/** The longest that an upsert waits for company, in milliseconds: about what Qdrant takes for one. */
const LONGEST_WAIT_MS = 20
/** Made once: a reason of its own for each request is dear, since it notes where it was made. */
const ABANDONED = new Error('nobody waits for the request any more')
/** As many as one request of `upsertPoints` holds. */
const MOST_ENTRIES = 250

interface UpsertTarget {
  readonly collection: string
  readonly entries: readonly IndexEntry[]
}

type SendUpsert = (target: UpsertTarget, waiting?: Waiting) => Promise<void>

/**
 * Upserts of one process on their way to Qdrant. While two requests are out, others gather for a moment and share the
 * next one, as writes of a database share a commit. Each caller hears what came of its own entries.
 */
export class UpsertBatches {
  readonly #send: SendUpsert
  readonly #gathering = new Map<string, Batch>()
  /** Requests that are out, by collection. */
  readonly #out = new Map<string, number>()

  constructor(send: SendUpsert) {
    this.#send = send
  }

  async upsert(target: UpsertTarget, waiting?: Waiting): Promise<void> {
    waiting?.signal?.throwIfAborted()
    const { collection, entries } = target
    if (this.#outOf(collection) < AT_ONCE && !this.#gathering.has(collection)) {
      await this.#sendOut(collection, () => this.#send(target, waiting))
      return
    }
    const batch = this.#batchFor(target)
    const leave = batch.join(entries)
    if (batch.isFull) this.#sendBatch(collection, batch)
    try {
      await orAborted(batch.sent, waiting?.signal)
    } catch (fault) {
      waiting?.signal?.throwIfAborted()
      // Another caller's entry may be what was refused.
      if (!batch.isShared || !isRefused(fault)) throw fault
      await this.#send(target, waiting)
    } finally {
      leave()
    }
  }

  /** Of two writes of one image in one request, nobody could say which one stays. */
  #batchFor({ collection, entries }: UpsertTarget): Batch {
    const there = this.#gathering.get(collection)
    if (there !== undefined && !there.hasAny(entries)) return there
    if (there !== undefined) this.#sendBatch(collection, there)
    const batch: Batch = new Batch(() => this.#sendBatch(collection, batch))
    this.#gathering.set(collection, batch)
    return batch
  }

  #sendBatch(collection: string, batch: Batch): void {
    if (this.#gathering.get(collection) === batch) this.#gathering.delete(collection)
    batch.send((entries, signal) =>
      this.#sendOut(collection, () => this.#send({ collection, entries }, { signal })),
    )
  }

  async #sendOut(collection: string, send: () => Promise<void>): Promise<void> {
    this.#out.set(collection, this.#outOf(collection) + 1)
    try {
      await send()
    } finally {
      const left = this.#outOf(collection) - 1
      if (left > 0) this.#out.set(collection, left)
      else this.#out.delete(collection)
      const next = this.#gathering.get(collection)
      if (next !== undefined) this.#sendBatch(collection, next)
    }
  }

  #outOf(collection: string): number {
    return this.#out.get(collection) ?? 0
  }
}

/** Entries of several callers that go out together. */
class Batch {
  readonly #entries = new Map<ImageId, IndexEntry>()
  readonly #sent = Promise.withResolvers<void>()
  readonly #abandoned = new AbortController()
  readonly #timer: NodeJS.Timeout
  #callers = 0
  #joined = 0

  constructor(onTime: () => void) {
    this.#timer = setTimeout(onTime, LONGEST_WAIT_MS)
  }

  get sent(): Promise<void> {
    return this.#sent.promise
  }

  get isFull(): boolean {
    return this.#entries.size >= MOST_ENTRIES
  }

  get isShared(): boolean {
    return this.#joined > 1
  }

  hasAny(entries: readonly IndexEntry[]): boolean {
    return entries.some(({ imageId }) => this.#entries.has(imageId))
  }

  /** The request is given up once all callers have left. */
  join(entries: readonly IndexEntry[]): () => void {
    for (const entry of entries) this.#entries.set(entry.imageId, entry)
    this.#callers += 1
    this.#joined += 1
    return () => {
      this.#callers -= 1
      if (this.#callers === 0) this.#abandoned.abort(ABANDONED)
    }
  }

  send(request: (entries: readonly IndexEntry[], signal: AbortSignal) => Promise<void>): void {
    clearTimeout(this.#timer)
    const { signal } = this.#abandoned
    if (signal.aborted) return
    request([...this.#entries.values()], signal).then(this.#sent.resolve, this.#sent.reject)
  }
}

/** Qdrant has looked at the request, and does not take it. */
function isRefused(fault: unknown): boolean {
  const cause = fault instanceof Error ? fault.cause : undefined
  return cause instanceof QdrantFault && !isMissingCollection(fault) && !isWorthRepeating(cause)
}
