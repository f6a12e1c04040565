import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Calls, callsTo } from '../e2e/calls.ts'
import { drawEvenly, readAlbums } from '../e2e/photos.ts'
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
const servers = await openServersForPhotos('imports in a cluster')

const PERSONS = 12
/** Another gateway takes the lease over after 15 s, and a row whose claim ran out after 20 s. */
const DONE_MS = 150_000

interface Line {
  readonly key: string
  readonly outcome?: string
  readonly personId?: string
  readonly imageId?: string
}

describe.skipIf('skipped' in servers)('an import in a cluster', () => {
  const cluster = servers as ClusterServers
  const env = {
    ...cluster.env,
    SEMBLANCE_LOG_LEVEL: 'warn',
    SEMBLANCE_THREADS: '1',
    SEMBLANCE_IMPORT_ROWS: '8',
  }
  let leader: GatewayProcess
  let other: GatewayProcess
  let worker: WorkerProcess
  let calls: Calls
  let rows: readonly { readonly key: string }[]

  beforeAll(async () => {
    // The first gateway leads the importer.
    leader = await startGateway(env)
    ;[other, worker] = await Promise.all([startGateway(env), startWorker(env)])
    calls = callsTo(other)
    rows = await rowsOfPhotos()
  }, 120_000)
  afterAll(async () => {
    await Promise.all([leader, other, worker].map((one) => one?.end('SIGKILL')))
    await cluster.close()
  })

  /** Two photos of each person, and the first person's first photo once more. */
  async function rowsOfPhotos() {
    const albums = (await readAlbums(shared!)).filter(({ photos }) => photos.length > 1)
    const rowOf = async (name: string, photo: string, key: string) => {
      const picture = await sharp(await readFile(photo))
        .resize(125)
        .jpeg()
        .toBuffer()
      return { key, name, person: { externalId: name }, picture: picture.toString('base64') }
    }
    const drawn = drawEvenly(albums, PERSONS)
    const all = drawn.flatMap(({ name, photos }) =>
      photos.slice(0, 2).map((photo, i) => rowOf(name, photo, `${name}/${i}.jpg`)),
    )
    const first = drawn[0]!
    return Promise.all([...all, rowOf(first.name, first.photos[0]!, 'again.jpg')])
  }

  const begin = async () => (await calls.ask('POST', '/imports', { name: 'Staff' })).json.id as string
  const addRows = (id: string) =>
    calls.send({
      method: 'POST',
      path: `/api/imports/${id}/rows`,
      headers: { 'content-type': 'application/x-ndjson' },
      body: rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    })
  const view = async (id: string) => (await calls.ask('GET', `/imports/${id}`)).json
  const untilEnded = (id: string, count: number) =>
    expect
      .poll(async () => (await view(id)).rows.ended, { timeout: DONE_MS, interval: 100 })
      .toBeGreaterThanOrEqual(count)
  const report = async (id: string): Promise<Line[]> => {
    const answer = await fetch(`${other.url}/api/imports/${id}/report`)
    return (await answer.text())
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  }
  const galleryImages = async () => {
    const { json } = await calls.ask('GET', '/persons?size=100')
    const ids = await Promise.all(json.items.map(({ id }: { id: string }) => calls.imageIds(id)))
    return { persons: json.items.length as number, imageIds: ids.flat().toSorted() }
  }

  it('ends each row once, although its worker and the gateway that leads it are killed', async () => {
    const id = await begin()
    expect((await addRows(id)).json).toMatchObject({ added: rows.length, invalid: 0, conflicts: 0 })
    expect((await addRows(id)).json).toMatchObject({ added: 0, known: rows.length })
    await calls.ask('POST', `/imports/${id}/close`)
    await untilEnded(id, 3)
    await worker.end('SIGKILL')
    worker = await startWorker(env)
    await untilEnded(id, 8)
    await leader.end('SIGKILL')
    await expect.poll(async () => (await view(id)).state, { timeout: DONE_MS, interval: 500 }).toBe('done')

    const lines = await report(id)
    expect(lines.map(({ key }) => key).toSorted()).toEqual(rows.map(({ key }) => key).toSorted())
    const enrolled = lines.filter(({ outcome }) => outcome === 'enrolled')
    expect(enrolled).toHaveLength(rows.length - 1)
    expect(lines.filter(({ outcome }) => outcome === 'same-picture').map(({ key }) => key)).toEqual([
      'again.jpg',
    ])
    const gallery = await galleryImages()
    expect(gallery.persons).toBe(PERSONS)
    expect(gallery.imageIds).toEqual(enrolled.map(({ imageId }) => imageId).toSorted())
    expect((await view(id)).rows).toMatchObject({ ended: rows.length, stagedBytes: 0 })
  }, 400_000)

  it('forgets a person who is deleted', async () => {
    const [{ id }] = (await calls.ask('GET', '/imports?size=1')).json.items
    const [{ id: personId, name }] = (await calls.ask('GET', '/persons?size=1')).json.items
    expect(JSON.stringify(await report(id))).toContain(name)
    await calls.ask('DELETE', `/persons/${personId}`)
    await expect
      .poll(async () => JSON.stringify(await report(id)), { timeout: 30_000, interval: 200 })
      .not.toContain(name)
    expect(await report(id)).toHaveLength(rows.length)
  }, 60_000)
})
