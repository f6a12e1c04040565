import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

const BLOCK_BYTES = 2 ** 21

export interface MemoryReader {
  /** Reads all bytes once, with all threads. */
  readMs(): Promise<number>
  close(): Promise<void>
}

/** What memory gives on this machine: threads that share out blocks of 2 MiB and only load what is in them. */
export async function openMemoryReader(bytes: number, threads: number): Promise<MemoryReader> {
  const blocks = Math.ceil(bytes / BLOCK_BYTES)
  const next = new Int32Array(new SharedArrayBuffer(4))
  const url = new URL(`./memory-reader-thread${extname(import.meta.url)}`, import.meta.url)
  const started = new Worker(url, { workerData: { bytes: blocks * BLOCK_BYTES, blocks, next, memory: null } })
  const memory: unknown = await replyOf(started)
  const others = Array.from(
    { length: threads - 1 },
    () => new Worker(url, { workerData: { bytes: blocks * BLOCK_BYTES, blocks, next, memory } }),
  )
  await Promise.all(others.map(replyOf))
  const workers = [started, ...others]
  return {
    readMs: async () => {
      const begun = performance.now()
      Atomics.store(next, 0, 0)
      for (const worker of workers) worker.postMessage('read')
      await Promise.all(workers.map(replyOf))
      return performance.now() - begun
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

async function replyOf(worker: Worker): Promise<unknown> {
  const [reply] = await once(worker, 'message')
  return reply
}
