import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { availableShapes, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { callsTo } from './calls.ts'

const shared = findSharedData()
const PHOTO = 'lfw-dev/images/Abdullah_Gul/Abdullah_Gul_0001.jpg'
const DEADLINE_MS = 2_000
/** Twice what two processors of 2026 do until then. */
const PICTURES = 20
/** The promise is 200 ms from when a body was read; the rest is for sending and reading them on a busy machine. */
const MOST_MS_LATE = 500

/** A part of a photo's background, enlarged to 12 megapixels: real texture, and no face. */
async function largeBackground(): Promise<Buffer> {
  const photo = await readFile(join(shared!, PHOTO))
  const part = sharp(photo).extract({ left: 0, top: 0, width: 60, height: 45 })
  return part.resize(4000, 3000).jpeg({ quality: 40 }).toBuffer()
}

describe.skipIf(shared === null).each(await availableShapes())(
  'too many large pictures at once, %s',
  (shape) => {
    it('are each answered by their deadline, and a search finds the machine free at once', async () => {
      const env = { SEMBLANCE_THREADS: '2', SEMBLANCE_SEARCH_DEADLINE_MS: `${DEADLINE_MS}` }
      await using server = await (async () => {
        const started = await startInstallation(shape, env)
        return { url: started.url, [Symbol.asyncDispose]: () => started.close() }
      })()
      const calls = callsTo(server)
      const image = `data:image/jpeg;base64,${(await largeBackground()).toString('base64')}`
      const begun = performance.now()
      const detect = async () => {
        const { status } = await calls.ask('POST', '/detect', { image })
        return { status, ms: performance.now() - begun }
      }
      const answers = await Promise.all(Array.from({ length: PICTURES }, detect))
      expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true)
      expect(answers.some(({ status }) => status === 503)).toBe(true)
      const latest = Math.max(...answers.map(({ ms }) => ms)) - DEADLINE_MS
      console.info(`${shape}: the last answer came ${latest} ms after the deadline`)
      expect(latest).toBeLessThan(MOST_MS_LATE)
      expect((await calls.search(await readFile(join(shared!, PHOTO)))).status).toBe(200)
    }, 60_000)
  },
)
