import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RedisLog } from './redis-log.ts'

const WAITING = 'waiting for Redis (the jobs between gateways and workers)'
const refused = () =>
  Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), { code: 'ECONNREFUSED' })

describe('the log of Redis', () => {
  let lines: { readonly fields: object; readonly message: string }[]
  let isAway: boolean
  let log: RedisLog
  let said: string[]

  beforeEach(() => {
    vi.useFakeTimers()
    lines = []
    said = []
    isAway = true
    const note = (fields: object, message: string) => void lines.push({ fields, message })
    const check = async () => {
      if (isAway) throw refused()
    }
    const onWaiting = (what: string, reason: string) => void said.push(`${what}: ${reason}`)
    log = new RedisLog({ logger: { warn: note, info: note }, check, onWaiting })
  })
  afterEach(() => {
    log.close()
    vi.useRealTimers()
  })

  it('has one line of an outage that all connections tell of, with its reason and no stack', async () => {
    for (let i = 0; i < 5; i++) {
      log.onFault(refused())
      log.onFault(new Error('Connection is closed.'))
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(lines).toEqual([{ fields: { reason: 'connect ECONNREFUSED 127.0.0.1:6379' }, message: WAITING }])
  })

  it('says so again while it lasts, though no connection does, and says that it is over', async () => {
    log.onFault(refused())
    await vi.advanceTimersByTimeAsync(62_000)
    expect(lines.map(({ message }) => message)).toEqual([WAITING, WAITING, WAITING])
    isAway = false
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lines).toHaveLength(4)
    expect(lines[3]?.message).toBe('Redis (the jobs between gateways and workers) is there')
    log.onFault(refused())
    expect(lines).toHaveLength(5)
  })

  it('does not say that one is back that answers and refuses what it is asked', async () => {
    isAway = false
    for (let i = 0; i < 10; i++) {
      log.onFault(new Error("READONLY You can't write against a read only replica."))
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(lines.map(({ message }) => message)).toEqual([WAITING])
  })

  it('tells the reason of a host with two addresses', () => {
    const both = Object.assign(new AggregateError([refused(), refused()], ''), { code: 'ECONNREFUSED' })
    log.onFault(both)
    expect(lines[0]?.fields).toEqual({ reason: 'connect ECONNREFUSED 127.0.0.1:6379' })
  })

  it('tells what is no outage as it is', () => {
    const fault = new Error("ERR wrong number of arguments for 'set' command")
    log.onFault(fault)
    expect(lines).toEqual([{ fields: { err: fault }, message: 'Redis' }])
  })

  it('is silent once it is closed', async () => {
    log.onFault(refused())
    log.close()
    isAway = false
    await vi.advanceTimersByTimeAsync(60_000)
    log.onFault(refused())
    expect(lines).toHaveLength(1)
  })
})
