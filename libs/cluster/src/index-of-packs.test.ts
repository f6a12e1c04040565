import type { GalleryPacks, ImageId, PackId } from '@semblance/core'
import {
  anIndexEntry,
  anIndexQuery,
  createNaiveDescriptorIndex,
  FAKE_DIMENSIONS,
  fakeDescriptor,
  type NaiveDescriptorIndex,
  newTestId,
  TEST_PACK,
} from '@semblance/core/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { IndexOfPacks, type PackIndex } from './index-of-packs.ts'
import { KnownPacks } from './known-packs.ts'

const NEXT = 'next@1' as PackId

let now: number
let recorded: GalleryPacks
let indexes: Map<PackId, NaiveDescriptorIndex>
/** How long a write to the index of that pack takes. */
let slowMs: Map<PackId, number>
let writes: PackId[]

const clock = { monotonic: () => now }

function packIndex(packId: PackId): PackIndex {
  const naive = indexes.get(packId) ?? createNaiveDescriptorIndex({ packId, dimensions: FAKE_DIMENSIONS })
  indexes.set(packId, naive)
  return {
    ...naive,
    remove: async (ids: readonly ImageId[]) => {
      await naive.remove(ids)
      const tookMs = slowMs.get(packId) ?? 0
      // Whoever is quick has resolved before.
      if (tookMs > 0) await new Promise(setImmediate)
      writes.push(packId)
      now += tookMs
    },
    registrySettleMs: 4_500,
    dropAll: async () => {},
  } as unknown as PackIndex
}

/** One process; each has a list of packs of its own. */
function aProcess() {
  const known = new KnownPacks({ read: async () => recorded, clock })
  const first = { packId: TEST_PACK, index: packIndex(TEST_PACK) }
  const index = new IndexOfPacks({ known, clock, open: async (packId) => packIndex(packId), first })
  return { known, index }
}
const entryOf = (packId: PackId) => {
  const descriptor = { ...fakeDescriptor('ada', 0, 'rich'), packId }
  return anIndexEntry({ descriptor })
}
const idsIn = (packId: PackId) => (indexes.get(packId)?.entries() ?? []).map(({ imageId }) => imageId)

beforeEach(() => {
  now = 0
  recorded = { serving: TEST_PACK, other: null, rev: 0 }
  indexes = new Map()
  slowMs = new Map()
  writes = []
})

describe('the indexes of a gallery’s packs', () => {
  it('are written to and searched by the pack of the descriptor', async () => {
    recorded = { serving: TEST_PACK, other: NEXT, rev: 1 }
    const { index } = aProcess()
    const [one, other] = [entryOf(TEST_PACK), entryOf(NEXT)]
    await index.upsert([one, other])
    expect([idsIn(TEST_PACK), idsIn(NEXT)]).toEqual([[one.imageId], [other.imageId]])
    for (const entry of [one, other]) {
      const found = await index.search(entry.descriptor, anIndexQuery({}))
      expect(found.flatMap(({ images }) => images.map(({ imageId }) => imageId))).toEqual([entry.imageId])
    }
    expect(await index.count()).toBe(1)
  })

  it('are all written to by whoever resolves later than a list of packs may be old, also if it slept in between', async () => {
    const { index, known } = aProcess()
    const id = newTestId<ImageId>()
    await index.remove([id])
    recorded = { serving: TEST_PACK, other: NEXT, rev: 1 }
    now += 1_999
    await index.remove([id])
    expect(writes).toEqual([TEST_PACK, TEST_PACK])
    // It goes by the old list, and is held up until that is too old.
    slowMs.set(TEST_PACK, 1)
    await index.remove([id])
    expect(writes.slice(2)).toEqual([TEST_PACK, NEXT])
    expect(known.knownForMs(NEXT)).toBe(0)
    now += 300
    expect(known.knownForMs(NEXT)).toBe(300)
  })

  it('are written to once more where another one was slow: its own list of copies would be old by then', async () => {
    recorded = { serving: TEST_PACK, other: NEXT, rev: 1 }
    const { index } = aProcess()
    slowMs.set(NEXT, 2_500)
    await index.remove([newTestId<ImageId>()])
    expect(writes).toEqual([TEST_PACK, NEXT, TEST_PACK])
  })

  it('pass over what a job writes of a pack that was dropped meanwhile, and refuse what was never of the gallery', async () => {
    recorded = { serving: NEXT, other: TEST_PACK, rev: 2 }
    const { index } = aProcess()
    recorded = { serving: NEXT, other: null, rev: 3 }
    await index.upsert([entryOf(TEST_PACK)])
    expect(idsIn(TEST_PACK)).toEqual([])
    recorded = { serving: TEST_PACK, other: null, rev: 0 }
    const other = aProcess()
    await expect(other.index.upsert([entryOf('strange@1' as PackId)])).rejects.toThrow(TypeError)
  })

  it('know of a pack without a break only', async () => {
    recorded = { serving: TEST_PACK, other: NEXT, rev: 1 }
    const { known } = aProcess()
    await known.refresh()
    now += 5_000
    await known.refresh()
    expect(known.knownForMs(NEXT)).toBe(5_000)
    recorded = { serving: TEST_PACK, other: null, rev: 2 }
    await known.refresh()
    expect(known.knownForMs(NEXT)).toBeNull()
    recorded = { serving: TEST_PACK, other: NEXT, rev: 3 }
    await known.refresh()
    expect(known.knownForMs(NEXT)).toBe(0)
    expect(await known.untilKnownFor('gone@1' as PackId, 100)).toBe(false)
  })
})
