import { type GalleryPorts, type ImageId, type PersonId, searchPicture } from '@semblance/core'
import {
  aPicture,
  createFakeFaceEngine,
  type ExclusiveProcess,
  expectSettled,
  openTestGallery,
  pauseAt,
  reconcileUntilSettled,
  recordSteps,
  shownPersons,
  type TestGallery,
} from '@semblance/testkit'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { aHolder } from '../testing/a-holder.ts'
import { findFreshDatabases } from '../testing/fresh-databases.ts'

const databases = await findFreshDatabases('search-or-create.test.ts')
const engine = createFakeFaceEngine()
const LEASE = 1000

describe.skipIf(databases === null)('search or create, by several processes over MongoDB', () => {
  if (databases === null) return
  afterAll(() => databases.close())

  let database: MongoDatabase
  let gallery: TestGallery
  let processes: readonly [ExclusiveProcess, ExclusiveProcess]
  beforeEach(async () => {
    database = await databases.open()
    gallery = openTestGallery()
    processes = [aHolder({ database, leaseMs: LEASE }), aHolder({ database, leaseMs: LEASE })]
  })
  afterEach(() => database.close())

  const seenBy = ({ exclusive }: ExclusiveProcess) => ({ ...gallery, exclusive })

  function search(from: GalleryPorts, identity: string) {
    const createPerson = {
      personId: gallery.newId<PersonId>(),
      imageId: gallery.newId<ImageId>(),
      name: identity,
      metadata: '',
      ttlSeconds: null,
    }
    const query = { groupIds: [], field: null, threshold: 1, limit: 10, detectAll: false, crop: null }
    const job = { picture: aPicture({ identities: [identity] }), request: { ...query, createPerson } }
    return searchPicture({ gallery: from, engine, observe: () => undefined }, job, { lane: 'search' })
  }

  /** Which step of a search for a stranger the commit is, once the gallery has its Default group. */
  async function findCommit(): Promise<number> {
    await search(seenBy(processes[0]), 'first of all')
    const { gallery: rehearsing, steps } = recordSteps(seenBy(processes[0]))
    await search(rehearsing, 'rehearsal')
    const n = steps.findIndex(({ port, method }) => port === 'lease' && method === 'commit')
    expect(n).toBeGreaterThan(0)
    return n
  }

  const namesShown = async () => (await shownPersons(gallery)).map(({ person }) => person.name).toSorted()

  it('makes one person of twenty identical searches at once; all others find that person', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => search(seenBy(processes[i % 2 === 0 ? 0 : 1]), 'ada')),
    )
    const created = outcomes.flatMap((one) => (one.outcome === 'created' ? [one.created.person.id] : []))
    const found = outcomes.flatMap((one) =>
      one.outcome === 'searched' ? one.faces.flatMap(({ persons }) => persons) : [],
    )
    expect(created).toHaveLength(1)
    expect(found.map(({ person }) => person.id)).toEqual(Array(19).fill(created[0]))
    expect(await shownPersons(gallery)).toHaveLength(1)
    await expectSettled(gallery)
  })

  it('makes one person when the first searcher sleeps past its lease before it commits', async () => {
    const n = await findCommit()
    const sleeper = pauseAt(seenBy(processes[0]), { n, when: 'before' })
    const first = search(sleeper.gallery, 'ada')
    await sleeper.reached
    processes[0].pause()
    const second = await search(seenBy(processes[1]), 'ada')
    expect(second.outcome).toBe('created')
    sleeper.resume()
    processes[0].resume()
    expect((await first).outcome).toBe('not-created')
    expect(await namesShown()).toEqual(['ada', 'first of all', 'rehearsal'])
  })

  it('makes the person of a searcher that slept right after its commit, and finds it', async () => {
    const n = await findCommit()
    const sleeper = pauseAt(seenBy(processes[0]), { n, when: 'after' })
    const first = search(sleeper.gallery, 'ada')
    await sleeper.reached
    processes[0].pause()
    const second = await search(seenBy(processes[1]), 'ada')
    expect(second.outcome).toBe('searched')
    sleeper.resume()
    processes[0].resume()
    expect((await first).outcome).toBe('created')
    await reconcileUntilSettled({ ...gallery, exclusive: processes[1].exclusive }, true)
    expect(await namesShown()).toEqual(['ada', 'first of all', 'rehearsal'])
  })
})
