import { deleteImage, deletePerson, identify, rebuildIndex, updatePerson, verifyIndex } from '@semblance/core'
import {
  anIndexEntry,
  anIndexQuery,
  createNaiveGenerationRegistry,
  enroll,
  expectStoresAgree,
  FAKE_DIMENSIONS,
  type FamilyGallery,
  fakeDescriptor,
  galleryOver,
  makeGroup,
  makePerson,
  newTestId,
  openTestGallery,
  openTestQdrant,
  skipSuite,
} from '@semblance/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import type { QdrantDescriptorIndex, QdrantIndexConfig } from './qdrant-descriptor-index.ts'
import { dropTestCollections, openTestIndex } from './testing/open-test-index.ts'

const qdrant = await openTestQdrant()
if ('skipped' in qdrant) skipSuite('generations in Qdrant', qdrant)
else {
  const { url, urls } = qdrant
  afterAll(async () => {
    await dropTestCollections(url)
    await qdrant.close()
  })

  /** One installation: a registry and names of its own. */
  const anInstallation = () => {
    const registry = createNaiveGenerationRegistry()
    const namePrefix = `test-${newTestId()}`
    const open = (given: Partial<Pick<QdrantIndexConfig, 'registry' | 'clock'>> = {}) =>
      openTestIndex({ urls, dimensions: FAKE_DIMENSIONS, shardNumber: 2, registry, namePrefix, ...given })
    const names = async () => {
      const answer = await fetch(`${url}/collections`)
      const { result } = (await answer.json()) as { result: { collections: { name: string }[] } }
      return result.collections.map(({ name }) => name).filter((name) => name.startsWith(namePrefix))
    }
    const collections = async () => (await names()).map((name) => name.split('--').at(-1))
    const dropAll = async () => {
      for (const name of await names()) await fetch(`${url}/collections/${name}`, { method: 'DELETE' })
    }
    return { registry, open, collections, dropAll }
  }
  const anEntry = () => anIndexEntry({ descriptor: fakeDescriptor('ada', 0, 'rich') })

  describe('generations in Qdrant', () => {
    it('are one, however many processes open a new gallery at once', async () => {
      const { open, collections } = anInstallation()
      const indexes = await Promise.all([open(), open(), open()])
      await indexes[0].upsert([anEntry()])
      expect(await Promise.all(indexes.map((index) => index.count()))).toEqual([1, 1, 1])
      expect(await collections()).toEqual(['g1'])
    })

    it('are all written to, and only the serving one is read', async () => {
      const { open } = anInstallation()
      const index = await open()
      const [before, after] = [anEntry(), anEntry()]
      await index.upsert([before])
      const copy = index.generation(await index.beginGeneration())
      await index.upsert([after])
      await index.updatePayload({ ...after.payload, name: 'Eve', rev: 2 })
      const listed = await copy.listVectors({ after: null, limit: 9 })
      expect(listed).toEqual([{ imageId: after.imageId, payload: { ...after.payload, name: 'Eve', rev: 2 } }])
      expect(await index.count()).toBe(2)
      await index.remove([after.imageId])
      expect(await copy.count()).toBe(0)
    })

    it('change for searches in one step, and the dropped one is gone', async () => {
      const { open, collections } = anInstallation()
      const [index, other] = [await open(), await open()]
      await index.upsert([anEntry()])
      const made = await index.beginGeneration()
      const entry = anEntry()
      await index.generation(made).upsert([entry])
      await index.serve(made)
      expect(await other.listImageIds({ after: null, limit: 9 })).toEqual([entry.imageId])
      for (const former of await index.otherGenerations()) await index.drop(former)
      expect(await collections()).toEqual([made])
      expect(await other.count()).toBe(1)
    })

    it('that were dropped do not stop a writer who still knows of them', async () => {
      const { open } = anInstallation()
      const [index, writer] = [await open(), await open()]
      const made = await index.beginGeneration()
      await new Promise((resolve) => setTimeout(resolve, index.registrySettleMs))
      await writer.upsert([anEntry()])
      await index.drop(made)
      await writer.upsert([anEntry()])
      expect(await index.count()).toBe(2)
    })

    it('are never missed by a writer who was asleep: it writes again by the list of today', async () => {
      const { open, registry } = anInstallation()
      const index = await open()
      const asleep = Promise.withResolvers<void>()
      const reached = Promise.withResolvers<void>()
      let [now, isOpen] = [0, false]
      const readGenerations = async () => {
        const list = await registry.readGenerations()
        if (!isOpen) return list
        reached.resolve()
        await asleep.promise
        return list
      }
      const sleeper = await open({
        registry: { ...registry, readGenerations },
        clock: { monotonic: () => now },
      })
      isOpen = true
      now += 10_000
      const writing = sleeper.upsert([anEntry()])
      await reached.promise
      const copy = index.generation(await index.beginGeneration())
      now += 120_000
      asleep.resolve()
      await writing
      expect(await copy.count()).toBe(1)
    })

    it('have the alias where the registry says, whoever died between the two', async () => {
      const { open, registry } = anInstallation()
      const index = await open()
      const made = await index.beginGeneration()
      const entry = anEntry()
      await index.generation(made).upsert([entry])
      const { rev, serving } = await registry.readGenerations()
      await registry.changeGenerations({ rev: rev + 1, serving: made, others: [serving!] })
      expect(await index.count()).toBe(0)
      expect(await (await open()).count()).toBe(1)
    })

    it('that nobody registered are swept away by the next rebuild', async () => {
      const { open, registry, collections } = anInstallation()
      const index = await open()
      const changeGenerations = async () => false
      const dying = await open({ registry: { ...registry, changeGenerations } })
      await expect(dying.beginGeneration()).rejects.toMatchObject({ code: 'E_INDEX_UNAVAILABLE' })
      const list = await registry.readGenerations()
      await registry.changeGenerations({ ...list, rev: list.rev + 1 })
      await registry.changeGenerations({ ...list, rev: list.rev + 2 })
      const made = await index.beginGeneration()
      expect((await collections()).toSorted()).toEqual(['g1', made])
    })

    it('cannot be dropped while they serve', async () => {
      const index = await anInstallation().open()
      await expect(index.drop('g1')).rejects.toMatchObject({ code: 'E_INDEX_UNAVAILABLE' })
      expect(await index.search(anEntry().descriptor, anIndexQuery())).toEqual([])
    })
  })

  describe('rebuilding in Qdrant', () => {
    it('answers every search, loses no write, and leaves the store and one collection in agreement', async () => {
      const { open, collections } = anInstallation()
      const gallery = galleryWith(await open())
      const group = await makeGroup(gallery)
      const ada = await makePerson(gallery)
      const image = await enroll(gallery, ada.id, { identity: 'ada' })
      for (let n = 0; n < 40; n++) await enroll(gallery, (await makePerson(gallery)).id)
      const writer = { ...gallery, index: await open() }
      let isRebuilding = true
      let [searches, writes] = [0, 0]
      const search = async () => {
        for (; isRebuilding; searches++) expect(await imagesOf(writer, 'ada')).toContain(image.id)
      }
      const write = async () => {
        for (; isRebuilding; writes++) {
          const { id } = await makePerson(writer)
          const added = await enroll(writer, id)
          await updatePerson(writer, { id, groups: [group] })
          if (writes % 3 === 0) await deletePerson(writer, id)
          if (writes % 3 === 1) await deleteImage(writer, { personId: id, imageId: added.id })
        }
      }
      const rebuild = rebuildIndex(gallery).finally(() => {
        isRebuilding = false
      })
      const [{ generation }] = await Promise.all([rebuild, search(), write(), search()])
      expect(searches).toBeGreaterThan(10)
      expect(writes).toBeGreaterThan(10)
      expect(await collections()).toEqual([generation])
      expect(gallery.deferred).toEqual([])
      await expectStoresAgree(gallery)
    })

    it('mends an index whose collection somebody dropped', async () => {
      const { open, collections, dropAll } = anInstallation()
      const gallery = galleryWith(await open())
      await enroll(gallery, (await makePerson(gallery)).id, { identity: 'ada' })
      await dropAll()
      expect(await collections()).toEqual([])
      const reopened = galleryWith(await open(), gallery)
      await rebuildIndex(reopened)
      expect(await imagesOf(reopened, 'ada')).toHaveLength(1)
    })

    it('verifies and repairs what was lost, left over and overlooked', async () => {
      const gallery = galleryWith(await anInstallation().open())
      const [lost, renamed] = [await makePerson(gallery), await makePerson(gallery)]
      const image = await enroll(gallery, lost.id)
      await enroll(gallery, renamed.id)
      await gallery.index.remove([image.id])
      await gallery.records.persons.update(
        { id: renamed.id, rev: renamed.rev },
        { name: 'Eve', dirty: false },
      )
      await gallery.index.upsert([anEntry()])
      const amiss = { missing: 1, surplus: 1, stale: 1 }
      expect(await verifyIndex(gallery, { repair: true })).toMatchObject({ ...amiss, repaired: 3 })
      expect(await verifyIndex(gallery, { repair: false })).toMatchObject({
        missing: 0,
        surplus: 0,
        stale: 0,
      })
      await expectStoresAgree(gallery)
    })
  })
}

type QdrantGallery = FamilyGallery & { readonly index: QdrantDescriptorIndex }

function galleryWith(index: QdrantDescriptorIndex, like: FamilyGallery = openTestGallery()): QdrantGallery {
  const { records, pictures, exclusive, clock, age } = like
  const indexed = () => index.listVectors({ after: null, limit: 10_000 })
  const gallery = galleryOver({
    records,
    pictures,
    exclusive,
    clock,
    age,
    index,
    indexed,
    close: async () => {},
  })
  return { ...gallery, index }
}

async function imagesOf(gallery: FamilyGallery, identity: string): Promise<readonly string[]> {
  const found = await identify(gallery, {
    probe: { descriptor: fakeDescriptor(identity, 0, 'rich'), operatingPoint: 0.6 },
    query: { groupIds: [], field: null, threshold: 1, limit: 10 },
  })
  return found.flatMap(({ images }) => images.map(({ image }) => image.id))
}
