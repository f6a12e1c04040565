import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { Descriptor, GroupId, ImageId, IndexEntry, IndexQuery, PersonId } from '@semblance/core'
import {
  aDescriptor,
  anIndexEntry,
  anIndexQuery,
  newTestId,
  searchNaively,
  TEST_PACK,
} from '@semblance/testkit'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type ExactDescriptorIndex, openExactDescriptorIndex } from './exact-descriptor-index.ts'

/** No multiple of the 16 values that rows are padded to. */
const DIMENSIONS = 41
const SMALL_CHUNKS = 1
const GROUPS = Array.from({ length: 5 }, () => newTestId<GroupId>())

const opened: ExactDescriptorIndex[] = []
afterEach(async () => {
  for (const index of opened.splice(0)) await index.close()
})

async function anIndex(
  options: Partial<Parameters<typeof openExactDescriptorIndex>[0]> = {},
): Promise<ExactDescriptorIndex> {
  const index = await openExactDescriptorIndex({
    packId: TEST_PACK,
    dimensions: DIMENSIONS,
    threads: 2,
    ...options,
  })
  opened.push(index)
  return index
}

/** The face of a person (`seed`) in a picture that differs from others of it by `noise`. */
function aFace(seed: number, noise: number, amount = 0.3): Descriptor {
  const face = aDescriptor(seed, { dimensions: DIMENSIONS }).values
  const change = aDescriptor(noise, { dimensions: DIMENSIONS }).values
  const mixed = face.map((value, at) => value + amount * (change[at] ?? 0))
  const length = Math.hypot(...mixed)
  return { packId: TEST_PACK, values: mixed.map((value) => value / length) }
}

/** Some persons with one image, some with many; three chunks' worth. */
function aGallery(rows: number): IndexEntry[] {
  const persons = Array.from({ length: Math.ceil(rows / 3) }, () => newTestId<PersonId>())
  return Array.from({ length: rows }, (_, row) => {
    const seed = Math.floor(Math.sqrt(row * 7919) * 10) % persons.length
    return anIndexEntry({
      personId: persons[seed]!,
      descriptor: aFace(seed, 10_000 + row),
      groups: GROUPS.filter((_, at) => seed % (at + 2) === 0),
      name: `Person ${seed % 50}`,
      externalId: seed % 3 === 0 ? null : `id-${seed}`,
    })
  })
}

const SEARCHES: readonly Partial<IndexQuery>[] = [
  { limit: 25, imagesPerPerson: 3 },
  { limit: 5, minCosine: 0.6, imagesPerPerson: 4 },
  { limit: 2000, minCosine: -0.1 },
  { filter: { groups: [GROUPS[4]!], field: null }, imagesPerPerson: 2 },
  { filter: { groups: GROUPS, field: { field: 'name', op: 'in', values: ['Person 7', 'Person 9'] } } },
  { filter: { groups: null, field: { field: 'externalId', op: 'nin', values: ['id-1'] } }, limit: 40 },
]

describe('ExactDescriptorIndex', () => {
  it.each([
    { threads: 1 },
    { threads: 2, firstLook: 'float32' },
    { threads: 2, chunkBytes: SMALL_CHUNKS },
    { threads: 3, chunkBytes: SMALL_CHUNKS, partRows: 1024 },
  ] as const)('answers to the last digit what looking at everything does, with %o', async (options) => {
    const index = await anIndex(options)
    const gallery = aGallery(3000)
    const gone = gallery.filter((_, row) => row % 5 === 0)
    await index.upsert(gallery)
    await index.remove(gone.map(({ imageId }) => imageId))
    const left = gallery.filter((_, row) => row % 5 !== 0)
    for (const given of SEARCHES) {
      const query = anIndexQuery(given)
      // More than are compared in one go, and an odd number of them.
      const probes = Array.from({ length: 19 }, (_, seed) => ({
        descriptor: aFace(seed, 5),
        exclude: left.filter((_, row) => row % 100 === seed).map(({ payload }) => payload.personId),
      }))
      const expected = probes.map(({ descriptor, exclude }) =>
        searchNaively(left, descriptor, { ...query, exclude, imagesPerPerson: 1 }),
      )
      expect(await index.searchMany(probes, query)).toEqual(expected)
      for (const seed of [3, 77, 400]) {
        const probe = aFace(seed, 5)
        expect(await index.search(probe, anIndexQuery(given))).toEqual(
          searchNaively(left, probe, anIndexQuery(given)),
        )
      }
    }
  })

  it('answers so for any gallery of faces that lie close together', async () => {
    const index = await anIndex()
    const aCrowd = fc.array(fc.tuple(fc.nat(6), fc.nat(30), fc.constantFrom(1e-7, 1e-6, 1e-4, 0.1)), {
      maxLength: 60,
    })
    await fc.assert(
      fc.asyncProperty(aCrowd, fc.integer({ min: 1, max: 6 }), async (crowd, limit) => {
        const persons = Array.from({ length: 7 }, () => newTestId<PersonId>())
        const gallery = crowd.map(([person, noise, amount]) =>
          anIndexEntry({ personId: persons[person]!, descriptor: aFace(1, noise, amount) }),
        )
        await index.upsert(gallery)
        const query = anIndexQuery({ limit, imagesPerPerson: 3, minCosine: 0.99 })
        expect(await index.search(aFace(1, 3, 1e-5), query)).toEqual(
          searchNaively(gallery, aFace(1, 3, 1e-5), query),
        )
        await index.remove(gallery.map(({ imageId }) => imageId))
      }),
      { numRuns: 100 },
    )
  })

  it('refuses a descriptor that is not of unit length and an id with a second spelling', async () => {
    const index = await anIndex()
    const descriptor = aFace(1, 2)
    const long = { ...descriptor, values: descriptor.values.map((value) => value * 1.1) }
    await expect(index.upsert([anIndexEntry({ descriptor: long })])).rejects.toThrow(TypeError)
    await expect(index.search(long, anIndexQuery())).rejects.toThrow(TypeError)
    const imageId = newTestId<ImageId>().toUpperCase() as ImageId
    await expect(index.upsert([anIndexEntry({ descriptor, imageId })])).rejects.toThrow(TypeError)
    expect(await index.count()).toBe(0)
  })

  it('lets a search of somebody who waits go between two parts of many', async () => {
    const index = await anIndex({ partRows: 1024 })
    await index.upsert(aGallery(5000))
    const probes = [{ descriptor: aFace(1, 2), exclude: [] }]
    const ended: string[] = []
    let searching: Promise<unknown> | null = null
    const giveWay = async () => {
      searching ??= index.search(aFace(1, 2), anIndexQuery()).then(() => ended.push('search'))
    }
    await index.searchMany(probes, anIndexQuery(), { giveWay }).then(() => ended.push('many'))
    await searching
    expect(ended).toEqual(['search', 'many'])
  })

  it('rejects a search with the reason when its caller leaves, running or waiting, and goes on', async () => {
    const index = await anIndex()
    await index.upsert(aGallery(3000))
    const reason = new Error('the caller left')
    const [first, second] = [new AbortController(), new AbortController()]
    const running = index.search(aFace(1, 2), anIndexQuery(), first)
    const waiting = index.search(aFace(1, 2), anIndexQuery(), second)
    second.abort(reason)
    first.abort(reason)
    await expect(running).rejects.toBe(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(await index.search(aFace(1, 2), anIndexQuery())).toHaveLength(10)
  })

  it('does all of a write before or after a search, never in between', async () => {
    const index = await anIndex()
    const gallery = aGallery(2500)
    const probe = aFace(1, 2)
    const query = anIndexQuery({ limit: 9, imagesPerPerson: 2 })
    const whole = searchNaively(gallery, probe, query)
    const writes = [1, 2, 3].flatMap(() => [
      index.upsert(gallery),
      index.remove(gallery.map(({ imageId }) => imageId)),
    ])
    const searches = Array.from({ length: 40 }, () => index.search(probe, query))
    const late = writes.at(-1)?.then(() => index.search(probe, query))
    for (const found of await Promise.all(searches)) expect([whole, []]).toContainEqual(found)
    expect(await late).toEqual([])
  })
})

describe('ExactDescriptorIndex and its threads', () => {
  const startBroken = (code: string) => () => new Worker(code, { eval: true })
  const READY_THEN_DEAD = `
    const { parentPort } = require('node:worker_threads')
    parentPort.on('message', ({ kind }) => {
      if (kind === 'setup') parentPort.postMessage({ kind: 'ready' })
      if (kind === 'scan') process.exit(3)
    })`

  it('fails a search with E_INDEX_UNAVAILABLE when a thread dies under it, and serves the next one', async () => {
    const starts: (() => Worker)[] = [startBroken(READY_THEN_DEAD)]
    const startGood = () => new Worker(new URL('../thread/scan-thread.ts', import.meta.url))
    const index = await anIndex({ startThread: () => (starts.pop() ?? startGood)() })
    const gallery = aGallery(3000)
    await index.upsert(gallery)
    const search = () => index.search(aFace(1, 2), anIndexQuery())
    await expect(search()).rejects.toMatchObject({ code: 'E_INDEX_UNAVAILABLE', retryable: true })
    expect(await search()).toEqual(searchNaively(gallery, aFace(1, 2), anIndexQuery()))
    await expect(index.check()).resolves.toBeUndefined()
  })

  it('does not open where a thread cannot start', async () => {
    const opening = anIndex({ startThread: startBroken('throw new Error("no memory")') })
    await expect(opening).rejects.toMatchObject({ code: 'E_INDEX_UNAVAILABLE' })
  })

  it('rejects what waits or comes after close with E_INDEX_UNAVAILABLE', async () => {
    const index = await anIndex()
    await index.upsert(aGallery(3000))
    const waiting = [1, 2, 3].map(() => index.search(aFace(1, 2), anIndexQuery()))
    const outcomes = Promise.allSettled(waiting)
    await index.close()
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    for (const call of [index.count(), index.check(), index.search(aFace(1, 2), anIndexQuery())])
      await expect(call).rejects.toMatchObject({ code: 'E_INDEX_UNAVAILABLE' })
  })

  it('lets a process that has closed its index end by itself', async () => {
    const url = new URL('./exact-descriptor-index.ts', import.meta.url)
    const program = `
      import(${JSON.stringify(url.href)})
        .then(({ openExactDescriptorIndex }) =>
          openExactDescriptorIndex({ packId: 'test@1', dimensions: 4, threads: 2 }))
        .then((index) => index.close())
        .then(() => process.stdout.write('closed'))`
    const conditions = ['--conditions=@semblance/source']
    const options = { timeout: 20_000 }
    const ended = await promisify(execFile)(process.execPath, [...conditions, '--eval', program], options)
    expect(ended.stdout).toBe('closed')
  })
})
