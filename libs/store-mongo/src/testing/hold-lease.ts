/** A process that takes a key, commits, says so and holds it until it is killed. */
import { randomUUID } from 'node:crypto'
import { openMongoDatabase } from '../database/mongo-database.ts'
import { createMongoExclusive } from '../exclusive/mongo-exclusive.ts'

const [url = '', databaseName = '', key = '', leaseMs = '', holderId = randomUUID()] = process.argv.slice(2)
const database = await openMongoDatabase({ url, databaseName })
const exclusive = createMongoExclusive({
  database,
  leaseMs: Number(leaseMs),
  clock: { monotonic: () => performance.now() },
  holderId,
})
await exclusive.run(key, async (lease) => {
  await lease.commit('of the dead')
  process.stdout.write('held\n')
  return new Promise(() => setInterval(() => undefined, 1000))
})
