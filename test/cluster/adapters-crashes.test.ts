import { addImage, deletePerson } from '@semblance/core'
import { openQdrantDescriptorIndex } from '@semblance/index-qdrant'
import {
  createMongoExclusive,
  type MongoDatabase,
  openMongoDatabase,
  openMongoImageStore,
  openMongoRecordStore,
} from '@semblance/store-mongo'
import {
  ANOTHER_PROCESS,
  aClock,
  anEnrollment,
  createNaiveGenerationRegistry,
  createStealableExclusive,
  describeCrashes,
  describeRace,
  describeZombies,
  FAKE_DIMENSIONS,
  type FamilyGallery,
  type GalleryFamily,
  galleryOver,
  makePerson,
  newTestId,
  openTestMongo,
  openTestQdrant,
  shownPerson,
  sizeOf,
  skipSuite,
  TEST_PACK,
  USE_CASES,
} from '@semblance/testkit'
import { afterAll, expect } from 'vitest'

/** Of each use case, spread over its way: a gallery over servers takes a second for what takes one in memory 10 ms. */
const MAX_POINTS = sizeOf({ ci: 2, slow: 4 })

const mongo = await openTestMongo()
const qdrant = await openTestQdrant()

if ('skipped' in mongo) skipSuite('crashes over MongoDB and Qdrant', mongo)
else if ('skipped' in qdrant) skipSuite('crashes over MongoDB and Qdrant', qdrant)
else {
  const family = await openFamily({ mongoUrl: mongo.url, qdrantUrls: qdrant.urls })
  afterAll(async () => {
    await family.end()
    await Promise.all([mongo.close(), qdrant.close()])
  })
  const open = () => family.open(family.leases)
  /** Whoever sleeps has lost its lease by the time it wakes. */
  const openStealable = () => family.open(createStealableExclusive())

  for (const [name, prepare] of Object.entries(USE_CASES)) {
    const subject = { name: `${name} over MongoDB and Qdrant`, prepare, maxPoints: MAX_POINTS }
    await describeCrashes({ ...subject, finder: ANOTHER_PROCESS, sides: ['after'] }, open)
    await describeZombies({ ...subject, sleepMs: 120_000 }, openStealable)
  }

  await describeRace(
    'adding a picture and deleting the person, over MongoDB and Qdrant',
    async (gallery) => {
      const { id } = await makePerson(gallery)
      const enrollment = anEnrollment(gallery, id)
      return {
        first: (from) => addImage(from, enrollment),
        second: (from) => deletePerson(from, id),
        check: async (to) => expect(await shownPerson(to, id)).toBeNull(),
      }
    },
    { open: openStealable, maxPoints: MAX_POINTS },
  )
}

interface OpenFamily {
  readonly leases: GalleryFamily['exclusive']
  /** Empty again; one test at a time. */
  open(exclusive: GalleryFamily['exclusive']): Promise<FamilyGallery>
  end(): Promise<void>
}

async function openFamily(servers: {
  readonly mongoUrl: string
  readonly qdrantUrls: readonly string[]
}): Promise<OpenFamily> {
  const monotonic = { monotonic: () => performance.now() }
  const database = await openMongoDatabase({ url: servers.mongoUrl, databaseName: `test-${newTestId()}` })
  const records = await openMongoRecordStore({ database })
  const pictures = await openMongoImageStore({ database })
  const index = await openQdrantDescriptorIndex({
    urls: servers.qdrantUrls,
    packId: TEST_PACK,
    dimensions: FAKE_DIMENSIONS,
    registry: createNaiveGenerationRegistry(),
    clock: monotonic,
    namePrefix: `test-${newTestId()}`,
    shardNumber: 2,
  })
  const leases = createMongoExclusive({ database, leaseMs: 2_000, clock: monotonic, holderId: newTestId() })
  return {
    leases,
    open: async (exclusive) => {
      await empty(database)
      await index.remove(await index.listImageIds({ after: null, limit: 10_000 }))
      const age = (ms: number) => ageRecords(database, ms)
      return galleryOver({ records, pictures, index, exclusive, clock: aClock(), age, close: async () => {} })
    },
    end: async () => {
      await Promise.all([records.close(), pictures.close(), index.close()])
      await database.db.dropDatabase()
      await database.close()
    },
  }
}

/** Removes all records and leaves the indexes. */
async function empty({ db }: MongoDatabase): Promise<void> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray()
  for (const { name } of collections) await db.collection(name).deleteMany({})
}

/** Sets the times of writing back: all that was written so far looks older by so much. */
async function ageRecords({ db }: MongoDatabase, ms: number): Promise<void> {
  for (const name of ['persons', 'images', 'groups']) {
    const records = db.collection<{ _id: string; touchedAt: Date }>(name)
    const all = await records.find({}, { projection: { touchedAt: 1 } }).toArray()
    const changes = all.map(({ _id, touchedAt }) => ({
      updateOne: { filter: { _id }, update: { $set: { touchedAt: new Date(touchedAt.getTime() - ms) } } },
    }))
    if (changes.length > 0) await records.bulkWrite(changes)
  }
}
