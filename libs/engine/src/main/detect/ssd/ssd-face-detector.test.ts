import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { deadlineMissed } from '@semblance/core'
import { expect, it, onTestFinished } from 'vitest'
import { sharedPixels } from '../../../geometry/pixels.ts'
import type { FaceTask } from '../../../messages/face-task.ts'
import { packManifestSchema, type SsdDetector } from '../../../packs/pack-manifest.ts'
import { Inference } from '../../inference.ts'
import { ThreadPool } from '../../pool/thread-pool.ts'
import { viewOf, wholeOf } from '../../views/picture-view.ts'
import { SsdFaceDetector } from './ssd-face-detector.ts'

/** A thread that sees no face, and takes a moment for that. */
const THREAD = `
const { parentPort } = require('node:worker_threads')
parentPort.on('message', () => {
  setTimeout(() => parentPort.postMessage({ kind: 'done', value: [], seconds: 0 }), 5)
})
parentPort.postMessage({ kind: 'ready' })
`

/** One thread; `onTask` is told of each task that it is given. */
async function aPool(onTask: () => void): Promise<ThreadPool<FaceTask>> {
  const startThread = () => {
    const worker = new Worker(THREAD, { eval: true })
    const post = worker.postMessage.bind(worker)
    worker.postMessage = (task: FaceTask) => {
      onTask()
      post(task)
    }
    return worker
  }
  const pool = new ThreadPool<FaceTask>({ size: 1, startThread })
  onTestFinished(() => pool.close())
  await pool.start()
  return pool
}

async function builtinDetector(): Promise<SsdDetector> {
  const file = join(import.meta.dirname, '../../../../../../models/builtin/pack.json')
  const { detector } = packManifestSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  if (detector.layout !== 'ssd') throw new Error('the built-in pack has another detector')
  return detector
}

it('gives the threads none of the looks that are left when the deadline has passed', async () => {
  const deadline = new AbortController()
  const missed = deadlineMissed('detect', 1)
  let given = 0
  const pool = await aPool(() => {
    given += 1
    if (given === 3) deadline.abort(missed)
  })
  const inference = new Inference({ pool, observe: () => {} })
  const detecting = new SsdFaceDetector({ inference, detector: await builtinDetector(), maxFaces: 64 })
  const pixels = sharedPixels(2_000, 1_500)
  const whole = { ...viewOf(pixels, wholeOf(pixels)), preview: sharedPixels(512, 384) }
  const work = { lane: 'search', ticket: 0, signal: deadline.signal } as const
  await expect(detecting.find(whole, 'all', work)).rejects.toBe(missed)
  // This one would be run after all of them.
  await pool.run({ kind: 'finish', part: 0, sums: [] }, { lane: 'search', ticket: 1, isDear: true })
  expect(given).toBe(3 + 1)
})
