import { queueUnavailable, withinTime } from '@semblance/core'
import { openPatientRedis } from './open-redis.ts'

export interface RedisDescription {
  readonly version: string
  /** Empty if the server does not tell. */
  readonly maxmemoryPolicy: string
  readonly hasAppendOnlyFile: boolean
  readonly isReplica: boolean
  /** The server's own clock, milliseconds since the epoch. */
  readonly nowMs: number
}

const ANSWER_MS = 5_000

/** Asks a server about itself. Throws E_QUEUE_UNAVAILABLE if it does not answer within seconds. */
export async function describeRedis(url: string): Promise<RedisDescription> {
  let fault: unknown
  const redis = openPatientRedis(url, (cause) => (fault = cause), ANSWER_MS)
  try {
    const late = () => queueUnavailable(fault ?? new Error('redis did not answer in time'))
    const asked = Promise.all([redis.info(), redis.time()])
    // What still waits when the time is up fails with the connection, and was told as late already.
    asked.catch(() => {})
    const [info, [seconds, micros]] = await withinTime(asked, { limitMs: ANSWER_MS, late })
    const told = new Map(info.split(/\r?\n/).map((line) => line.split(':', 2) as [string, string]))
    return {
      version: told.get('redis_version') ?? 'unknown',
      maxmemoryPolicy: told.get('maxmemory_policy') ?? '',
      hasAppendOnlyFile: told.get('aof_enabled') === '1',
      isReplica: told.get('role') === 'slave',
      nowMs: Number(seconds) * 1_000 + Number(micros) / 1_000,
    }
  } finally {
    redis.disconnect()
  }
}
