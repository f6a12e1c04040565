import { AppError, type ErrorCode, overloaded } from '@semblance/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readReply, writeReply } from './job-reply.ts'

const times = { jobId: 'g-1', waitedMs: 3, ranMs: 5 }

describe('a reply', () => {
  it('carries any JSON result', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(readReply(writeReply({ ...times, end: { json } }))).toEqual({ ...times, end: { json } })
      }),
    )
  })

  it('carries an error whole, but for its cause', () => {
    const cause = new Error('secret')
    const sent = [
      overloaded('the index', 7),
      new AppError('E_OF_A_NEWER_VERSION' as ErrorCode, 'why', { retryable: true, retryAfterSeconds: 7 }),
      new AppError('E_JOB_FAILED', 'why', { retryable: false, context: { job: 'x', n: 1 }, cause }),
    ]
    for (const error of sent) {
      const fields = writeReply({ ...times, end: { error } })
      expect(fields.join()).not.toContain('secret')
      const end = readReply(fields)?.end
      const read = end !== undefined && 'error' in end ? end.error : null
      expect(read).toBeInstanceOf(AppError)
      const { code, message, retryable, retryAfterSeconds, context } = error
      const { cause, ...whole } = { ...read, message: read?.message, cause: read?.cause }
      expect(cause).toBeUndefined()
      expect(whole).toMatchObject({ code, message, retryable, retryAfterSeconds, context })
    }
  })

  it('is not found in an entry of another shape', () => {
    expect(readReply(['id', 'x'])).toBeNull()
    expect(readReply(['result', '1'])).toBeNull()
    expect(readReply([])).toBeNull()
  })
})
