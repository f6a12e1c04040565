import { Redis, type RedisOptions } from 'ioredis'

export type OnFault = (fault: unknown) => void

/** A server that accepts and says nothing must not hold a (re)connection for long. */
const CONNECT_TIMEOUT_MS = 2000
const LONGEST_PAUSE_MS = 1000
const PAUSE_MS = 100

/** Opens a connection whose commands fail at once while Redis is away, and are never sent twice. The caller may retry. */
export function openImpatientRedis(url: string, onFault: OnFault): Redis {
  return connect(url, onFault, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  })
}

/**
 * Opens a connection whose commands wait for Redis to come back, and may then be carried out twice. After `silenceMs`
 * without an answer it connects anew.
 */
export function openPatientRedis(url: string, onFault: OnFault, silenceMs: number): Redis {
  return connect(url, onFault, { maxRetriesPerRequest: null, socketTimeout: silenceMs })
}

/**
 * Opens a connection for one blocking command at a time. The command fails when the connection is lost: a blocking read
 * that is sent again after a reconnect may never settle.
 */
export function openBlockingRedis(url: string, onFault: OnFault, silenceMs: number): Redis {
  return connect(url, onFault, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    socketTimeout: silenceMs,
  })
}

function connect(url: string, onFault: OnFault, options: RedisOptions): Redis {
  const redis = new Redis(url, {
    ...options,
    replyMapping: 'legacy',
    // A server that says READONLY was made a replica. Its address may by now lead to the one that took over.
    reconnectOnError: (fault) => fault.message.includes('READONLY'),
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (times: number) => Math.min(25 * 2 ** Math.min(times, 10), LONGEST_PAUSE_MS),
  })
  // An outage is told once: a reconnecting client repeats the error every second.
  let isTold = false
  redis.on('error', (fault) => {
    if (isTold) return
    isTold = true
    onFault(fault)
  })
  redis.on('ready', () => {
    isTold = false
  })
  return redis
}

/** Waits before a failed blocking command is tried again, until the connection is back, and never less than a moment. */
export async function pauseAfterFault(redis: Redis): Promise<void> {
  if (redis.status === 'end') return
  if (redis.status === 'ready') await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  else await readyOrLate(redis, PAUSE_MS)
}

/** Resolves when the connection can be used, or after `patienceMs` all the same. */
export async function readyOrLate(redis: Redis, patienceMs: number): Promise<void> {
  if (redis.status === 'ready') return
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer)
      redis.off('ready', end)
      resolve()
    }
    const timer = setTimeout(end, patienceMs)
    redis.once('ready', end)
  })
}
