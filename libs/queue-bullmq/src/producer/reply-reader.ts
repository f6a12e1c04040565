import type { Redis } from 'ioredis'
import { type JobReply, readReply } from '../job-reply.ts'
import { openBlockingRedis, pauseAfterFault } from '../redis/open-redis.ts'

export interface ReplyReaderOptions {
  readonly redisUrl: string
  /** The stream to read. */
  readonly key: string
  onReply(reply: JobReply): void
  onFault(fault: unknown): void
}

const BLOCK_MS = 2000
/** Redis answers a blocked read after BLOCK_MS at the latest; a connection that says nothing for longer is dead. */
const SILENCE_MS = BLOCK_MS + 3000
const BATCH = 64

type Entries = readonly (readonly [id: string, fields: readonly string[]])[]

/**
 * Reads the answers for one gateway over a connection of its own. Entries are deleted once they are handed on, and
 * reading always begins with the oldest one left. So no answer that Redis still has is passed over, whatever happens to
 * the connection. An answer may come twice; nobody waits for it the second time.
 */
export class ReplyReader {
  readonly #options: ReplyReaderOptions
  readonly #redis: Redis
  #closed = false
  readonly #ended: Promise<void>

  constructor(options: ReplyReaderOptions) {
    this.#options = options
    this.#redis = openBlockingRedis(options.redisUrl, options.onFault, SILENCE_MS)
    this.#ended = this.#readOn()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#redis.disconnect()
    await this.#ended
  }

  async #readOn(): Promise<void> {
    let done: readonly string[] = []
    while (!this.#closed) {
      try {
        done = await this.#readBatch(done)
      } catch {
        // The error handler of the connection has told of it.
        await pauseAfterFault(this.#redis)
      }
    }
  }

  /** Deletes the entries that were handed on, and hands on the next ones. Answers their ids. */
  async #readBatch(done: readonly string[]): Promise<readonly string[]> {
    const { key } = this.#options
    const forgotten = done.length > 0 ? this.#redis.xdel(key, ...done) : Promise.resolve(0)
    const read = this.#redis.xread('COUNT', BATCH, 'BLOCK', BLOCK_MS, 'STREAMS', key, '0-0')
    const [, streams] = await Promise.all([forgotten, read])
    const entries: Entries = streams?.[0]?.[1] ?? []
    for (const [, fields] of entries) this.#handOn(fields)
    return entries.map(([id]) => id)
  }

  /** Hands one entry on. One that cannot be read is deleted like the others, or it would come again for ever. */
  #handOn(fields: readonly string[]): void {
    try {
      const reply = readReply(fields)
      if (reply !== null) this.#options.onReply(reply)
    } catch (fault) {
      this.#options.onFault(fault)
    }
  }
}
