import { overloaded } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { translateRedisFault } from './redis-faults.ts'

describe('a fault of Redis', () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'. script: 4b0, on @user_script:12."],
    ['ERR Error running script (call to f_4b0): @user_script:3: OOM command not allowed when used memory'],
  ])('is an overload where memory is full: %s', (message) => {
    expect(translateRedisFault(new Error(message))).toMatchObject({
      code: 'E_OVERLOADED',
      retryAfterSeconds: 5,
    })
  })

  it.each([
    ["READONLY You can't write against a read only replica."],
    ['LOADING Redis is loading the dataset in memory'],
    ['MISCONF Errors writing to the AOF file: No space left on device'],
    ['NOAUTH Authentication required.'],
    ['CLUSTERDOWN The cluster is down'],
    ['Connection is closed.'],
    ["Stream isn't writeable and enableOfflineQueue options is false"],
  ])('is an outage where it cannot serve: %s', (message) => {
    const cause = new Error(message)
    expect(translateRedisFault(cause)).toMatchObject({ code: 'E_QUEUE_UNAVAILABLE', retryable: true, cause })
  })

  it('is an outage where the socket failed', () => {
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    expect(translateRedisFault(cause)).toMatchObject({ code: 'E_QUEUE_UNAVAILABLE' })
  })

  it('stays as it is where it is a bug of ours, or told in our words', () => {
    for (const fault of [new Error("ERR wrong number of arguments for 'set' command"), overloaded('x', 1)]) {
      expect(translateRedisFault(fault)).toBe(fault)
    }
  })
})
