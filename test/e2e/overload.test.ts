import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { type Answer, type Calls, callsTo } from './calls.ts'
import { readAlbums } from './photos.ts'

const shared = findSharedData()
const CROWD = 'photos/exadel-CompreFace/embedding-calculator/sample_images/016_8.jpg'

/** A machine that is asked for more than it can do: one inference thread, a short queue. */
describe.skipIf(shared === null)('more searches than the machine gets done', { timeout: 120_000 }, () => {
  let server: StandaloneServer
  let calls: Calls
  let photo: Buffer
  let crowd: Buffer

  const start = async (env: Readonly<Record<string, string>>) => {
    server = await startStandaloneServer({ env: { SEMBLANCE_THREADS: '1', ...env } })
    calls = callsTo(server)
    await untilFound()
  }

  /** The first searches of a process take longest: with a short deadline, too long. */
  const untilFound = () =>
    expect.poll(async () => (await calls.search(photo)).status, { timeout: 20_000 }).toBe(200)

  /** The middle one of five, of a server that has nothing else to do. */
  const millisecondsOfASearch = async (): Promise<number> => {
    const times: number[] = []
    while (times.length < 5) {
      const begunAt = performance.now()
      expect((await calls.search(photo)).status).toBe(200)
      times.push(performance.now() - begunAt)
    }
    return times.toSorted((a, b) => a - b)[2]!
  }

  /** Answers in the order in which they came. */
  const searchAtOnce = async (count: number): Promise<Answer[]> => {
    const answers: Answer[] = []
    const one = async () => void answers.push(await calls.search(photo))
    await Promise.all(Array.from({ length: count }, one))
    return answers
  }

  const jobsRunning = async () => {
    const { bytes } = await calls.send({ method: 'GET', path: '/metrics' })
    const gauges = [
      ...bytes.toString().matchAll(/^semblance_queue_(?:waiting|active)_jobs\{[^}]*\} (\d+)$/gm),
    ]
    return gauges.reduce((sum, [, value]) => sum + Number(value), 0)
  }

  beforeAll(async () => {
    photo = await readFile((await readAlbums(shared!))[0]!.photos[0]!)
    crowd = await readFile(join(shared!, CROWD))
  })
  afterEach(() => server?.stop())

  it('a full queue refuses at once with 503 and when to come back, and what it took is done', async () => {
    await start({ SEMBLANCE_QUEUE_LIMIT: '3' })
    const answers = await searchAtOnce(40)
    const refused = answers.filter(({ status }) => status !== 200)
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(3)
    expect(refused.length).toBeGreaterThan(20)
    for (const { status, json, headers } of refused) {
      expect([status, json.type]).toEqual([503, 'E_OVERLOADED'])
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    }
    // Nobody is refused after a wait: all of them have their answer before the last that was let in.
    expect(answers.at(-1)?.status).toBe(200)
    expect((await calls.search(photo)).status).toBe(200)
  })

  it('whoever would wait past the deadline gets 503, and the work is dropped', async () => {
    // As many searches are done within the deadline on a slow machine as on a fast one.
    await start({})
    const searchMs = await millisecondsOfASearch()
    await server.stop()
    await start({ SEMBLANCE_SEARCH_DEADLINE_MS: `${Math.max(100, Math.ceil(6 * searchMs))}` })
    const answers = await searchAtOnce(60)
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused.length).toBeGreaterThan(20)
    for (const { status, json } of refused) {
      expect(status).toBe(503)
      expect(['E_OVERLOADED', 'E_DEADLINE']).toContain(json.type)
    }
    await expect.poll(jobsRunning, { timeout: 10_000 }).toBe(0)
    await untilFound()
  })

  it('callers that go away give their places back', async () => {
    await start({ SEMBLANCE_QUEUE_LIMIT: '3' })
    const gone = new AbortController()
    const body = JSON.stringify({ image: { content: crowd.toString('base64') }, detectAll: true })
    const headers = { 'content-type': 'application/json' }
    const full = Promise.withResolvers<void>()
    const search = async () => {
      const { status } = await fetch(`${server.url}/api/search`, {
        ...{ method: 'POST', headers, body },
        signal: gone.signal,
      })
      if (status === 503) full.resolve()
      return status
    }
    const leaving = Array.from({ length: 40 }, () => search().catch(() => 'left'))
    // Whoever is refused first tells that each place is taken.
    await full.promise
    gone.abort()
    expect(await Promise.all(leaving)).toContain('left')
    await expect.poll(jobsRunning, { timeout: 10_000, interval: 10 }).toBe(0)
    expect((await searchAtOnce(3)).map(({ status }) => status)).toEqual([200, 200, 200])
  })
})
