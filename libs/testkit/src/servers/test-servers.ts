import {
  type MissingServer,
  type MongoServer,
  type QdrantOptions,
  type QdrantServer,
  type RedisOptions,
  type RedisServer,
  startMongo,
  startQdrant,
  startRedis,
} from '@semblance/dev-servers'
import { type SkippedServer, skippedServer } from './skipped-server.ts'

/** Of a server given by its `TEST_..._URL` only its addresses and `close` can be used: others use it, too. */
export type TestRedis = RedisServer
export type TestMongo = MongoServer
export type TestQdrant = QdrantServer

interface Own {
  /** Starts a server of its own even if `TEST_..._URL` is set: for tests that kill, pause or fill it. */
  readonly own?: boolean
}
export type TestRedisOptions = Own & RedisOptions
export type TestMongoOptions = Own
/** Three nodes are always started here, for they are meant to be killed, and so are nodes with an environment. */
export type TestQdrantOptions = Own & QdrantOptions

/** `TEST_REDIS_URL` wins (use a fresh prefix in each test); else one is started; else the reason why there is none. */
export async function openTestRedis(options: TestRedisOptions = {}): Promise<TestRedis | SkippedServer> {
  const url = options.own === true ? undefined : process.env.TEST_REDIS_URL
  if (url) return { url, ...notOurs('TEST_REDIS_URL') }
  return orSkipped('redis', await startRedis(options))
}

/** `TEST_MONGO_URL` wins; else a `mongod` or its stand-in is started; else the reason why there is none. */
export async function openTestMongo(options: TestMongoOptions = {}): Promise<TestMongo | SkippedServer> {
  const url = options.own === true ? undefined : process.env.TEST_MONGO_URL
  if (url) return { url, ...notOurs('TEST_MONGO_URL') }
  return orSkipped('mongo', await startMongo())
}

/** `TEST_QDRANT_URL` wins if it will do; else nodes are started; else the reason why there are none. */
export async function openTestQdrant(options: TestQdrantOptions = {}): Promise<TestQdrant | SkippedServer> {
  const mustOwn = options.nodes === 3 || options.own === true || options.env !== undefined
  const urls = mustOwn ? undefined : process.env.TEST_QDRANT_URL
  if (urls) return givenQdrant(urls.split(','))
  return orSkipped('qdrant', await startQdrant(options))
}

function givenQdrant(urls: readonly string[]): TestQdrant {
  const { kill, restart, pause, resume, close } = notOurs('TEST_QDRANT_URL')
  return { url: urls[0]!, urls, kill, restart, freeze: pause, thaw: resume, close }
}

function notOurs(variable: string) {
  const refuse = (): never => {
    throw new Error(`the server of ${variable} is not ours to stop; open one with { own: true }`)
  }
  return { kill: refuse, restart: refuse, pause: refuse, resume: refuse, close: async () => {} }
}

function orSkipped<T extends object>(
  name: 'redis' | 'mongo' | 'qdrant',
  started: T | MissingServer,
): T | SkippedServer {
  if (!('missing' in started)) return started
  return skippedServer(name, `${started.missing} (and no TEST_${name.toUpperCase()}_URL that would do)`)
}
