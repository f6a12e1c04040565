import { addImage, deletePerson, type RecordStore } from '@semblance/core'
import {
  ANOTHER_PROCESS,
  aClock,
  anEnrollment,
  createNaiveDescriptorIndex,
  createNaiveImageStore,
  createStealableExclusive,
  describeCrashes,
  describeRace,
  FAKE_DIMENSIONS,
  type FamilyGallery,
  galleryOver,
  makePerson,
  shownPerson,
  sizeOf,
  TEST_PACK,
  USE_CASES,
} from '@semblance/testkit'
import { afterAll, describe, it } from 'vitest'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { ageRecords, emptyDatabase } from '../testing/age-records.ts'
import { findFreshDatabases } from '../testing/fresh-databases.ts'
import { openMongoRecordStore } from './mongo-record-store.ts'

/** Of each use case, spread over its way: the test server takes milliseconds for what takes SQLite microseconds. */
const MAX_POINTS = sizeOf({ ci: 2, slow: 8 })

const databases = await findFreshDatabases('mongo-crashes.test.ts')

if (databases === null) {
  describe.skip('crashes over MongoDB', () => it('need a server', () => {}))
} else {
  const database = await databases.open()
  const persons = await openMongoRecordStore({ database })
  afterAll(async () => {
    await database.close()
    await databases.close()
  })
  const open = () => openGallery(database, persons)

  for (const [name, prepare] of Object.entries(USE_CASES)) {
    const subject = {
      name: `${name} over MongoDB`,
      prepare,
      finder: ANOTHER_PROCESS,
      sides: ['after'] as const,
      maxPoints: MAX_POINTS,
    }
    await describeCrashes(subject, open)
  }

  await describeRace(
    'adding a picture and deleting the person, over MongoDB',
    async (gallery) => {
      const { id } = await makePerson(gallery)
      const enrollment = anEnrollment(gallery, id)
      return {
        first: (from) => addImage(from, enrollment),
        second: (from) => deletePerson(from, id),
        check: async (to) => {
          if ((await shownPerson(to, id)) !== null) throw new Error('a deleted person is shown')
        },
      }
    },
    { open, maxPoints: MAX_POINTS },
  )
}

async function openGallery(database: MongoDatabase, records: RecordStore): Promise<FamilyGallery> {
  await emptyDatabase(database.db)
  const clock = aClock()
  const index = createNaiveDescriptorIndex({ packId: TEST_PACK, dimensions: FAKE_DIMENSIONS })
  return galleryOver({
    records,
    pictures: createNaiveImageStore(clock),
    exclusive: createStealableExclusive(),
    index,
    clock,
    age: (ms) => ageRecords(database.db, ms),
    indexed: async () => index.entries(),
    close: async () => {},
  })
}
