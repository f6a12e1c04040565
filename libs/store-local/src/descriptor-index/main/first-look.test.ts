import { isDeepStrictEqual } from 'node:util'
import type { CandidatePerson, GroupId, ImageId, IndexEntry, IndexQuery, PersonId } from '@semblance/core'
import { aDescriptor, anIndexEntry, anIndexQuery, newTestId, TEST_PACK } from '@semblance/testkit'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type ExactDescriptorIndex, openExactDescriptorIndex } from './exact-descriptor-index.ts'

const GROUPS = Array.from({ length: 3 }, () => newTestId<GroupId>())

const opened: ExactDescriptorIndex[] = []
afterEach(async () => {
  for (const index of opened.splice(0)) await index.close()
})

interface Pair {
  readonly coarse: ExactDescriptorIndex
  readonly float32: ExactDescriptorIndex
  /** Does the same with both. */
  both(step: (index: ExactDescriptorIndex) => Promise<void>): Promise<void>
}

/** An index that looks at coarse rows first, and one that does not: what is to be compared. */
async function aPair(options: {
  readonly dimensions: number
  readonly threads?: number
  readonly chunkBytes?: number
}): Promise<Pair> {
  const shape = { packId: TEST_PACK, threads: 2, partRows: 1024, ...options }
  const coarse = await openExactDescriptorIndex(shape)
  const float32 = await openExactDescriptorIndex({ ...shape, firstLook: 'float32' })
  opened.push(coarse, float32)
  return {
    coarse,
    float32,
    both: async (step) => {
      await step(coarse)
      await step(float32)
    },
  }
}

function unit(values: Iterable<number>): Float32Array {
  const all = [...values]
  const length = Math.hypot(...all)
  return Float32Array.from(all, (value) => value / length)
}

/** All values are of one size: the probe against which steps lose the most. */
function flat(dimensions: number, seed: number): Float32Array {
  return unit(Array.from({ length: dimensions }, (_, at) => ((at * 31 + seed) % 7 < 3 ? -1 : 1)))
}

type Row = (seed: number, dimensions: number) => Float32Array

/** Kinds of galleries, each by what makes its rows. */
const KINDS: Readonly<Record<string, Row>> = {
  strangers: (seed, dimensions) => aDescriptor(seed, { dimensions }).values,
  'a few crowds': (seed, dimensions) => {
    const middle = aDescriptor(seed % 5, { dimensions }).values
    const noise = aDescriptor(seed, { dimensions }).values
    const amount = [0.3, 1e-2, 1e-4, 1e-7][seed % 4] ?? 0
    return unit(middle.map((value, at) => value + amount * (noise[at] ?? 0)))
  },
  'the same again and again': (seed, dimensions) => aDescriptor(seed % 3, { dimensions }).values,
  'worst cases': (seed, dimensions) => {
    // What the steps leave out points at the probe in one half of the rows, and away from it in the other.
    const towards = flat(dimensions, 0).map((value) => Math.sign(value) * (seed % 2 === 0 ? 0.499 : -0.499))
    return unit(
      towards.map((left, at) => {
        const step = ((at * 37 + (seed >> 4)) % 127) * Math.sign(towards[at] ?? 1)
        return at === seed % dimensions ? 127 : left + (at % 5 < 3 ? step : 0)
      }),
    )
  },
  'great and tiny values': (seed, dimensions) => {
    const row = new Float32Array(dimensions).fill(seed % 2 === 0 ? 1e-41 : 1e-12)
    row[seed % dimensions] = seed % 3 === 0 ? -1 : 1
    row[(seed * 7) % dimensions] = 1
    return unit(row)
  },
}

const QUERIES: readonly Partial<IndexQuery>[] = [
  { limit: 1, minCosine: -1 },
  { limit: 10, minCosine: 0.2, imagesPerPerson: 3 },
  { limit: 10_000, minCosine: -1, imagesPerPerson: 2 },
  { limit: 10_000, minCosine: 0.9 },
  { limit: 7, minCosine: -1, filter: { groups: GROUPS.slice(0, 1), field: null } },
  { limit: 7, minCosine: 0, filter: { groups: GROUPS.slice(1), field: null }, imagesPerPerson: 2 },
  {
    limit: 5,
    filter: { groups: null, field: { field: 'name', op: 'in', values: ['Person 7', 'Person 8'] } },
  },
]

function aGallery(row: Row, { rows, dimensions }: { readonly rows: number; readonly dimensions: number }) {
  const persons = Array.from({ length: Math.ceil(rows / 2) }, () => newTestId<PersonId>())
  return Array.from({ length: rows }, (_, seed): IndexEntry => {
    const groups = GROUPS.filter((_group, at) => seed % [50, 3, 10][at]! === 0)
    const descriptor = { packId: TEST_PACK, values: row(seed, dimensions) }
    return anIndexEntry({
      personId: persons[(seed * 13) % persons.length]!,
      descriptor,
      groups,
      name: `Person ${seed % 40}`,
    })
  })
}

async function expectSameAnswers({ coarse, float32 }: Pair, probes: readonly Float32Array[]): Promise<void> {
  const descriptors = probes.map((values) => ({ packId: TEST_PACK, values }))
  for (const given of QUERIES) {
    const query = anIndexQuery(given)
    for (const descriptor of descriptors)
      expectSame(await coarse.search(descriptor, query), await float32.search(descriptor, query))
    const many = descriptors.map((descriptor) => ({ descriptor, exclude: [] }))
    expectSame(await coarse.searchMany(many, query), await float32.searchMany(many, query))
  }
}

type Answer = readonly CandidatePerson[] | readonly (readonly CandidatePerson[])[]

/** Vitest takes a hundred times as long for lists of thousands, and is asked only where they differ. */
function expectSame(found: Answer, expected: Answer): void {
  if (!isDeepStrictEqual(found, expected)) expect(found).toEqual(expected)
}

describe('an index that looks at coarse rows first', () => {
  const cases = [
    ...[192, 512, 41].flatMap((dimensions) => Object.keys(KINDS).map((kind) => ({ dimensions, kind }))),
    ...[384, 200].flatMap((dimensions) => [
      { dimensions, kind: 'strangers' },
      { dimensions, kind: 'worst cases' },
    ]),
  ]
  it.each(cases)('answers as float32 alone does: $kind, $dimensions values', async ({ dimensions, kind }) => {
    const row = KINDS[kind]!
    const pair = await aPair({ dimensions, ...(dimensions === 200 ? { chunkBytes: 1, threads: 3 } : {}) })
    const gallery = aGallery(row, { rows: 1300, dimensions })
    const probes = [flat(dimensions, 0), row(3, dimensions), aDescriptor(9999, { dimensions }).values]
    await pair.both((index) => index.upsert(gallery))
    await expectSameAnswers(pair, probes)
    const gone = gallery.filter((_, at) => at % 3 !== 0).map(({ imageId }) => imageId)
    await pair.both((index) => index.remove(gone))
    await pair.both((index) => index.upsert(gallery.slice(0, 300)))
    await expectSameAnswers(pair, probes.slice(1, 2))
  })

  it('answers so for any few rows', async () => {
    const dimensions = 20
    const pair = await aPair({ dimensions, threads: 1 })
    const aValue = fc.oneof(
      fc.float({ min: -1, max: 1, noNaN: true }),
      fc.constantFrom(0, 1, -1, 1e-3, 1e-42),
    )
    const aRow = fc
      .array(aValue, { minLength: dimensions, maxLength: dimensions })
      .map((values) => (Math.hypot(...values) < 1e-3 ? flat(dimensions, 1) : unit(values)))
    const rows = fc.array(aRow, { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(rows, aRow, fc.integer({ min: 1, max: 50 }), async (values, probe, limit) => {
        const entries = values.map((row) => anIndexEntry({ descriptor: { packId: TEST_PACK, values: row } }))
        await pair.both((index) => index.upsert(entries))
        const query = anIndexQuery({ limit, minCosine: -1 })
        const descriptor = { packId: TEST_PACK, values: probe }
        const found = await pair.coarse.search(descriptor, query)
        expect(found).toEqual(await pair.float32.search(descriptor, query))
        expect(found).toHaveLength(Math.min(limit, entries.length))
        await pair.both((index) => index.remove(entries.map(({ imageId }) => imageId)))
      }),
      { numRuns: 150 },
    )
  })

  it('answers so where everybody is asked for, for whom coarse rows rule nobody out', async () => {
    const dimensions = 8
    const pair = await aPair({ dimensions, threads: 1 })
    const gallery = aGallery(KINDS.strangers!, { rows: 20_000, dimensions })
    await pair.both((index) => index.upsert(gallery))
    await pair.both((index) => index.remove(gallery.slice(5000, 9000).map(({ imageId }) => imageId)))
    const query = anIndexQuery({ limit: 50_000, minCosine: -1 })
    const found = await pair.coarse.search(gallery[1]!.descriptor, query)
    expectSame(found, await pair.float32.search(gallery[1]!.descriptor, query))
    expect(found).toHaveLength(10_000)
  })

  it('leaves a tie to the smaller id, however late its row comes', async () => {
    const dimensions = 16
    const { coarse } = await aPair({ dimensions, threads: 1 })
    const descriptor = aDescriptor(1, { dimensions })
    const persons = Array.from({ length: 3000 }, () => newTestId<PersonId>()).sort()
    await coarse.upsert(persons.toReversed().map((personId) => anIndexEntry({ personId, descriptor })))
    const found = await coarse.search(descriptor, anIndexQuery({ limit: 5, minCosine: -1 }))
    expect(found.map(({ personId }) => personId)).toEqual(persons.slice(0, 5))
  })

  it('finds no face that was removed, and each that came in its place', async () => {
    const { coarse } = await aPair({ dimensions: 64 })
    const [gone, come] = [1, 2].map((seed) =>
      anIndexEntry({ descriptor: aDescriptor(seed, { dimensions: 64 }) }),
    )
    await coarse.upsert([gone!])
    await coarse.remove([gone!.imageId])
    const everybody = anIndexQuery({ limit: 9, minCosine: -1 })
    expect(await coarse.search(gone!.descriptor, everybody)).toEqual([])
    await coarse.upsert([come!])
    const [found] = await coarse.search(come!.descriptor, anIndexQuery({ limit: 9, minCosine: 0.99 }))
    expect(found?.images.map(({ imageId }): ImageId => imageId)).toEqual([come!.imageId])
  })
})
