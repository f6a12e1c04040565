import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Calls, callsTo } from '../e2e/calls.ts'
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
const servers = await openServersForPhotos("a cluster's pictures in S3")

interface S3rver {
  run(): Promise<{ readonly port: number }>
  close(): Promise<void>
}
// Written without types of its own.
const S3rver = createRequire(import.meta.url)('s3rver') as new (options: object) => S3rver
const BUCKET = 'faces'

describe.skipIf('skipped' in servers)('a cluster with its pictures in S3', () => {
  const cluster = servers as ClusterServers
  let folder: string
  let s3: S3rver
  let gateway: GatewayProcess
  let worker: WorkerProcess
  let calls: Calls
  let photo: Buffer

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'semblance-s3-'))
    const options = { port: 0, address: '127.0.0.1', silent: true, directory: folder }
    s3 = new S3rver({ ...options, configureBuckets: [{ name: BUCKET, configs: [] }] })
    const { port } = await s3.run()
    const env = {
      ...cluster.env,
      SEMBLANCE_PICTURES: 's3',
      SEMBLANCE_S3_BUCKET: BUCKET,
      SEMBLANCE_S3_ENDPOINT: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'S3RVER',
      AWS_SECRET_ACCESS_KEY: 'S3RVER',
      SEMBLANCE_LOG_LEVEL: 'warn',
      SEMBLANCE_THREADS: '1',
    }
    photo = await readFile(join(shared!, 'lfw-dev/images/Abdullah_Gul/Abdullah_Gul_0001.jpg'))
    ;[gateway, worker] = await Promise.all([startGateway(env), startWorker(env)])
    calls = callsTo(gateway)
  }, 120_000)
  afterAll(async () => {
    await Promise.all([gateway?.end('SIGTERM'), worker?.end('SIGTERM')])
    await s3?.close()
    await rm(folder, { recursive: true, force: true })
    await cluster.close()
  })

  async function keys(): Promise<readonly string[]> {
    const files = await readdir(join(folder, BUCKET), { recursive: true })
    const ending = '._S3rver_object'
    return files.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length))
  }

  it('keeps what is enrolled there, gives it back to the byte, and leaves nothing behind', async () => {
    const id = await calls.createPerson({ name: 'Ada' })
    // The second one is too large for Redis, and waits for the worker in the bucket, too.
    const large = await sharp(photo).resize(1_700).png({ compressionLevel: 0 }).toBuffer()
    for (const picture of [photo, large]) {
      const { status, json } = await calls.addImage(id, picture)
      expect(status).toBe(200)
      const kept = await calls.ask('GET', `/persons/${id}/images/${json.id}`)
      expect(Buffer.compare(kept.bytes, picture)).toBe(0)
    }
    expect((await calls.search(large)).json.persons).toMatchObject([{ id }])
    const images = await calls.imageIds(id)
    expect((await keys()).toSorted()).toEqual(images.map((image) => `pictures/${image}`).toSorted())
    // Somebody empties one object and takes the other away: neither is handed out, and each is named once.
    const fileOf = (image: string) => join(folder, BUCKET, 'pictures', `${image}._S3rver_object`)
    await writeFile(fileOf(images[0]!), photo.subarray(1))
    await rm(fileOf(images[1]!))
    for (const image of [...images, ...images]) {
      const read = await calls.ask('GET', `/persons/${id}/images/${image}`)
      expect(read).toMatchObject({
        status: 500,
        json: { type: 'E_PICTURE_DAMAGED', metadata: { id: image } },
      })
    }
    for (const image of images) expect(gateway.output().split(`"id":"${image}"`)).toHaveLength(2)
    const metrics = await (await fetch(`${gateway.opsUrl}/metrics`)).text()
    expect(metrics).toContain('semblance_damaged_pictures_total 4')
    expect((await calls.ask('DELETE', `/persons/${id}`)).status).toBe(204)
    await expect.poll(keys, { timeout: 20_000 }).toEqual([])
    expect((await calls.search(photo)).json.persons).toEqual([])
  }, 60_000)

  it('keeps pictures of imports there until their row is done, or the import is deleted', async () => {
    const path = `/imports/${(await calls.ask('POST', '/imports', { name: 'Staff' })).json.id}`
    await calls.ask('POST', `${path}/pause`)
    const row = { key: 'a', person: { externalId: 'a' }, picture: photo.toString('base64') }
    const headers = { 'content-type': 'application/x-ndjson' }
    await calls.send({ method: 'POST', path: `/api${path}/rows`, headers, body: `${JSON.stringify(row)}\n` })
    expect(await keys()).toEqual([expect.stringMatching(/^pictures\/staged\/[0-9a-f-]{36}$/)])
    expect((await calls.ask('DELETE', path)).status).toBe(204)
    await expect.poll(keys, { timeout: 20_000 }).toEqual([])
  }, 60_000)
})
