/** A process that writes without end and prints the id of each record once it is acknowledged. */
import { aClock, aDescriptor, anImage, aPerson } from '@semblance/testkit'
import { openSqliteRecordStore } from '../records/main/sqlite-record-store.ts'

const [file = ''] = process.argv.slice(2)
const store = await openSqliteRecordStore({ file, clock: aClock() })
await Promise.all([writePersons(), writePersons(), writePersons(), writePersons()])

async function writePersons(): Promise<never> {
  for (let seed = 0; ; seed += 1) {
    const person = aPerson({ state: 'pending' })
    await store.persons.insert(person)
    say('inserted', person.id)
    await store.images.insert(anImage({ id: person.id as never, descriptor: aDescriptor(seed) }))
    say('enrolled', person.id)
    await store.persons.update(person, { state: 'live', name: person.id })
    say('changed', person.id)
  }
}

/** Writing to a pipe is synchronous on Linux and macOS, so what was said before the kill has been said. */
function say(what: string, id: string): void {
  process.stdout.write(`${what} ${id}\n`)
}
