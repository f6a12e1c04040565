import { AppError, type ImageId, type IndexEntry } from '@semblance/core'
import {
  anIndexEntry,
  anIndexQuery,
  createNaiveGenerationRegistry,
  openTestQdrant,
  skipSuite,
} from '@semblance/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { openTestIndex } from './testing/open-test-index.ts'

const DIMENSIONS = 64
const TIMEOUT_MS = 8_000

const qdrant = await openTestQdrant({ nodes: 3 })
if ('skipped' in qdrant) skipSuite('three Qdrant nodes', qdrant)
else {
  const { urls } = qdrant
  afterAll(() => qdrant.close())
  const registry = createNaiveGenerationRegistry()
  const open = (nodes: readonly number[], given: Partial<Parameters<typeof openTestIndex>[0]> = {}) =>
    openTestIndex({
      urls: nodes.map((node) => urls[node]!),
      dimensions: DIMENSIONS,
      shardNumber: 6,
      registry,
      namePrefix: 'cluster',
      timeoutMs: TIMEOUT_MS,
      ...given,
    })

  describe('three Qdrant nodes', () => {
    it('hold each shard twice', async () => {
      await open([0])
      const replicas = await replicaStates(urls[0]!)
      expect(replicas).toHaveLength(12)
    })

    it.each([
      [2, 2],
      [5, 2],
    ])('acknowledge a write once %i replicas have it, at most as many as there are', async (asked, held) => {
      const namePrefix = `acknowledging-${asked}`
      const registry = createNaiveGenerationRegistry()
      const index = await open([0], { namePrefix, registry, writeConsistencyFactor: asked })
      const { collections } = await get<{ collections: { name: string }[] }>(`${urls[0]!}/collections`)
      const { name } = collections.find((one) => one.name.startsWith(namePrefix))!
      const { config } = await get<{ config: { params: { write_consistency_factor: number } } }>(
        `${urls[0]!}/collections/${name}`,
      )
      expect(config.params.write_consistency_factor).toBe(held)
      await index.upsert([anIndexEntry()])
      expect(await index.count()).toBe(1)
      await fetch(`${urls[0]!}/collections/${name}`, { method: 'DELETE' })
    })

    it('find through any of them what was written through another', async () => {
      const [writer, ...readers] = [await open([0]), await open([1]), await open([2])]
      for (let turn = 0; turn < 40; turn++) {
        const entry = anIndexEntry({ name: `turn ${turn}` })
        await writer.upsert([entry])
        for (const reader of readers) expect(await findsByName(reader, entry)).toBe(true)
        await writer.remove([entry.imageId])
        for (const reader of readers) expect(await findsByName(reader, entry)).toBe(false)
      }
    })

    it('find what was acknowledged while one of them hung, also right after it is back', async () => {
      const [writer, reader] = [await open([0, 1]), await open([0, 1, 2])]
      const written: IndexEntry[] = []
      qdrant.freeze(2)
      try {
        // Many at once, since a write takes seconds until the node is given up, or fails.
        while (written.length < 60) {
          const entries = Array.from({ length: 20 }, (_, at) =>
            anIndexEntry({ name: `meanwhile ${written.length + at}` }),
          )
          const outcomes = await Promise.allSettled(entries.map((entry) => writer.upsert([entry])))
          written.push(...entries.filter((_, at) => outcomes[at]!.status === 'fulfilled'))
        }
      } finally {
        qdrant.thaw(2)
      }
      for (let turn = 0; turn < 3; turn++)
        expect(await Promise.all(written.map((entry) => findsByName(reader, entry)))).toEqual(
          written.map(() => true),
        )
    }, 60_000)

    it.each([
      ['is killed', (node: number) => qdrant.kill(node), (node: number) => qdrant.restart(node)],
      ['hangs', async (node: number) => qdrant.freeze(node), async (node: number) => qdrant.thaw(node)],
    ] as const)(
      'lose nothing acknowledged and find it at once while one of them %s',
      async (_, harm, heal) => {
        const index = await open([0, 1, 2])
        const acknowledged: ImageId[] = []
        const failed: { readonly code: unknown; readonly ms: number }[] = []
        const missed: ImageId[] = []
        let [isOver, longestMs] = [false, 0]
        const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
          const began = performance.now()
          try {
            return await work()
          } catch (fault) {
            failed.push({ code: fault instanceof AppError && fault.code, ms: performance.now() - began })
            return null
          } finally {
            longestMs = Math.max(longestMs, performance.now() - began)
          }
        }
        const write = async () => {
          while (!isOver) {
            const entry = anIndexEntry({ name: `after ${acknowledged.length}` })
            if ((await attempt(() => index.upsert([entry]).then(() => true))) === null) continue
            acknowledged.push(entry.imageId)
            if ((await attempt(() => findsByName(index, entry))) === false) missed.push(entry.imageId)
          }
        }
        const load = Promise.all([write(), write()])
        const until = async (count: number) => {
          while (acknowledged.length < count) await new Promise((resolve) => setTimeout(resolve, 20))
        }
        try {
          await until(20)
          await harm(2)
          const before = acknowledged.length
          await until(before + 60)
        } finally {
          await heal(2)
        }
        await until(acknowledged.length + 20)
        isOver = true
        await load
        process.stderr.write(
          `longest call ${Math.round(longestMs)} ms, ${failed.length} failed of ${acknowledged.length}`,
        )
        expect(missed).toEqual([])
        expect(failed.every(({ code }) => code === 'E_INDEX_UNAVAILABLE')).toBe(true)
        expect(longestMs).toBeLessThan(3 * TIMEOUT_MS)
        await expect
          .poll(() => replicaStates(urls[0]!), { timeout: 40_000 })
          .toEqual(Array(12).fill('Active'))
        for (const node of [0, 1, 2]) {
          const ids = new Set(await (await open([node])).listImageIds({ after: null, limit: 10_000 }))
          expect(acknowledged.filter((id) => !ids.has(id))).toEqual([])
        }
      },
      120_000,
    )
  })
}

async function findsByName(index: Awaited<ReturnType<typeof openTestIndex>>, entry: IndexEntry) {
  const field = { field: 'name', op: 'in', values: [entry.payload.name] } as const
  const found = await index.search(
    entry.descriptor,
    anIndexQuery({ filter: { groups: null, field }, limit: 50 }),
  )
  return found.some(({ personId }) => personId === entry.payload.personId)
}

async function replicaStates(url: string): Promise<readonly string[]> {
  const { collections } = await get<{ collections: { name: string }[] }>(`${url}/collections`)
  const cluster = await get<{
    local_shards: { state: string }[]
    remote_shards: { state: string }[]
  }>(`${url}/collections/${collections[0]!.name}/cluster`)
  return [...cluster.local_shards, ...cluster.remote_shards].map(({ state }) => state)
}

async function get<T>(url: string): Promise<T> {
  const answer = await fetch(url)
  return ((await answer.json()) as { result: T }).result
}
