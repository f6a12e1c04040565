import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Calls, callsTo, inParallel } from '../e2e/calls.ts'
import { mergeWhileSearching } from '../e2e/merge-while-searching.ts'
import { drawEvenly, readAlbums } from '../e2e/photos.ts'
import { deleteWhileRowsWait, failedRowsOf } from '../e2e/rows-of-the-deleted.ts'
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
const servers = await openServersForPhotos('bulk work in a cluster')

/** A host of a manifest, of which it gives the first half of the bytes, and all of them once it may. */
const manifest = `key,name\n${Array.from({ length: 30 }, (_, i) => `linked ${i},Linked ${i}\n`).join('')}`
const asked: string[] = []
let isWhole = false
const host = createServer((request, response) => {
  asked.push(request.url ?? '')
  response.writeHead(200, { 'content-length': manifest.length, etag: '"1"' })
  if (isWhole) response.end(manifest)
  else response.write(manifest.slice(0, manifest.length / 2))
}).listen(0, '127.0.0.1')
await once(host, 'listening')
const origin = `127.0.0.1:${(host.address() as AddressInfo).port}`

const PERSONS = 12
const STRANGERS = 150
/** Another gateway takes the lease over after 15 s or so, and the rows that the killed one had with it. */
const DONE_MS = 150_000

/** A distance at which many of these persons are near each other. */
const MANY_PAIRS = 1.1
/** A pack whose distances follow from the cosine alone, and its operating point of two enrollments. */
const PACK = 'builtin@1'
const RICH_RICH = 0.907536

interface Pair {
  readonly distance: number
  readonly persons: readonly { readonly imageId: string }[]
}

interface Line {
  readonly key: string
  readonly outcome?: string
  readonly personId?: string
  readonly imageId?: string
}

describe.skipIf('skipped' in servers)('bulk work in a cluster', () => {
  const cluster = servers as ClusterServers
  const env = {
    ...cluster.env,
    SEMBLANCE_PACK: PACK,
    SEMBLANCE_LOG_LEVEL: 'warn',
    SEMBLANCE_THREADS: '1',
    // So many that all rows of one import are handed out at once, and wait in the queue.
    SEMBLANCE_IMPORT_ROWS: '64',
    SEMBLANCE_LINK_HOSTS: origin,
  }
  let leader: GatewayProcess
  let other: GatewayProcess
  let worker: WorkerProcess
  let calls: Calls
  let rows: readonly { readonly key: string }[]
  /** Of persons, begun while an import was under way. */
  let deletion: string
  /** Id of an import of a manifest that the leader had begun to read. */
  let linked: string

  beforeAll(async () => {
    // The first gateway leads the importer.
    leader = await startGateway(env)
    ;[other, worker] = await Promise.all([startGateway(env), startWorker(env)])
    calls = callsTo(other)
    rows = await rowsOfPhotos()
  }, 120_000)
  afterAll(async () => {
    await Promise.all([leader, other, worker].map((one) => one?.end('SIGKILL')))
    host.closeAllConnections()
    host.close()
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
  const strangers = async () =>
    (await calls.ask('GET', '/persons?namePrefix=Stranger&size=1')).json.totalPages as number
  /** Id of an operation that has begun to delete persons of whom the import knows nothing. */
  const deleteInPart = async () => {
    const names = Array.from({ length: STRANGERS }, (_, i) => `Stranger ${i}`)
    await inParallel(names, 8, (name) => calls.createPerson({ name }))
    const path = `/persons?namePrefix=Stranger&count=${STRANGERS}`
    const { id } = (await calls.ask('DELETE', path)).json
    await expect.poll(strangers, { timeout: 30_000, interval: 20 }).toBeLessThan(STRANGERS)
    return id as string
  }
  const untilDone = (path: string) =>
    expect
      .poll(async () => (await calls.ask('GET', path)).json?.state, { timeout: DONE_MS, interval: 200 })
      .toBe('done')
  /** The nearest pictures of each two persons, by all descriptors that the gallery exports. */
  const compareAll = async () => {
    const answer = await fetch(`${other.url}/api/export?descriptors=true`)
    const lines = (await answer.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const images = lines.filter(({ type }) => type === 'image').map(vectorOf)
    const nearest = new Map<string, { readonly imageIds: readonly string[]; readonly cosine: number }>()
    for (const one of images)
      for (const two of images) {
        if (one.personId >= two.personId) continue
        const cosine = one.vector.reduce((sum, value, i) => sum + value * (two.vector[i] ?? 0), 0)
        const key = `${one.personId} ${two.personId}`
        if (cosine > (nearest.get(key)?.cosine ?? -1))
          nearest.set(key, { imageIds: [one.id, two.id], cosine })
      }
    return [...nearest.values()]
      .map(({ imageIds, cosine }) => ({ imageIds, distance: distanceAt(cosine) }))
      .filter(({ distance }) => distance <= MANY_PAIRS)
      .toSorted((a, b) => a.distance - b.distance)
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
    deletion = await deleteInPart()
    linked = (await calls.ask('POST', '/imports', { name: 'Linked', dryRun: true })).json.id
    await calls.ask('POST', `/imports/${linked}/source`, { url: `http://${origin}/a.csv`, close: true })
    await expect.poll(() => asked.length, { timeout: DONE_MS, interval: 100 }).toBe(1)
    await leader.end('SIGKILL')
    isWhole = true
    await expect.poll(async () => (await view(id)).state, { timeout: DONE_MS, interval: 500 }).toBe('done')

    const lines = await report(id)
    expect(lines.map(({ key }) => key).toSorted()).toEqual(rows.map(({ key }) => key).toSorted())
    const enrolled = lines.filter(({ outcome }) => outcome === 'enrolled')
    expect(enrolled).toHaveLength(rows.length - 1)
    expect(lines.filter(({ outcome }) => outcome === 'same-picture').map(({ key }) => key)).toEqual([
      'again.jpg',
    ])
    await untilDone(`/operations/${deletion}`)
    const gallery = await galleryImages()
    expect(gallery.persons).toBe(PERSONS)
    expect(gallery.imageIds).toEqual(enrolled.map(({ imageId }) => imageId).toSorted())
    expect((await view(id)).rows).toMatchObject({ ended: rows.length, stagedBytes: 0 })
  }, 400_000)

  it('enrolls hardly anything more once it is cancelled, although all rows had been handed out', async () => {
    const many = rows.flatMap((row) => [row, { ...row, key: `${row.key} again` }])
    const { id } = (await calls.ask('POST', '/imports', { name: 'Cancelled', dryRun: true })).json
    const untilHandedOut = (count: number) =>
      expect.poll(async () => (await view(id)).rows.underWay, { timeout: DONE_MS, interval: 50 }).toBe(count)
    // The worker stands still until all rows are handed out, so that however fast it is, hardly any has ended by then.
    worker.process.kill('SIGSTOP')
    await calls.send({
      method: 'POST',
      path: `/api/imports/${id}/rows`,
      headers: { 'content-type': 'application/x-ndjson' },
      body: many.map((row) => `${JSON.stringify(row)}\n`).join(''),
    })
    await calls.ask('POST', `/imports/${id}/close`)
    await untilHandedOut(many.length)
    worker.process.kill('SIGCONT')
    await calls.ask('POST', `/imports/${id}/pause`)
    await untilHandedOut(0)
    const { waiting } = (await view(id)).rows
    expect(waiting).toBeGreaterThan(0)
    worker.process.kill('SIGSTOP')
    await calls.ask('POST', `/imports/${id}/resume`)
    await untilHandedOut(waiting)
    worker.process.kill('SIGCONT')
    await calls.ask('POST', `/imports/${id}/cancel`)
    await expect.poll(async () => (await view(id)).endedAt, { timeout: 30_000 }).toEqual(expect.any(String))
    const { byOutcome } = (await view(id)).rows
    expect(byOutcome.cancelled).toBeGreaterThan(0)
    expect((await report(id)).map(({ key }) => key)).toEqual(many.map(({ key }) => key))
    expect((await report(id)).map(({ outcome }) => outcome)).not.toContain(undefined)
  }, 120_000)

  it('reads the manifest behind a link to its end that the killed gateway had begun to read', async () => {
    await untilDone(`/imports/${linked}`)
    expect(await view(linked)).toMatchObject({
      source: { state: 'read', rows: 30, conflicts: 0 },
      rows: { total: 30, byOutcome: { 'person-written': 30 } },
    })
    expect(asked.length).toBeGreaterThan(1)
    expect((await report(linked)).map(({ key }) => key)).toEqual(
      Array.from({ length: 30 }, (_, i) => `linked ${i}`),
    )
  }, 200_000)

  it('ends the deletion of many persons in which that gateway was killed', async () => {
    const { json } = await calls.ask('GET', `/operations/${deletion}`)
    expect(json).toMatchObject({ done: STRANGERS, total: STRANGERS, skipped: 0 })
    expect(await strangers()).toBe(0)
  }, 60_000)

  it('forgets a person who is deleted', async () => {
    const [{ id }] = (await calls.ask('GET', '/imports')).json.items.filter(
      (one: { name: string }) => one.name === 'Staff',
    )
    const [{ id: personId, name }] = (await calls.ask('GET', '/persons?size=1')).json.items
    expect(JSON.stringify(await report(id))).toContain(name)
    await calls.ask('DELETE', `/persons/${personId}`)
    await expect
      .poll(async () => JSON.stringify(await report(id)), { timeout: 30_000, interval: 200 })
      .not.toContain(name)
    expect(await report(id)).toHaveLength(rows.length)
  }, 60_000)

  it('finds who may be enrolled twice, although the worker that compares them is killed', async () => {
    const { id } = (await calls.ask('POST', '/duplicates', { threshold: MANY_PAIRS })).json
    await worker.end('SIGKILL')
    worker = await startWorker(env)
    await untilDone(`/duplicates/${id}`)
    const pairs = (await calls.ask('GET', `/duplicates/${id}/pairs`)).json.items as readonly Pair[]
    const expected = await compareAll()
    expect(pairs.map(({ persons }) => persons.map(({ imageId }) => imageId))).toEqual(
      expected.map(({ imageIds }) => imageIds),
    )
    for (const [i, { distance }] of pairs.entries()) expect(distance).toBeCloseTo(expected[i]!.distance, 4)
    expect(pairs.length).toBeGreaterThan(10)
  }, 200_000)

  it('merges two persons while both are searched for', async () => {
    const [one, two] = (await calls.ask('GET', '/persons?hasImages=true&size=2')).json.items
    const pair = { id: one.id, otherId: two.id }
    const images = [...(await calls.imageIds(pair.id)), ...(await calls.imageIds(pair.otherId))]
    const refused = await calls.ask('POST', `/persons/${pair.id}/merge`, { otherId: pair.otherId })
    expect([refused.status, refused.json.type]).toEqual([409, 'PersonsNotMergeable'])
    await calls.ask('PUT', `/persons/${pair.otherId}`, { externalId: null })
    const { before, after } = await mergeWhileSearching(calls, pair)
    expect(Math.min(before, after)).toBeGreaterThan(0)
    expect((await calls.imageIds(pair.id)).toSorted()).toEqual(images.toSorted())
    expect((await calls.ask('GET', `/persons/${pair.otherId}`)).status).toBe(404)
  }, 60_000)

  it('end with whoever is deleted or expires, and no row that comes later does', async () => {
    const failed = async () => {
      const told = [other, worker].map(async ({ opsUrl }) => (await fetch(`${opsUrl}/metrics`)).text())
      return (await Promise.all(told)).reduce((sum, text) => sum + failedRowsOf(text), 0)
    }
    await deleteWhileRowsWait(calls, failed)
  }, 120_000)
})

function vectorOf(line: { id: string; personId: string; descriptor: string }) {
  const bytes = Buffer.from(line.descriptor, 'base64')
  const vector = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i))
  return { id: line.id, personId: line.personId, vector }
}

function distanceAt(cosine: number): number {
  if (cosine >= RICH_RICH) return (1 - cosine) / (1 - RICH_RICH)
  return 1 + (RICH_RICH - cosine) / (RICH_RICH + 1)
}
