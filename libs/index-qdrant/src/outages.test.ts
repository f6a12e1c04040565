import { AppError, type DescriptorIndex, type IndexEntry } from '@semblance/core'
import { anIndexEntry, anIndexQuery, openTestQdrant, skipSuite } from '@semblance/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import type { QdrantDescriptorIndex } from './qdrant-descriptor-index.ts'
import { openTestIndex } from './testing/open-test-index.ts'

const KEYS = { QDRANT__SERVICE__API_KEY: 'test-key', QDRANT__SERVICE__READ_ONLY_API_KEY: 'test-reader' }
const DIMENSIONS = 64
const TIMEOUT_MS = 1_500
/** Between a time limit and the moment when its caller is told, on a busy machine. */
const SLACK_MS = 1_500

const qdrant = await openTestQdrant({ own: true, env: KEYS })
if ('skipped' in qdrant) skipSuite("Qdrant's bad days", qdrant)
else {
  const { url, urls } = qdrant
  afterAll(() => qdrant.close())
  const open = (given: Partial<Parameters<typeof openTestIndex>[0]> = {}) =>
    openTestIndex({
      urls,
      dimensions: DIMENSIONS,
      apiKey: KEYS.QDRANT__SERVICE__API_KEY,
      shardNumber: 2,
      timeoutMs: TIMEOUT_MS,
      ...given,
    })
  const request = (path: string, init: RequestInit) =>
    fetch(url + path, {
      ...init,
      headers: { 'api-key': KEYS.QDRANT__SERVICE__API_KEY, 'content-type': 'application/json' },
    })

  describe("Qdrant's bad days", () => {
    it('cannot be opened while nobody listens, and says so within the time limit', async () => {
      await expectUnavailable(() => open({ urls: ['http://127.0.0.1:9'] }))
    })

    it('goes on through another node where one does not answer', async () => {
      const index = await open({ urls: ['http://127.0.0.1:9', url] })
      const entry = anIndexEntry()
      for (let turn = 0; turn < 4; turn++) await index.upsert([entry])
      expect(await index.count()).toBe(1)
    })

    it('says that it is unavailable, within the time limit, while the node hangs, and then goes on', async () => {
      const index = await open()
      const entry = anIndexEntry({ name: 'Secret Name' })
      // Calls that were given up may still be carried out later, so another one tells that the index goes on.
      const kept = anIndexEntry()
      await index.upsert([entry, kept])
      qdrant.freeze(0)
      try {
        for (const call of callsOf(index, entry)) await expectUnavailable(call)
      } finally {
        qdrant.thaw(0)
      }
      expect(await imagesFound(index, kept)).toContain(kept.imageId)
    })

    it('leaves at once when its caller does, though the node hangs', async () => {
      const index = await open({ timeoutMs: 60_000 })
      const leaving = new AbortController()
      qdrant.freeze(0)
      try {
        const call = index.count({ signal: leaving.signal })
        leaving.abort(new Error('the caller left'))
        await expect(call).rejects.toThrow('the caller left')
      } finally {
        qdrant.thaw(0)
      }
    })

    it('has everything that was acknowledged after the node was killed', async () => {
      const index = await open()
      const entries = Array.from({ length: 300 }, () => anIndexEntry())
      await index.upsert(entries)
      await qdrant.kill(0)
      for (const call of callsOf(index, entries[0]!)) await expectUnavailable(call)
      await qdrant.restart(0)
      const ids = entries.map(({ imageId }) => imageId)
      await expect
        .poll(() => index.listImageIds({ after: null, limit: 999 }), { timeout: 20_000 })
        .toEqual(ids)
    })

    it('says that it is unavailable when somebody dropped the collection', async () => {
      const namePrefix = 'dropped'
      const index = await open({ namePrefix })
      const entry = anIndexEntry()
      await index.upsert([entry])
      for (const name of await collectionsOf(namePrefix))
        await request(`/collections/${name}`, { method: 'DELETE' })
      for (const call of callsOf(index, entry)) await expectUnavailable(call)
    })

    it('says that it is unavailable for writes when the collection is full, and searches on', async () => {
      const namePrefix = 'full'
      const index = await open({ namePrefix })
      const entry = anIndexEntry()
      await index.upsert([entry])
      const [name] = await collectionsOf(namePrefix)
      const strict_mode_config = { enabled: true, max_collection_vector_size_bytes: 1 }
      await request(`/collections/${name}`, { method: 'PATCH', body: JSON.stringify({ strict_mode_config }) })
      const isFull = () =>
        index.upsert([anIndexEntry()]).then(
          () => false,
          () => true,
        )
      // Qdrant measures sizes once in a while.
      await expect.poll(isFull, { timeout: 25_000 }).toBe(true)
      await expectUnavailable(() => index.upsert([anIndexEntry()]))
      expect(await imagesFound(index, entry)).toContain(entry.imageId)
    })

    it('says that it is unavailable for writes where it may only read', async () => {
      const registry = await open().then(async (index) => {
        const list = { rev: 1, serving: 'g1', others: [] }
        await index.close()
        return { readGenerations: async () => list, changeGenerations: async () => false }
      })
      const namePrefix = 'read-only'
      const entry = anIndexEntry()
      await (await open({ namePrefix })).upsert([entry])
      const reader = await open({ namePrefix, registry, apiKey: KEYS.QDRANT__SERVICE__READ_ONLY_API_KEY })
      expect(await imagesFound(reader, entry)).toEqual([entry.imageId])
      await expectUnavailable(() => reader.upsert([anIndexEntry()]))
      await expectUnavailable(() => reader.remove([entry.imageId]))
    })

    it('fails after close as a server does that went away', async () => {
      const index = await open()
      await index.close()
      await expectUnavailable(() => index.count())
    })
  })

  async function collectionsOf(prefix: string): Promise<readonly string[]> {
    const answer = await request('/collections', { method: 'GET' })
    const { result } = (await answer.json()) as { result: { collections: { name: string }[] } }
    return result.collections.map(({ name }) => name).filter((name) => name.startsWith(prefix))
  }
}

function callsOf(index: QdrantDescriptorIndex, entry: IndexEntry): readonly (() => Promise<unknown>)[] {
  return [
    () => index.check(),
    () => index.count(),
    () => index.listImageIds({ after: null, limit: 9 }),
    () => index.search(entry.descriptor, anIndexQuery()),
    () => index.upsert([entry]),
    () => index.updatePayload({ ...entry.payload, rev: 9 }),
    () => index.remove([entry.imageId]),
  ]
}

/** Soon enough, and telling nobody what the call was about. */
async function expectUnavailable(call: () => Promise<unknown>): Promise<void> {
  const began = performance.now()
  const fault = await call().then(
    () => null,
    (error: unknown) => error,
  )
  expect(performance.now() - began).toBeLessThan(TIMEOUT_MS + SLACK_MS)
  expect(fault).toBeInstanceOf(AppError)
  const { code, message, cause } = fault as AppError
  expect(code).toBe('E_INDEX_UNAVAILABLE')
  const said = [message, cause, cause instanceof Error ? cause.cause : null].map(String).join('\n')
  expect(said).not.toMatch(/Secret|Ada|0\.125|[0-9a-f]{8}-[0-9a-f]{4}/)
  expect(cause instanceof Error ? cause.cause : undefined).toBeUndefined()
}

async function imagesFound(index: DescriptorIndex, { descriptor }: IndexEntry): Promise<readonly string[]> {
  const found = await index.search(descriptor, anIndexQuery({ imagesPerPerson: 9 }))
  return found.flatMap(({ images }) => images.map(({ imageId }) => imageId))
}
