import { orAborted, storeUnavailable, type Waiting, withinTime } from '@semblance/core'
import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import { isPassing, MongoFault, translateFault } from './mongo-fault.ts'

/** One database and its connections, shared by all that keep something in it. */
export interface MongoDatabase {
  /** Reads from the primary what a majority holds; writes are acknowledged by a majority. Use it inside `ask` only. */
  readonly db: Db
  /**
   * Runs driver calls within a deadline and the caller's signal, whose own reason it rejects with. After a fault that
   * may pass (a lost connection, a change of primary) the call is run again, twice at most, with `isRepeat` set: what
   * it did before may or may not have happened. A driver's fault becomes `unavailable(cause)`, the cause without
   * a value of any document; all else is a bug and thrown as it is.
   */
  ask<T>(run: (isRepeat: boolean) => Promise<T>, options: AskOptions): Promise<T>
  /** The server's own clock, milliseconds since the epoch. */
  serverNow(options: AskOptions): Promise<number>
  /** Resolves when the primary answers. */
  check(options: AskOptions): Promise<void>
  /** Whoever opened it closes it; calls after that are `unavailable`. */
  close(): Promise<void>
}

export interface AskOptions {
  /** Translates a fault at the port's edge, for instance `storeUnavailable`. */
  readonly unavailable: (cause: unknown) => Error
  readonly waiting?: Waiting | undefined
  /** The time for the call with all its repeats; 5 s if left out. */
  readonly timeoutMs?: number
}

export interface MongoDatabaseOptions {
  readonly url: string
  readonly databaseName: string
  /** Shown by the server's logs and tools. */
  readonly appName?: string
}

const ASK_TIMEOUT_MS = 5000
const CHECK_TIMEOUT_MS = 2000
const REPEAT_AFTER_MS = [50, 250] as const
/** Made once: a reason of its own for each call is dear, since it notes where it was made. Nobody is told it. */
const ANSWERED = new Error('the call was answered, or given up')

const CLIENT_OPTIONS = {
  // A call fails after this time rather than wait for a primary: callers have deadlines and answer 503.
  serverSelectionTimeoutMS: 2000,
  connectTimeoutMS: 2000,
  heartbeatFrequencyMS: 5000,
  waitQueueTimeoutMS: 5000,
  // This is longer than any call may take: it only frees the connection of a call that nobody waits for any more.
  socketTimeoutMS: 30_000,
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 4000 },
  // The driver's log would carry whole commands, so descriptors and names, whatever the environment asks for.
  mongodbLogComponentSeverities: { default: 'off' },
} satisfies MongoClientOptions

/**
 * Resolves once the server answers, and throws E_STORE_UNAVAILABLE if it does not; outages after that heal by
 * themselves. Any other error means that the connection string cannot be used.
 */
export async function openMongoDatabase(options: MongoDatabaseOptions): Promise<MongoDatabase> {
  const client = createClient(options)
  const database = new ConnectedDatabase(client, client.db(options.databaseName))
  try {
    await database.check({ unavailable: storeUnavailable })
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

function createClient({ url, appName = 'semblance' }: MongoDatabaseOptions): MongoClient {
  try {
    return new MongoClient(url, { ...CLIENT_OPTIONS, appName })
  } catch {
    // The driver's message may repeat parts of the string, and with them a password.
    throw new Error('the MongoDB connection string cannot be used: its form, its options or a host is wrong')
  }
}

class ConnectedDatabase implements MongoDatabase {
  readonly db: Db
  readonly #client: MongoClient
  #closing: Promise<void> | null = null

  constructor(client: MongoClient, db: Db) {
    this.#client = client
    this.db = db
  }

  async ask<T>(run: (isRepeat: boolean) => Promise<T>, options: AskOptions): Promise<T> {
    const { waiting, unavailable, timeoutMs = ASK_TIMEOUT_MS } = options
    waiting?.signal?.throwIfAborted()
    const ended = new AbortController()
    try {
      // The call itself may go on unseen, until the driver's own limits end it.
      const answered = withinTime(this.#repeat(run, ended.signal), {
        limitMs: timeoutMs,
        late: () => new MongoFault(`no answer within ${timeoutMs} ms`, 'DeadlineMissed'),
      })
      return await orAborted(answered, waiting?.signal)
    } catch (error) {
      waiting?.signal?.throwIfAborted()
      throw translateFault(error, unavailable)
    } finally {
      ended.abort(ANSWERED)
    }
  }

  async serverNow(options: AskOptions): Promise<number> {
    const answer = await this.ask(() => this.db.command({ hello: 1 }), options)
    return (answer.localTime as Date).getTime()
  }

  async check(options: AskOptions): Promise<void> {
    await this.ask(() => this.db.command({ ping: 1 }), { timeoutMs: CHECK_TIMEOUT_MS, ...options })
  }

  close(): Promise<void> {
    this.#closing ??= this.#client.close()
    return this.#closing
  }

  /** Ours and not p-retry: two fixed pauses, and a call that succeeds, as nearly all do, must cost nothing. */
  async #repeat<T>(run: (isRepeat: boolean) => Promise<T>, ended: AbortSignal): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        if (this.#closing !== null) throw new MongoFault('the database is closed', 'Closed')
        // Does nothing while connected; after a failed first attempt the driver does not try again by itself.
        await this.#client.connect()
        return await run(attempt > 0)
      } catch (error) {
        const pause = REPEAT_AFTER_MS[attempt]
        if (pause === undefined || ended.aborted || !isPassing(error)) throw error
        await new Promise((resolve) => setTimeout(resolve, pause))
        if (ended.aborted) throw error
      }
    }
  }
}
