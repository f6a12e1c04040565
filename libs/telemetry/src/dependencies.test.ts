import { describe, expect, it } from 'vitest'
import { createDependencies } from './dependencies.ts'

const ours = (message: string) => Object.assign(new Error(message), { code: 'E_QUEUE_UNAVAILABLE' })

describe('dependencies', () => {
  it('are missing with the reason when their check fails, and only then', async () => {
    const dependencies = createDependencies({
      redis: () => Promise.reject(ours('the job queue is unavailable')),
      mongo: async () => {},
      qdrant: () => {
        throw ours('thrown')
      },
    })
    expect(dependencies.names).toEqual(['redis', 'mongo', 'qdrant'])
    expect(await dependencies.missing()).toEqual([
      { name: 'redis', reason: 'the job queue is unavailable' },
      { name: 'qdrant', reason: 'thrown' },
    ])
  })

  it('that say nothing are missing after their time, and hide no other', async () => {
    const dependencies = createDependencies(
      { silent: () => new Promise(() => {}), lost: () => Promise.reject(ours('gone')) },
      { timeoutMs: 20 },
    )
    expect(await dependencies.missing()).toEqual([
      { name: 'silent', reason: 'no answer within 20 ms' },
      { name: 'lost', reason: 'gone' },
    ])
  })

  it('tell nothing of what a driver says', async () => {
    const secret = new Error('connect ECONNREFUSED mongodb://ada:hunter2@db')
    const dependencies = createDependencies({ mongo: () => Promise.reject(secret) })
    expect(JSON.stringify(await dependencies.missing())).not.toContain('hunter2')
  })

  it('are asked once for all who ask at the same time, and again later', async () => {
    let asked = 0
    const redis = async () => {
      asked += 1
    }
    const dependencies = createDependencies({ redis })
    await Promise.all([dependencies.missing(), dependencies.missing()])
    expect(asked).toBe(1)
    await dependencies.missing()
    expect(asked).toBe(2)
  })
})
