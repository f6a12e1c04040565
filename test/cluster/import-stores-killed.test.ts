import { setTimeout as sleep } from 'node:timers/promises'
import { isSlowTier } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectGoneOn } from '../crash/gone-on.ts'
import { type PhotoRows, photoRows, reportLines } from '../crash/photo-rows.ts'
import { compareWithReports } from '../crash/reported-gallery.ts'
import { type Calls, callsTo } from '../e2e/calls.ts'
import {
  type ClusterServers,
  type GatewayProcess,
  openServersForPhotos,
  startGateway,
  startWorker,
  type WorkerProcess,
} from '../servers/cluster.ts'

const servers = isSlowTier
  ? await openServersForPhotos('imports whose Redis and MongoDB are killed', { own: true })
  : { skipped: 'of the slow tier; faults.test.ts kills them under other calls' }

const PERSONS = 60
const ROWS_BETWEEN_KILLS = 8
/** How long whatever was killed stays away. */
const AWAY_MS = 3_000
const DONE_MS = 240_000

describe.skipIf('skipped' in servers)('an import whose servers are killed', () => {
  const cluster = servers as ClusterServers
  const env = {
    ...cluster.env,
    SEMBLANCE_LOG_LEVEL: 'warn',
    SEMBLANCE_THREADS: '1',
    SEMBLANCE_IMPORT_ROWS: String(ROWS_BETWEEN_KILLS),
  }
  let gateway: GatewayProcess
  let worker: WorkerProcess
  let calls: Calls
  let photos: PhotoRows

  beforeAll(async () => {
    ;[gateway, worker] = await Promise.all([startGateway(env), startWorker(env)])
    calls = callsTo(gateway)
    photos = await photoRows(PERSONS)
  }, 180_000)
  afterAll(async () => {
    await Promise.all([gateway?.end('SIGKILL'), worker?.end('SIGKILL')])
    await cluster.close()
  })

  async function begin(): Promise<string> {
    const { id } = (await calls.ask('POST', '/imports', { name: 'killed', samePicture: 'enroll' })).json
    const added = await calls.send({
      method: 'POST',
      path: `/api/imports/${id}/rows`,
      headers: { 'content-type': 'application/x-ndjson' },
      body: photos.rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    })
    expect(added.json.added).toBe(photos.rows.length)
    await calls.ask('POST', `/imports/${id}/close`)
    return id
  }

  /** Null while the gateway cannot answer, because its store is away. */
  const lookAt = async (id: string) => {
    const answer = await calls.ask('GET', `/imports/${id}`).catch(() => null)
    return answer?.status === 200 ? answer.json : null
  }
  const endedOf = async (id: string): Promise<number> => (await lookAt(id))?.rows.ended ?? 0
  const untilMoreThan = (id: string, ended: number) =>
    expect.poll(() => endedOf(id), { timeout: DONE_MS, interval: 100 }).toBeGreaterThan(ended)

  /** Answers how long it took from the moment at which the server was there again until another row had ended. */
  async function killOver(id: string, server: { kill(): Promise<void>; restart(): Promise<void> }) {
    await untilMoreThan(id, (await endedOf(id)) + ROWS_BETWEEN_KILLS)
    expect((await lookAt(id))?.state, 'rows are left').toBe('running')
    await server.kill()
    await sleep(AWAY_MS)
    await server.restart()
    const backAt = performance.now()
    await expect.poll(() => lookAt(id), { timeout: DONE_MS, interval: 100 }).not.toBeNull()
    await untilMoreThan(id, await endedOf(id))
    return performance.now() - backAt
  }

  it('goes on by itself, gives each row one outcome, and the gallery is what it reports', async () => {
    const id = await begin()
    const times = [await killOver(id, cluster.redis), await killOver(id, cluster.mongo)]
    console.log(`went on after ${times.map(Math.round).join(' and ')} ms`)
    expectGoneOn(times)
    await expect.poll(async () => (await lookAt(id))?.state, { timeout: DONE_MS, interval: 500 }).toBe('done')
    const { bytes } = await calls.send({ method: 'GET', path: `/api/imports/${id}/report` })
    const report = reportLines(bytes)
    const outcomes = report.map(({ outcome }) => outcome)
    expect(report.filter(({ outcome }) => outcome === 'failed')).toEqual([])
    expect(outcomes.filter((outcome) => outcome === 'enrolled').length).toBeGreaterThan(0.9 * report.length)
    const imports = [{ keys: photos.rows.map(({ key }) => key), report }]
    expect(await compareWithReports(calls, imports, async (key) => photos.pictures.get(key)!)).toEqual([])
  }, 600_000)
})
