import type {
  DescriptorIndex,
  GroupId,
  ImageId,
  IndexEntry,
  IndexGenerationRegistry,
  IndexGenerations,
  PackId,
  PersonId,
} from '@semblance/core'

/** A gallery of vectors drawn by chance, the same ones each time, for what is asked of an index alone. */
export const MADE_DIMENSIONS = 512
export const MADE_PACK = 'bench@1' as PackId
const IMAGES_PER_PERSON = 2
const BATCH = 250
const IN_FLIGHT = 3
const GREEN_TIMEOUT_MS = 3_600_000

/** Groups by the share of persons who are in them. */
export const MADE_GROUPS = { fifth: idOf('3', 5) as GroupId, hundredth: idOf('3', 100) as GroupId }

/** Writes the rows `from` to `to`, the last not among them. */
export async function fill(
  index: DescriptorIndex,
  range: { readonly from: number; readonly to: number },
): Promise<void> {
  let next = range.from
  const writer = async () => {
    for (let at = next; at < range.to; at = next) {
      next += BATCH
      const length = Math.min(BATCH, range.to - at)
      await index.upsert(Array.from({ length }, (_, i) => entryOf(at + i)))
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, writer))
}

/** The person that a row belongs to. */
export const personOf = (row: number) => idOf('1', Math.floor(row / IMAGES_PER_PERSON)) as PersonId

function entryOf(row: number): IndexEntry {
  const person = Math.floor(row / IMAGES_PER_PERSON)
  const groups = [
    ...(person % 5 === 0 ? [MADE_GROUPS.fifth] : []),
    ...(person % 100 === 0 ? [MADE_GROUPS.hundredth] : []),
  ]
  const payload = { personId: personOf(row), groups, name: 'x', externalId: null, rev: 1 }
  const values = near(faceOf(row), { seed: row, noise: 0.4 })
  return { imageId: idOf('2', row) as ImageId, descriptor: { packId: MADE_PACK, values }, payload }
}

/** A new picture, so to speak, of the person that the row belongs to. */
export function probeOf(row: number, seed: number): Float32Array {
  return near(faceOf(row), { seed: -seed - 1, noise: 0.4 })
}

/** The direction of the person that the row belongs to. */
function faceOf(row: number): Float32Array {
  return unit(randomVector(1_000_003 + Math.floor(row / IMAGES_PER_PERSON)))
}

function near(face: Float32Array, by: { readonly seed: number; readonly noise: number }): Float32Array {
  const noise = unit(randomVector(by.seed * 2 + 1))
  return unit(face.map((value, i) => value + by.noise * noise[i]!))
}

function unit(values: Float32Array): Float32Array {
  const length = Math.hypot(...values)
  return values.map((value) => value / length)
}

/** The same for the same seed (mulberry32, sums of four for a bell). */
function randomVector(seed: number): Float32Array {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return Float32Array.from({ length: MADE_DIMENSIONS }, () => next() + next() + next() + next() - 2)
}

function idOf(kind: string, number: number): string {
  const hex = number.toString(16).padStart(12, '0')
  return `0190000${kind}-0000-7000-8000-${hex}`
}

/** Which copies of an index there are, kept in memory. */
export function memoryRegistry(): IndexGenerationRegistry {
  let now: IndexGenerations = { rev: 0, serving: null, others: [] }
  return {
    readGenerations: async () => now,
    changeGenerations: async (next) => {
      if (next.rev !== now.rev + 1) return false
      now = next
      return true
    },
  }
}

/** Until Qdrant has built its graphs, an hour at most: searches before that read unindexed segments. */
export async function untilGreen(url: string): Promise<void> {
  const until = performance.now() + GREEN_TIMEOUT_MS
  const ask = async <T>(path: string) =>
    ((await (await fetch(`${url}${path}`)).json()) as { result: T }).result
  while (performance.now() < until) {
    const { collections } = await ask<{ collections: readonly { name: string }[] }>('/collections')
    const states = await Promise.all(
      collections.map(async ({ name }) => (await ask<{ status: string }>(`/collections/${name}`)).status),
    )
    if (states.every((state) => state === 'green')) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error('Qdrant is still indexing')
}
