import { readFile } from 'node:fs/promises'
import { openMongoDatabase } from '@semblance/store-mongo'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Calls, callsTo } from '../e2e/calls.ts'
import { drawEvenly, readAlbums } from '../e2e/photos.ts'
import { sendImportTwice } from '../e2e/send-import-twice.ts'
import { clockAhead } from '../servers/clock-ahead.ts'
import {
  type ClusterServers,
  type GatewayProcess,
  openServersForPhotos,
  startGateway,
  startWorker,
  type WorkerProcess,
} from '../servers/cluster.ts'
import { findSharedData } from '../servers/shared-data.ts'

const shared = findSharedData()
const servers = await openServersForPhotos('imports in a cluster of several clocks')

const MINUTE = 60_000
const PERSONS = 20
const DONE_MS = 120_000

/** Gateways and worker disagree with each other by up to 20 minutes, and all of them with MongoDB and Redis. */
describe.skipIf('skipped' in servers)('clocks that differ between gateways, worker and database', () => {
  const cluster = servers as ClusterServers
  const env: Readonly<Record<string, string>> = {
    ...cluster.env,
    SEMBLANCE_PACK: 'builtin@1',
    SEMBLANCE_LOG_LEVEL: 'warn',
  }
  let database: Awaited<ReturnType<typeof openMongoDatabase>>
  let leader: GatewayProcess
  let other: GatewayProcess
  let worker: WorkerProcess
  let calls: Calls
  let rows: readonly { readonly key: string }[]
  /** By the clock of this process. */
  const firstImport = { begunAt: 0, endedAt: 0 }

  beforeAll(async () => {
    // The first gateway leads the importer.
    leader = await startGateway({ ...env, ...clockAhead(10 * MINUTE) })
    ;[other, worker] = await Promise.all([
      startGateway({ ...env, ...clockAhead(-10 * MINUTE) }),
      startWorker({ ...env, ...clockAhead(-5 * MINUTE) }),
    ])
    calls = callsTo(other)
    database = await openMongoDatabase({ url: cluster.mongo.url, databaseName: env.SEMBLANCE_NAME! })
    const drawn = drawEvenly(await readAlbums(shared!), PERSONS)
    rows = await Promise.all(drawn.map(({ name, photos }) => rowOf(name, photos[0]!)))
  }, 120_000)
  afterAll(async () => {
    leader?.process.kill('SIGCONT')
    await Promise.all([leader, other, worker].map((one) => one?.end('SIGKILL')))
    await database?.close()
    await cluster.close()
  })

  async function rowOf(name: string, photo: string) {
    const picture = await sharp(await readFile(photo))
      .resize(125)
      .jpeg()
      .toBuffer()
    return { key: name, name, person: { externalId: name }, picture: picture.toString('base64') }
  }
  const view = async (id: string) => (await calls.ask('GET', `/imports/${id}`)).json
  const galleryImages = async () => {
    const { items } = (await calls.ask('GET', '/persons?size=100')).json
    return (await Promise.all(items.map(({ id }: { readonly id: string }) => calls.imageIds(id)))).flat()
  }

  it('the same import sent twice at once over HTTP, through two gateways, makes one import', async () => {
    firstImport.begunAt = Date.now()
    const made = await sendImportTwice([callsTo(leader), callsTo(other)], rows.slice(0, 6))
    firstImport.endedAt = Date.now()
    expect((await galleryImages()).toSorted()).toEqual(made.toSorted())
  }, 150_000)

  it('are as they are meant to be', async () => {
    const expectBetween = (time: number, begunAt: number, endedAt: number) => {
      expect(time).toBeGreaterThanOrEqual(begunAt)
      expect(time).toBeLessThanOrEqual(endedAt)
    }
    for (const [gateway, minutes] of [
      [leader, 10],
      [other, -10],
    ] as const) {
      const begunAt = Date.now()
      const { json } = await callsTo(gateway).ask('POST', '/imports', { name: 'What time is it?' })
      expectBetween(new Date(json.createdAt).getTime() - minutes * MINUTE, begunAt, Date.now())
    }
    const image = await database.db.collection('images').findOne({ state: 'ready' })
    expectBetween(image?.createdAt + 5 * MINUTE, firstImport.begunAt, firstImport.endedAt)
  })

  it('harm no claim and no lease, also when the gateway that leads stands still and wakes up again', async () => {
    const { id } = (await calls.ask('POST', '/imports', { name: 'Clocks', samePicture: 'enroll' })).json
    const claims = async () => {
      const records = await database.db.collection('importRows').find({ importId: id }).toArray()
      return records.map(({ tries }) => tries as number)
    }
    await calls.send({
      method: 'POST',
      path: `/api/imports/${id}/rows`,
      headers: { 'content-type': 'application/x-ndjson' },
      body: rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    })
    await calls.ask('POST', `/imports/${id}/close`)
    await expect
      .poll(async () => (await view(id)).rows.ended, { timeout: DONE_MS, interval: 50 })
      .toBeGreaterThan(2)
    expect(Math.max(...(await claims()))).toBe(1)
    leader.process.kill('SIGSTOP')
    // By a clock, the other one would wait for twenty minutes, or not at all.
    await expect.poll(async () => (await view(id)).state, { timeout: DONE_MS, interval: 500 }).toBe('done')
    leader.process.kill('SIGCONT')
    expect(Math.max(...(await claims()))).toBeLessThanOrEqual(2)
    expect((await view(id)).rows.byOutcome).toEqual({ enrolled: PERSONS })
    // Of the first six both imports have enrolled the picture.
    expect(await galleryImages()).toHaveLength(PERSONS + 6)
  }, 150_000)
})
