import type { JobQueue, JobRequest } from '@semblance/core'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type SearchPayload, searchJob } from './catalogue.ts'
import { runJob } from './define-job.ts'
import type { SearchResult } from './job-results.ts'

describe('runJob', () => {
  it('asks the queue for the job by name and lane, until its deadline and as long as the caller waits', async () => {
    const asked: { readonly request: JobRequest; readonly signal: AbortSignal }[] = []
    const queue: JobQueue = {
      run: async (request, { signal }) => {
        asked.push({ request, signal })
        return { outcome: 'no-face' }
      },
      load: () => Promise.reject(new Error('not asked for')),
      close: async () => {},
    }
    const payload = { requestId: 'r' } as SearchPayload
    const { signal } = new AbortController()
    const result = await runJob(queue, { job: searchJob, payload, deadlineMs: 5000 }, { signal })
    expectTypeOf(result).toEqualTypeOf<SearchResult>()
    expect(result).toEqual({ outcome: 'no-face' })
    expect(asked).toEqual([
      { request: { name: 'search', lane: 'search', payload, deadlineMs: 5000 }, signal },
    ])
  })
})
