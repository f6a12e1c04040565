import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BackgroundWork, createBackgroundWork } from './background-work.ts'
import type { Waiting } from './ports/waiting.ts'
import { currentScope, runInScope } from './work-scope.ts'

/** Far more than a test lasts. */
const LONG_MS = 60_000

let background: BackgroundWork
let release: () => void
let released: Promise<void>
let atWork: number
let most: number
let done: number

beforeEach(() => {
  background = createBackgroundWork()
  ;({ promise: released, resolve: release } = Promise.withResolvers<void>())
  atWork = most = done = 0
})
afterEach(() => background.stop({ drainMs: 0 }))

async function untilReleased({ signal }: Waiting): Promise<void> {
  most = Math.max(most, ++atWork)
  const aborted = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
  if (signal?.aborted !== true) await Promise.race([released, aborted])
  atWork--
  done++
}

const begin = (count: number) =>
  Promise.all(Array.from({ length: count }, () => background.begin(untilReleased)))

describe('work in the background', () => {
  it('lets its callers go on at once, is done a few at a time, and all of it in the end', async () => {
    await begin(100)
    expect([atWork, done]).toEqual([4, 0])
    release()
    await background.stop({ drainMs: LONG_MS })
    expect([most, done]).toEqual([4, 100])
  })

  it('lets the caller wait for its own once so much waits that memory would grow', async () => {
    await begin(1_004)
    let isAnswered = false
    const late = background.begin(untilReleased).then(() => {
      isAnswered = true
    })
    await new Promise(setImmediate)
    expect([isAnswered, atWork]).toEqual([false, 5])
    release()
    await late
    await background.stop({ drainMs: LONG_MS })
    expect(done).toBe(1_005)
  })

  it('is aborted at the end when it takes longer than there is time', async () => {
    await begin(6)
    await background.stop({ drainMs: 1 })
    expect(done).toBe(6)
  })

  it('belongs to none of the calls that brought it', async () => {
    const scopes: unknown[] = []
    const note = async () => void scopes.push(currentScope())
    await runInScope({ fail: () => true }, async () => {
      for (let i = 0; i < 3; i++) await background.begin(note)
    })
    await background.stop({ drainMs: LONG_MS })
    expect(scopes).toEqual([null, null, null])
  })
})
