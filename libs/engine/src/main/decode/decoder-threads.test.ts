import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import type { DecoderOrder } from '../../messages/decoder-order.ts'
import { bitmapFile } from '../../testing/bitmaps.ts'
import { DecoderThreads, type DecoderThreadsOptions } from './decoder-threads.ts'

const opened: DecoderThreads[] = []
afterEach(async () => {
  for (const threads of opened.splice(0)) await threads.close()
})

const RED: DecoderOrder = {
  format: 'bmp',
  bytes: bitmapFile({ width: 1, height: 1, bitsPerPixel: 24, pixels: [0, 0, 255, 0] }),
  minSide: 1,
  pixels: 1,
}

/** Threads that run this code for every order, and how many of them were started. */
function threadsThat(code: string, options: Partial<DecoderThreadsOptions> = {}) {
  const started: Worker[] = []
  const source = `const { parentPort } = require('node:worker_threads')
    parentPort.on('message', (order) => { ${code} })`
  const startThread = () => {
    const worker = new Worker(source, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 32 } })
    started.push(worker)
    return worker
  }
  const threads = new DecoderThreads({ size: 1, timeoutMs: 10_000, startThread, ...options })
  opened.push(threads)
  return { threads, started }
}

/** In the code of a thread: a picture of one pixel. */
const ANSWER =
  'parentPort.postMessage({ picture: { data: new Uint8Array(3), width: 1, height: 1, channels: 3 } })'

describe('decoder threads', () => {
  it('decode, and leave the bytes with their owner', async () => {
    const threads = new DecoderThreads({ size: 1, timeoutMs: 10_000 })
    opened.push(threads)
    const picture = await threads.decode(RED)
    expect([...(picture?.data ?? [])]).toEqual([255, 0, 0])
    expect(RED.bytes.length).toBeGreaterThan(0)
  })

  it('serve one picture after the other without starting anew', async () => {
    const { threads, started } = threadsThat(ANSWER)
    for (let round = 0; round < 15; round += 1) expect(await threads.decode(RED)).not.toBeNull()
    expect(started).toHaveLength(1)
  })

  it('run no more at a time than allowed, and all in the end', async () => {
    const { threads, started } = threadsThat(`setTimeout(() => ${ANSWER}, 20)`, { size: 2 })
    const pictures = await Promise.all(Array.from({ length: 7 }, () => threads.decode(RED)))
    expect(pictures.filter((picture) => picture !== null)).toHaveLength(7)
    expect(started).toHaveLength(2)
  })

  it.each([
    ['hangs', 'for (;;);'],
    ['never answers', ''],
    ['throws', "throw new Error('broken')"],
    ['leaves', 'process.exit(3)'],
    ['eats memory', 'const all = []; for (;;) all.push(new Array(1e5).fill(all.length))'],
    ['says that it is broken', 'parentPort.postMessage({ picture: null })'],
  ])('a picture on which the decoder %s is broken, and the next one has a thread of its own', async (_what, code) => {
    const isFirst = `if (order.bytes.length === 1) { ${code} } else ${ANSWER}`
    const { threads, started } = threadsThat(isFirst, { timeoutMs: 2_000 })
    expect(await threads.decode({ ...RED, bytes: new Uint8Array(1) })).toBeNull()
    expect(await threads.decode(RED)).not.toBeNull()
    expect(started).toHaveLength(2)
  })

  it('a large picture ends its thread, as memory does not come back otherwise', async () => {
    const large = '{ data: new Uint8Array(3), width: 3000, height: 3000, channels: 3 }'
    const { threads, started } = threadsThat(`parentPort.postMessage({ picture: ${large} })`)
    await threads.decode(RED)
    await threads.decode(RED)
    expect(started).toHaveLength(2)
  })

  it('closing ends what runs and what waits with E_SHUTTING_DOWN', async () => {
    const { threads } = threadsThat('', { timeoutMs: 60_000 })
    const decoding = [threads.decode(RED), threads.decode(RED)].map((picture) =>
      expect(picture).rejects.toMatchObject({ code: 'E_SHUTTING_DOWN' }),
    )
    await threads.close()
    await Promise.all(decoding)
    await expect(threads.decode(RED)).rejects.toMatchObject({ code: 'E_SHUTTING_DOWN' })
  })
})
