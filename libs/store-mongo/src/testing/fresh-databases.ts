import { randomUUID } from 'node:crypto'
import { openTestMongo, type TestMongo } from '@semblance/testkit'
import { type MongoDatabase, openMongoDatabase } from '../database/mongo-database.ts'

export interface FreshDatabases {
  readonly url: string
  /** Empty, of one test, dropped when it is closed. */
  open(): Promise<MongoDatabase>
  close(): Promise<void>
}

/** Databases on one server for one file of tests; null, with the reason printed, where there is no server. */
export async function findFreshDatabases(file: string): Promise<FreshDatabases | null> {
  const mongo = await openTestMongo()
  if ('skipped' in mongo) {
    process.stdout.write(`${file} is skipped: ${mongo.skipped}\n`)
    return null
  }
  return { url: mongo.url, open: () => openFresh(mongo), close: () => mongo.close() }
}

async function openFresh({ url }: TestMongo): Promise<MongoDatabase> {
  const databaseName = `test-${randomUUID()}`
  const database = await openMongoDatabase({ url, databaseName })
  const drop = async () => {
    await database.db.dropDatabase()
    await database.close()
  }
  return new Proxy(database, {
    get: (target, name) => {
      if (name === 'close') return drop
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
