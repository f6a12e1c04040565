import type { JobQueue } from '@semblance/core'
import { expect } from 'vitest'
import { aJob } from './a-job.ts'

const STAY = { signal: new AbortController().signal }

/**
 * For a queue with a handler `slow` of 300 ms, whose places are all taken. Resolves once the queue knows how long its jobs
 * take: it refuses whoever comes behind ten that are worth 3 s.
 */
export async function refusesBehindWork(queue: JobQueue): Promise<void> {
  const leaving = new AbortController()
  const work = Array.from({ length: 10 }, () => queue.run(aJob('slow'), leaving).catch(() => {}))
  const code = () => queue.run({ ...aJob('slow'), deadlineMs: 1_000 }, STAY).then(() => 'answered', codeOf)
  await expect.poll(code, { timeout: 15_000 }).toBe('E_OVERLOADED')
  leaving.abort(new Error('enough'))
  await Promise.all(work)
  await expect.poll(async () => (await queue.load()).search.waiting, { timeout: 10_000 }).toBe(0)
}

/** What a refused job is told; of any other fault undefined. */
export function codeOf(fault: { readonly code?: string }): string | undefined {
  return fault.code
}
