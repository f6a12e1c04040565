import type { JobQueue, JobRequest, PictureRef } from '@semblance/core'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { SearchPayload } from './catalogue.ts'
import type { SearchResult } from './job-results.ts'
import { type JobCall, runJob } from './run-job.ts'

type Asked = { readonly request: JobRequest; readonly signal: AbortSignal }

function aQueue(asked: Asked[]): JobQueue {
  return {
    run: async (request, { signal }) => {
      asked.push({ request, signal })
      return { outcome: 'no-face' }
    },
    load: () => Promise.reject(new Error('not asked for')),
    close: async () => {},
  }
}

describe('runJob', () => {
  const from = { kind: 'ref', ref: 'picture' as PictureRef } as const
  const payload = { requestId: 'r', picture: { from, resize: null } } as unknown as SearchPayload
  const { signal } = new AbortController()

  it('asks the queue for the job by name and lane, until its deadline and as long as the caller waits', async () => {
    const asked: Asked[] = []
    const result = await runJob(aQueue(asked), { job: 'search', payload, deadlineMs: 5000 }, { signal })
    expectTypeOf(result).toEqualTypeOf<SearchResult>()
    expect(result).toEqual({ outcome: 'no-face' })
    const request = { name: 'search', lane: 'search', payload, deadlineMs: 5000, preparesFirst: false }
    expect(asked).toEqual([{ request, signal }])
  })

  it('tells the queue of a job that first waits for the picture behind a link', async () => {
    const asked: Asked[] = []
    const from = { kind: 'link', url: 'https://photos.example/1.jpg' } as const
    const linked = { ...payload, picture: { from, resize: null } }
    await runJob(aQueue(asked), { job: 'search', payload: linked, deadlineMs: 5000 }, { signal })
    expect(asked.map(({ request }) => request.preparesFirst)).toEqual([true])
  })

  it('takes the lane that the call names rather than the one of its job', async () => {
    const asked: Asked[] = []
    const call = { job: 'search', payload, deadlineMs: 5000, lane: 'bulk' } as const
    await runJob(aQueue(asked), call, { signal })
    expect(asked.map(({ request }) => request.lane)).toEqual(['bulk'])
  })

  it('takes no payload of another job', () => {
    // @ts-expect-error: a search's payload names nobody to enroll under
    const call: JobCall<'add-image'> = { job: 'add-image', payload, deadlineMs: 5000 }
    expect(call.job).toBe('add-image')
  })
})
