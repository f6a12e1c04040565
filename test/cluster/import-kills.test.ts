import { setTimeout as sleep } from 'node:timers/promises'
import { isSlowTier } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectGoneOn } from '../crash/gone-on.ts'
import { type PhotoRow, type PhotoRows, photoRows, reportLines } from '../crash/photo-rows.ts'
import { compareWithReports, type ReportedImport, type ReportLine } from '../crash/reported-gallery.ts'
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
  ? await openServersForPhotos('kills over imports in a cluster')
  : { skipped: 'of the slow tier; imports.test.ts has two kills' }

const KILLS = Number(process.env.TEST_CRASH_ROUNDS ?? 30)
const PERSONS = 60
/** From one kill to the next, ms; on a slow machine until so many rows have ended, too. */
const LONGEST_MS = 4_000
/** As many as are under way at once: a row that is begun too often, because its process ended each time, is given up. */
const ROWS_BETWEEN_KILLS = 8
const DONE_MS = 240_000

describe.skipIf('skipped' in servers)('imports of which every process is killed', () => {
  const cluster = servers as ClusterServers
  const env = {
    ...cluster.env,
    SEMBLANCE_LOG_LEVEL: 'warn',
    SEMBLANCE_THREADS: '1',
    SEMBLANCE_IMPORT_ROWS: String(ROWS_BETWEEN_KILLS),
  }
  const gateways: GatewayProcess[] = []
  const workers: WorkerProcess[] = []
  let photos: PhotoRows

  beforeAll(async () => {
    for (let i = 0; i < 2; i++) {
      gateways.push(await startGateway(env))
      workers.push(await startWorker(env))
    }
    photos = await photoRows(PERSONS)
  }, 180_000)
  afterAll(async () => {
    await Promise.all([...gateways, ...workers].map((one) => one.end('SIGKILL')))
    await cluster.close()
  })

  /** Insists as a client would while the gateway that it asks is dead. */
  async function ask(question: (calls: Calls) => ReturnType<Calls['send']>) {
    const until = performance.now() + DONE_MS
    for (let i = 0; ; i++) {
      const answer = await question(callsTo(gateways[i % gateways.length]!)).catch(() => null)
      if (answer !== null && answer.status < 500) return answer
      if (performance.now() > until) throw new Error(`not answered: ${answer?.status}`)
      await sleep(100)
    }
  }

  async function begin(count: number): Promise<string> {
    const headers = { 'idempotency-key': `import-${count}`, 'content-type': 'application/json' }
    const body = { name: `import ${count}`, samePicture: 'enroll' }
    // Of one person an answer has ten images at most, and a busy machine makes more imports than that.
    const ofImport = (row: PhotoRow) => ({
      ...row,
      person: { externalId: `${row.person.externalId} ${count}` },
    })
    const { status, json } = await ask((calls) =>
      calls.send({ method: 'POST', path: '/api/imports', headers, body: JSON.stringify(body) }),
    )
    expect(status, JSON.stringify(json)).toBe(201)
    const added = await ask((calls) =>
      calls.send({
        method: 'POST',
        path: `/api/imports/${json.id}/rows`,
        headers: { 'content-type': 'application/x-ndjson' },
        body: photos.rows.map((row) => `${JSON.stringify(ofImport(row))}\n`).join(''),
      }),
    )
    expect(added.json.added + added.json.known).toBe(photos.rows.length)
    await ask((calls) => calls.ask('POST', `/imports/${json.id}/close`))
    return json.id
  }

  const lookAt = async (id: string) => (await ask((calls) => calls.ask('GET', `/imports/${id}`))).json
  const stateOf = async (id: string) => (await lookAt(id)).state
  async function untilRowsEnded(id: string, before: number) {
    const isFar = async () => {
      const { state, rows } = await lookAt(id)
      return state === 'done' || rows.ended >= before + ROWS_BETWEEN_KILLS
    }
    await expect.poll(isFar, { timeout: DONE_MS, interval: 100 }).toBe(true)
  }
  async function killOne(count: number): Promise<void> {
    const place = Math.floor(count / 2) % 2
    if (count % 2 === 0) {
      await workers[place]!.end('SIGKILL')
      workers[place] = await startWorker(env)
      return
    }
    const { url } = gateways[place]!
    await gateways[place]!.end('SIGKILL')
    gateways[place] = await startGateway(env, { port: Number(new URL(url).port) })
  }

  /** Milliseconds from a kill until another row has ended; null: none was left. */
  async function killAndWait(id: string, count: number): Promise<number | null> {
    const before = (await lookAt(id)).rows.ended
    const killedAt = performance.now()
    const restarting = killOne(count)
    let goneOnMs: number | null = null
    const hasGoneOn = async () => {
      const { state, rows } = await lookAt(id)
      if (rows.ended > before) goneOnMs = performance.now() - killedAt
      return state === 'done' || goneOnMs !== null
    }
    await expect.poll(hasGoneOn, { timeout: DONE_MS, interval: 100 }).toBe(true)
    await restarting
    return goneOnMs
  }

  async function readReport(id: string): Promise<ReportLine[]> {
    const { bytes } = await ask((calls) => calls.send({ method: 'GET', path: `/api/imports/${id}/report` }))
    return reportLines(bytes)
  }

  it(
    `give each row one outcome, and a gallery that is what they report, after ${KILLS} kills`,
    async () => {
      const ids: string[] = []
      const goneOn: number[] = []
      for (let kills = 0; kills < KILLS; ) {
        const id = await begin(ids.length)
        ids.push(id)
        while (kills < KILLS && (await stateOf(id)) !== 'done') {
          const { rows: before } = await lookAt(id)
          await sleep(Math.random() * LONGEST_MS)
          await untilRowsEnded(id, before.ended)
          const ms = await killAndWait(id, kills++)
          if (ms !== null) goneOn.push(ms)
        }
        await expect.poll(() => stateOf(id), { timeout: DONE_MS, interval: 500 }).toBe('done')
      }
      const keys = photos.rows.map(({ key }) => key)
      const imports: ReportedImport[] = []
      for (const id of ids) imports.push({ keys, report: await readReport(id) })
      const lines = imports.flatMap(({ report }) => report)
      const outcomes = lines.map(({ outcome }) => outcome)
      const [median = 0, last = 0] = [
        goneOn.toSorted((a, b) => a - b)[goneOn.length >> 1],
        Math.max(...goneOn),
      ]
      console.log(`${KILLS} kills over ${ids.length} imports of ${photos.rows.length} rows`)
      console.log(`they went on after ${Math.round(median)} ms (median), and ${Math.round(last)} ms at most`)
      expectGoneOn(goneOn)
      expect(lines.filter(({ outcome }) => outcome === 'failed')).toEqual([])
      expect(outcomes.filter((outcome) => outcome === 'enrolled').length).toBeGreaterThan(
        0.9 * outcomes.length,
      )
      const calls = callsTo(gateways[0]!)
      expect(await compareWithReports(calls, imports, async (key) => photos.pictures.get(key)!)).toEqual([])
    },
    KILLS * 60_000,
  )
})
