import type { MongoDatabase } from '../database/mongo-database.ts'

/** Every call is carried out, its answer is lost, and it is sent again. */
export function repeatingAll(database: MongoDatabase): MongoDatabase {
  return {
    db: database.db,
    ask: (run, options) =>
      database.ask(async (isRepeat) => {
        await run(isRepeat)
        return run(true)
      }, options),
    serverNow: (options) => database.serverNow(options),
    check: (options) => database.check(options),
    close: () => database.close(),
  }
}
