import type { MessagePort } from 'node:worker_threads'
import { UnsoundOutput } from './unsound-output.ts'

/** A message from a thread to the pool. */
export type ThreadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly value: unknown; readonly seconds: number }
  /** `why`, where it is known, may be told to callers. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly why?: string }

/**
 * A thread's side of the pool: says `ready`, then answers each task message in turn. The pool sends the next task
 * only after the answer.
 */
export function serveTasks<Task>(port: MessagePort, run: (task: Task) => Promise<unknown>): void {
  port.on('message', async (task: Task) => port.postMessage(await answer(task, run)))
  port.postMessage({ kind: 'ready' } satisfies ThreadMessage)
}

async function answer<Task>(task: Task, run: (task: Task) => Promise<unknown>): Promise<ThreadMessage> {
  const startedAt = performance.now()
  try {
    const value = await run(task)
    return { kind: 'done', value, seconds: (performance.now() - startedAt) / 1000 }
  } catch (error) {
    // The class does not outlive the way between threads.
    return { kind: 'failed', error, ...(error instanceof UnsoundOutput ? { why: error.message } : {}) }
  }
}
