import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  EnrolledImage,
  FeedbackId,
  ImageId,
  ImportStore,
  OperationStore,
  Person,
  PersonId,
  RecordStore,
  RowOutcome,
} from '@semblance/core'
import { aDeletion, aDuplicateSearch, anImport, aPair, aRow, newTestId } from '@semblance/core/testing'
import { aClock, aDescriptor, anImage, aPerson } from '@semblance/testkit'
import SqliteDatabase from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { openSqliteStores } from './sqlite-record-store.ts'

/** What the documentation promises. */
const ERASED_WITHIN_MS = 5_000

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let store: RecordStore
let operations: OperationStore
let imports: ImportStore
let late: Error[]
const file = () => join(folder.path, 'persons.sqlite')

beforeEach(async () => {
  folder = await temporaryFolder()
  late = []
  const onLateErasure = (why: Error) => void late.push(why)
  const stores = await openSqliteStores({ file: file(), clock: aClock(), onLateErasure })
  store = stores.records
  operations = stores.operations
  imports = stores.imports
})
afterEach(async () => {
  await store.close()
  await folder.remove()
})

interface Secret {
  readonly person: Person
  readonly image: EnrolledImage
  readonly needles: readonly Buffer[]
}

async function enrollSecret(): Promise<Secret> {
  const values = Float32Array.from({ length: 512 }, (_, i) => Math.sin(i + 0.123))
  const person = aPerson({ name: 'Zaphod Beeblebrox', metadata: '{"ship":"Heart of Gold"}' })
  const image = anImage({ personId: person.id, descriptor: { ...aDescriptor(1), values } })
  await store.persons.insert(person)
  await store.images.insert(image)
  const needles = [Buffer.from('Zaphod'), Buffer.from('Heart of Gold'), Buffer.from(values.buffer, 256, 64)]
  return { person, image, needles }
}

async function erase({ person, image }: Secret): Promise<void> {
  await store.images.move(image.id, { from: ['ready'], to: 'gone' })
  await store.persons.update(person, { state: 'gone' })
}

async function traces(needles: readonly Buffer[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of await readdir(folder.path)) {
    const bytes = await readFile(join(folder.path, name))
    if (needles.some((needle) => bytes.includes(needle))) found.push(name)
  }
  return found
}

/** The log is emptied a while after each start, and would hide that nobody asks for it later. */
async function untilQuiet(): Promise<void> {
  const logBytes = async () => (await stat(`${file()}-wal`)).size
  await expect.poll(logBytes, { timeout: ERASED_WITHIN_MS }).toBe(0)
}

/** Reads and writes that leave the store no pause, until told to stop. */
function keepBusy(): { stop(): Promise<void> } {
  let isOver = false
  const lane = async (seed: number) => {
    while (!isOver) {
      const image = anImage({ descriptor: aDescriptor(seed) })
      await store.images.insert(image)
      await store.images.scanEnrolled({ after: null, limit: 200 })
      await store.images.find(image.id)
    }
  }
  const lanes = [1, 2, 3, 4].map(lane)
  return {
    stop: async () => {
      isOver = true
      await Promise.all(lanes)
    },
  }
}

describe('what was erased', () => {
  it('leaves every file of the store while reads and writes go on', async () => {
    const secret = await enrollSecret()
    const load = keepBusy()
    expect(await traces(secret.needles)).not.toEqual([])
    await erase(secret)
    await expect.poll(() => traces(secret.needles), { timeout: ERASED_WITHIN_MS }).toEqual([])
    await load.stop()
  }, 20_000)

  it('leaves them, too, where a name is replaced', async () => {
    const { person } = await enrollSecret()
    const load = keepBusy()
    await store.persons.update(person, { name: 'Trillian' })
    const name = [Buffer.from('Zaphod')]
    await expect.poll(() => traces(name), { timeout: ERASED_WITHIN_MS }).toEqual([])
    await load.stop()
  }, 20_000)

  it('leaves them, too, where a record that cannot be read is marked for deletion', async () => {
    const { person } = await enrollSecret()
    const hand = new SqliteDatabase(file())
    hand.prepare("UPDATE persons SET state = 'alive'").run()
    hand.close()
    await store.persons.markUnreadable({ id: person.id, updatedAt: 1 })
    const secrets = [Buffer.from('Zaphod'), Buffer.from('Heart of Gold')]
    await expect.poll(() => traces(secrets), { timeout: ERASED_WITHIN_MS }).toEqual([])
  })

  it('leaves them, too, where an operation ends that looked for a name, and where a pair goes', async () => {
    const deletion = aDeletion({ parameters: { filter: { name: 'Zaphod' } } })
    const [search, pair] = [aDuplicateSearch(), aPair()]
    for (const made of [deletion, search]) await operations.records.insert(made)
    await operations.pairs.add(search.id, [pair])
    const secrets = [Buffer.from('Zaphod'), Buffer.from(pair.imageId)]
    expect(await traces(secrets)).not.toEqual([])
    const ended = { state: 'done', parameters: { filter: null }, updatedAt: 2 } as const
    await operations.records.update(deletion, ended)
    await operations.pairs.erase(pair.otherId)
    await expect.poll(() => traces(secrets), { timeout: ERASED_WITHIN_MS }).toEqual([])
  })

  describe('of an import', () => {
    const made = anImport()
    const newImageIds = ['1', '2'] as readonly string[] as readonly ImageId[]
    const claim = () => imports.rows.claim({ id: made.id, holder: 'h', leaseMs: 60_000, newImageIds })
    const endAs = async (outcome: RowOutcome) => {
      const [row] = await claim()
      await imports.rows.end({ id: made.id, holder: 'h', rows: [{ ...row!, outcome }] })
    }

    it.each([
      { what: 'its rows are deleted', act: () => imports.rows.remove(made.id, 9) },
      { what: 'it is cancelled', act: () => imports.rows.cancel(made.id, 9) },
      { what: 'a row comes to nothing', act: () => endAs({ kind: 'no-face' }) },
      {
        what: 'a person of it is deleted',
        act: async () => {
          const personId = newTestId<PersonId>()
          await imports.persons.bind({ id: made.id, personKey: 'key:4711', personId, isMade: true })
          await imports.persons.erase(personId)
        },
      },
    ])('leaves them, too, where $what, and nobody else is there', async ({ act }) => {
      await imports.records.insert(made)
      const person = { by: 'key', key: '4711' } as const
      await imports.rows.add(made.id, [
        aRow({ person, name: 'Zaphod', metadata: '{"ship":"Heart of Gold"}' }),
      ])
      const secrets = [Buffer.from('Zaphod'), Buffer.from('Heart of Gold')]
      await untilQuiet()
      await act()
      await expect.poll(() => traces(secrets), { timeout: ERASED_WITHIN_MS }).toEqual([])
    })

    it('leaves them, too, where it goes itself', async () => {
      await imports.records.insert(anImport({ id: made.id, name: 'Zaphod and friends' }))
      await untilQuiet()
      await imports.records.forget(made.id)
      await expect.poll(() => traces([Buffer.from('Zaphod')]), { timeout: ERASED_WITHIN_MS }).toEqual([])
    })
  })

  it('leaves them, too, where feedback goes with its person', async () => {
    const { person } = await enrollSecret()
    const id = newTestId<FeedbackId>()
    const said = {
      distance: 0.5,
      verdict: 'this-person',
      createdAt: 1,
      requestId: 'Zaphod searched',
    } as const
    const given = { id, personId: person.id, imageId: newTestId<ImageId>(), ...said }
    await store.feedback.add(given)
    await untilQuiet()
    await store.feedback.erase(person.id)
    await expect
      .poll(() => traces([Buffer.from('Zaphod searched')]), { timeout: ERASED_WITHIN_MS })
      .toEqual([])
  })

  it('waits for a reader of another program, and is told of', async () => {
    const secret = await enrollSecret()
    const reader = new SqliteDatabase(file(), { readonly: true })
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM persons').get()
    const load = keepBusy()
    await erase(secret)
    await expect.poll(() => late.length, { timeout: 10_000 }).toBe(1)
    expect(late[0]?.message).toMatch(/another program is reading/)
    reader.close()
    await expect.poll(() => traces(secret.needles), { timeout: ERASED_WITHIN_MS }).toEqual([])
    await load.stop()
  }, 30_000)
})

describe('a store whose file was removed', () => {
  it('keeps no promise any more, and says why', async () => {
    await store.persons.insert(aPerson())
    for (const name of await readdir(folder.path)) await rm(join(folder.path, name))
    const lost = {
      code: 'E_STORE_UNAVAILABLE',
      cause: expect.objectContaining({ message: expect.stringMatching(/removed or replaced/) }),
    }
    await expect(store.persons.insert(aPerson())).rejects.toMatchObject(lost)
    await expect(store.check()).rejects.toMatchObject(lost)
  })
})
