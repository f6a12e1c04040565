import { Redis, type RedisOptions } from 'ioredis'

export type OnFault = (fault: unknown) => void

/** A server that accepts and says nothing must not hold a (re)connection for long. */
const CONNECT_TIMEOUT_MS = 2000
const LONGEST_PAUSE_MS = 1000
const PAUSE_MS = 100

/** Commands fail at once while Redis is away and are never sent twice. For who can tell a caller "try again". */
export function openImpatientRedis(url: string, onFault: OnFault): Redis {
  return connect(url, onFault, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  })
}

/** Commands wait for Redis to come back, and may then be carried out twice. `silenceMs`: no answer for so long means reconnect. */
export function openPatientRedis(url: string, onFault: OnFault, silenceMs: number): Redis {
  return connect(url, onFault, { maxRetriesPerRequest: null, socketTimeout: silenceMs })
}

/**
 * For one blocking command at a time. It fails when the connection is lost: a blocking read that is sent again after a
 * reconnect may never settle.
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
    // A server that was made a replica: the address may by now lead to the one that took over.
    reconnectOnError: (fault) => fault.message.includes('READONLY'),
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (times: number) => Math.min(25 * 2 ** Math.min(times, 10), LONGEST_PAUSE_MS),
  })
  // Told once per outage: a reconnecting client repeats itself every second.
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

/** Before a failed blocking command is tried again: until the connection is back, and never at once. */
export async function pauseAfterFault(redis: Redis): Promise<void> {
  if (redis.status === 'end') return
  if (redis.status === 'ready') await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  else await readyOrLate(redis, PAUSE_MS)
}

/** Resolves when it can be used, or after `patienceMs` all the same. */
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
