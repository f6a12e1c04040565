import { once } from 'node:events'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { NICER_BY } from './give-way.ts'

const FILE = JSON.stringify(join(import.meta.dirname, 'give-way.ts'))
/** Tells its own priority, before and after. */
const THREAD = `
  const { readlinkSync } = require('node:fs')
  const { getPriority } = require('node:os')
  const { parentPort } = require('node:worker_threads')
  const own = () => getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)))
  const before = own()
  import(${FILE}).then(({ giveWay }) => {
    giveWay()
    parentPort.postMessage([before, own()])
  })
`

describe.skipIf(process.platform !== 'linux')('an inference thread', () => {
  it('gives way to all that is short, and no other thread of its process does', async () => {
    const main = getPriority()
    const thread = new Worker(THREAD, { eval: true })
    const [told] = await once(thread, 'message')
    await thread.terminate()
    expect(told).toEqual([main, main + NICER_BY])
    expect(getPriority()).toBe(main)
  })
})
