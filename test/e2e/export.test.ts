import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { extract } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type Calls, callsTo } from './calls.ts'
import { readAlbums } from './photos.ts'

const shared = findSharedData()

/** What the other installation has. Its photos are told by their bytes. */
interface Filled {
  readonly group: string
  readonly ada: string
  readonly bob: string
  readonly photos: readonly Buffer[]
  /** Of two people, so blurred that they look alike; nobody has enrolled them yet. */
  readonly bad: readonly Buffer[]
}

async function fill(calls: Calls): Promise<Filled> {
  const albums = await readAlbums(shared!)
  const album = albums.find(({ photos }) => photos.length >= 2)
  const photos = await Promise.all(album!.photos.slice(0, 2).map((path) => readFile(path)))
  const group = await calls.createGroup('Staff')
  const metadata = { exact: 1.5, nested: { '__proto__.$x': [null, 'ä'] } }
  const ada = await calls.createPerson({ name: 'Ada', externalId: 'a 1', metadata, groups: [group] })
  const bob = await calls.createPerson({ name: 'Bob', groups: [group] })
  for (const photo of photos) expect((await calls.addImage(ada, photo)).status).toBe(200)
  const bad = await Promise.all(
    albums.slice(0, 2).map(({ photos: [first] }) => sharp(first).blur(6).jpeg().toBuffer()),
  )
  return { group, ada, bob, photos, bad }
}

interface Found {
  readonly id: string
  readonly images: readonly [{ readonly distance: number; readonly faceQuality?: number }]
}

/** The files of an export but for its first one, which tells the time. */
async function filesOf(calls: Calls, query = ''): Promise<ReadonlyMap<string, string>> {
  const { status, bytes } = await calls.ask('GET', `/export?format=tar${query}`)
  expect(status).toBe(200)
  const files = new Map<string, string>()
  const reading = extract()
  reading.end(bytes)
  for await (const entry of reading) {
    const pieces: Buffer[] = []
    for await (const piece of entry) pieces.push(piece as Buffer)
    files.set(entry.header.name, Buffer.concat(pieces).toString('base64'))
  }
  expect(files.delete('semblance-export.json')).toBe(true)
  return files
}

/** Imports a tar, and answers the report. */
async function bringBack(calls: Calls, tar: Buffer, fields: object) {
  const made = await calls.ask('POST', '/imports', { name: 'export', ...fields })
  expect(made.status).toBe(201)
  const path = `/imports/${made.json.id}`
  const headers = { 'content-type': 'application/x-tar' }
  const taken = await calls.send({ method: 'PUT', path: `/api${path}/content`, headers, body: tar })
  expect([taken.status, taken.json.wrong]).toEqual([200, []])
  await calls.ask('POST', `${path}/close`)
  await vi.waitFor(async () => expect((await calls.ask('GET', path)).json.state).toBe('done'), {
    timeout: 60_000,
    interval: 200,
  })
  const { bytes } = await calls.ask('GET', `${path}/report`)
  const lines = bytes.toString().trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line)) as Record<string, string>[]
}

describe.skipIf(shared === null)('an export', async () => {
  let other: Installation
  let from: Calls
  let filled: Filled

  beforeAll(async () => {
    other = await startInstallation('standalone')
    from = callsTo(other)
    filled = await fill(from)
  }, 120_000)
  afterAll(async () => {
    await other?.close()
  })

  describe.each(await availableShapes())('brought into an empty gallery, %s', (shape) => {
    let server: Installation
    let calls: Calls
    let report: Record<string, string>[]

    beforeAll(async () => {
      server = await startInstallation(shape)
      calls = callsTo(server)
      const { bytes } = await from.ask('GET', '/export?format=tar&descriptors=true')
      report = await bringBack(calls, bytes, { trustDescriptors: true })
    }, 400_000)
    afterAll(async () => {
      await server?.close()
    })

    const exported = async (query: string) => {
      const { status, bytes } = await calls.ask('GET', `/export${query}`)
      expect(status).toBe(200)
      const lines = bytes.toString().trimEnd().split('\n')
      return lines.map((line) => JSON.parse(line))
    }

    it('gives the same ids, fields, times, pictures and descriptors, to the bit, without inference', async () => {
      const outcomes = report.map(({ outcome, descriptorFrom }) => descriptorFrom ?? outcome)
      // The other gallery has its Default group only if somebody needed it.
      expect(outcomes.toSorted(), JSON.stringify(report)).toEqual([
        'export',
        'export',
        'group-written',
        'person-written',
        'person-written',
      ])
      expect(await filesOf(calls, '&descriptors=true')).toEqual(await filesOf(from, '&descriptors=true'))
      if (shape === 'cluster') return
      const metrics = (await calls.send({ method: 'GET', path: '/metrics' })).bytes.toString()
      expect(metrics).toMatch(/^semblance_faces_total 0$/m)
    })

    it('is found by a search, at the same distance as where it came from', async () => {
      const [first] = filled.photos
      const hits = await Promise.all(
        [from, calls].map(async (each) => (await each.search(first!)).json.persons[0]),
      )
      expect(hits[1]).toMatchObject({ id: filled.ada, name: 'Ada' })
      const distances = hits.map(({ images }) => images.map(({ distance }: { distance: number }) => distance))
      expect(distances[1]).toEqual(distances[0])
    })

    it('counts are those of what was brought', async () => {
      const { json } = await calls.ask('GET', '/stats')
      expect(json).toMatchObject({ persons: 2, groups: 1, images: 2, indexedImages: 2 })
      expect(json.pack).toMatch(/./)
      expect(Object.keys(json.queue)).toEqual(['search', 'enroll', 'bulk'])
      expect((await calls.ask('GET', `/groups/${filled.group}`)).json.memberCount).toBe(2)
    })

    it('as lines has each record, a picture as its SHA-256 says, and descriptors only if they are asked for', async () => {
      const { group, ada } = filled
      const plain = await exported('')
      expect(plain.map(({ type }) => type)).toEqual(['group', 'person', 'image', 'image', 'person', 'end'])
      expect(plain[2]).not.toHaveProperty('descriptor')
      const { bytes } = await calls.ask('GET', `/${plain[2].path}`)
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(plain[2].sha256)
      expect(bytes.byteLength).toBe(plain[2].bytes)

      const whole = await exported(`?personId=${ada}&descriptors=true`)
      expect(whole.map(({ id }) => id)).toEqual([group, ada, plain[2].id, plain[3].id, undefined])
      const descriptor = Buffer.from(whole[2].descriptor, 'base64')
      const values = Array.from({ length: descriptor.byteLength / 4 }, (_, i) =>
        descriptor.readFloatLE(4 * i),
      )
      expect(values).toHaveLength(512)
      expect(Math.hypot(...values)).toBeCloseTo(1, 4)
    })

    it('lists tell who has a picture, and a deleted person is in no export and does not come back', async () => {
      const { group, ada, bob } = filled
      const ids = async (query: string) =>
        (await calls.ask('GET', `/persons?${query}`)).json.items.map(({ id }: { id: string }) => id)
      expect(await ids('hasImages=true')).toEqual([ada])
      expect(await ids(`hasImages=false&groupId=${group}&namePrefix=B`)).toEqual([bob])
      expect((await calls.ask('DELETE', `/persons/${ada}`)).status).toBe(204)
      expect((await exported(`?groupId=${group}`)).map(({ id }) => id)).toEqual([group, bob, undefined])
      expect((await calls.ask('GET', `/export?personId=${ada}`)).status).toBe(404)

      const { bytes } = await from.ask('GET', `/export?format=tar&personId=${ada}`)
      const again = await bringBack(calls, bytes, {})
      // What the erasure of the person met on its way has failed; the others met a tombstone.
      const outcomes = again.map(({ outcome }) => (outcome === 'failed' ? 'invalid' : outcome))
      expect(outcomes).toEqual(['group-written', 'invalid', 'invalid', 'invalid'])
      expect((await calls.ask('GET', `/persons/${ada}`)).status).toBe(404)
    })
  })

  it('has bad faces as far from each other as they were, in the gallery that it is brought into', async () => {
    const persons: string[] = []
    for (const bad of filled.bad) {
      persons.push(await from.createPerson({ name: 'Bad' }))
      expect((await from.addImage(persons.at(-1)!, bad)).status).toBe(200)
    }
    const wanted = { personIds: persons, format: 'tar', descriptors: true }
    const { bytes } = await from.ask('POST', '/export', wanted)
    const server = await startInstallation('standalone')
    try {
      const calls = callsTo(server)
      await bringBack(calls, bytes, { trustDescriptors: true })
      const distances = async (of: Calls) => {
        const { json } = await of.search(filled.bad[0]!, { threshold: 2 })
        const found = json.persons.filter(({ id }: { id: string }) => persons.includes(id))
        return found.map(({ id, images: [image] }: Found) => [id, image.distance, image.faceQuality])
      }
      const before = await distances(from)
      expect(before).toHaveLength(2)
      for (const [, , quality] of before) expect(quality).toBeLessThan(60)
      expect(await distances(calls)).toEqual(before)
    } finally {
      await server.close()
    }
  }, 120_000)
})
