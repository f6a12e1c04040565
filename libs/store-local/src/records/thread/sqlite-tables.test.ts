import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Person } from '@semblance/core'
import { aDescriptor, anImage, aPerson } from '@semblance/testkit'
import type { Database, Statement } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import type { CallName } from '../store-calls.ts'
import type { StoreAnswer, StoreCall } from '../store-messages.ts'
import { openDatabase } from './open-database.ts'
import { SqliteTables } from './sqlite-tables.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let db: Database
let tables: SqliteTables
const file = () => join(folder.path, 'persons.sqlite')

beforeEach(async () => {
  folder = await temporaryFolder()
  db = openDatabase(file())
  tables = new SqliteTables(db)
})
afterEach(async () => {
  if (db.open) db.close()
  await folder.remove()
})

describe('a batch of calls', () => {
  it('is one commit, in which a call that fails takes no other with it', () => {
    const persons = [aPerson(), aPerson({ createdAt: 0.5 }), aPerson()]
    const answers = tables.answer(persons.map((person, i) => callOf('persons.insert', [person], i)))
    expect(answers.map(({ fault }) => fault?.code ?? null)).toEqual([
      null,
      'SQLITE_CONSTRAINT_DATATYPE',
      null,
    ])
    reopen()
    const found = answerTo('persons.findMany', [persons.map(({ id }) => id)]) as Person[]
    expect(found.map(({ id }) => id).toSorted()).toEqual([persons[0]!.id, persons[2]!.id])
  })

  it('leaves no part of a call that fails halfway', () => {
    const person = aPerson({ groups: [null as never] })
    const [answer] = tables.answer([callOf('persons.insert', [person])])
    expect(answer?.fault?.code).toBe('SQLITE_CONSTRAINT_NOTNULL')
    expect(answerTo('persons.find', [person.id])).toBeNull()
  })

  it('lets later calls see what earlier ones wrote', () => {
    const person = aPerson()
    const answers = tables.answer([
      callOf('persons.insert', [person], 1),
      callOf('persons.update', [person, { name: 'First' }], 2),
      callOf('persons.update', [person, { name: 'Second' }], 3),
    ])
    expect(answers.map((answer) => answer.fault === null && answer.value !== null)).toEqual([
      true,
      true,
      false,
    ])
  })

  it('keeps every acknowledged write and nothing of the others when the disk is full', () => {
    db.pragma(`max_page_count = ${(db.pragma('page_count', { simple: true }) as number) + 20}`)
    const images = Array.from({ length: 400 }, (_, i) => anImage({ descriptor: aDescriptor(i) }))
    const acknowledged: string[] = []
    const refused: string[] = []
    for (let i = 0; i < images.length; i += 8) {
      const batch = images.slice(i, i + 8)
      const answers = tables.answer(batch.map((image, n) => callOf('images.insert', [image], n)))
      for (const [n, { fault }] of answers.entries()) {
        expect([null, 'SQLITE_FULL']).toContain(fault?.code ?? null)
        if (fault === null) acknowledged.push(batch[n]!.id)
        else refused.push(batch[n]!.id)
      }
    }
    expect(acknowledged.length).toBeGreaterThan(8)
    expect(refused.length).toBeGreaterThan(8)
    reopen()
    const found = answerTo('images.findMany', [[...acknowledged, ...refused]]) as { id: string }[]
    expect(found.map(({ id }) => id).toSorted()).toEqual(acknowledged.toSorted())
    expect(answerTo('images.insert', [anImage()])).toBe(true)
  })
})

describe('erased data', () => {
  it('is in no file of the store any more, among many records that stay', async () => {
    const secret = Float32Array.from({ length: 512 }, (_, i) => Math.sin(i + 0.123))
    const needles = [0, 64, 448].map((at) => Buffer.from(secret.buffer, at * 4, 64))
    const others = () => Array.from({ length: 40 }, (_, i) => anImage({ descriptor: aDescriptor(i) }))
    const image = anImage({ descriptor: { ...aDescriptor(1), values: secret } })
    const person = aPerson({
      name: 'Zaphod Beeblebrox',
      metadata: `{"notes":"${'deep thought '.repeat(900)}"}`,
    })
    for (const one of [...others(), image, ...others()]) answerTo('images.insert', [one])
    answerTo('persons.insert', [person])
    tables.checkpoint()
    expect(await filesHold(needles[0]!)).toBe(true)
    expect(await filesHold(Buffer.from('Zaphod'))).toBe(true)

    expect(tables.hasErasures).toBe(false)
    answerTo('images.move', [image.id, { from: ['ready'], to: 'gone' }])
    answerTo('persons.update', [person, { state: 'gone' }])
    expect(tables.hasErasures).toBe(true)
    expect(tables.checkpoint()).toBe(true)
    expect(tables.hasErasures).toBe(false)
    for (const needle of [...needles, Buffer.from('Zaphod'), Buffer.from('deep thought')]) {
      expect(await filesHold(needle)).toBe(false)
    }
  })

  it('is not in the free space of pages either, where moving entries has left copies', async () => {
    const random = seededRandom(8)
    const living: Person[] = []
    const erased: string[] = []
    for (let round = 0; round < 120; round++) {
      const came = Array.from({ length: 12 }, () => aLongNamedPerson(random))
      const gone = Array.from({ length: 9 }, () => takeAny(living, random)).filter(
        (person) => person !== null,
      )
      const calls = [
        ...came.map((person, n) => callOf('persons.insert', [person], n)),
        ...gone.map((person, n) => callOf('persons.update', [person, { state: 'gone' }], n)),
      ]
      expect(tables.answer(calls).every(({ fault }) => fault === null)).toBe(true)
      living.push(...came)
      erased.push(...gone.flatMap(tokensOf))
      if (round % 10 === 0) tables.checkpoint()
    }
    tables.checkpoint()
    const files = await Promise.all(
      (await readdir(folder.path)).map((name) => readFile(join(folder.path, name))),
    )
    expect(files.some((bytes) => bytes.includes(tokensOf(living[0]!)[0]!))).toBe(true)
    expect(erased.length).toBeGreaterThan(2_000)
    expect(erased.filter((token) => files.some((bytes) => bytes.includes(token)))).toEqual([])
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  }, 60_000)
})

describe('queries', () => {
  it('look up an index, whatever they ask: no table is scanned and nothing is sorted', () => {
    const plans = plansOf(() => {
      const group = aPerson().id
      const page = { page: 2, size: 10 }
      answerTo('persons.findPage', [{ nowMs: 1 }, page])
      answerTo('persons.findPage', [{ nowMs: 1, groupId: group }, page])
      answerTo('persons.listIds', [{ after: null, limit: 9, nowMs: 1 }])
      answerTo('groups.findPage', [page])
      answerTo('groups.countMembers', [{ groupId: group, nowMs: 1 }])
      answerTo('persons.findMany', [[group]])
      answerTo('images.ownersAmong', [[group]])
      for (const kind of ['pending-image', 'gone-image', 'dirty-person', 'gone-person', 'deleting-group']) {
        answerTo('overdue.list', [{ kind, untouchedMs: 1, skip: 0, limit: 9 }])
        answerTo('overdue.count', [{ kind, untouchedMs: 1 }])
      }
      answerTo('overdue.list', [{ kind: 'expired-person', untouchedMs: 1, skip: 0, limit: 9 }])
      answerTo('overdue.count', [{ kind: 'expired-person', untouchedMs: 1 }])
    })
    expect(plans.length).toBeGreaterThan(20)
    for (const { sql, steps } of plans) {
      for (const step of steps) {
        // json_each is the list of ids in the call itself, and a count walks its partial index from end to end. Whoever is
        // deleted leaves each import, and somebody made each import by hand.
        if (
          /json_each|LIST SUBQUERY|COVERING INDEX ((persons|groups)_live|sqlite_autoindex_imports_1)/.test(
            step,
          )
        )
          continue
        expect(`${sql}: ${step}`).not.toMatch(/SCAN (?!galleryGroups USING INDEX groups_live)(?!settings)/)
        expect(`${sql}: ${step}`).not.toMatch(/TEMP B-TREE/)
      }
    }
  })
})

/** The same numbers at each run, from 0 up to 1. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

/** Entries of many lengths make SQLite move them between pages. */
function aLongNamedPerson(random: () => number): Person {
  const { id } = aPerson()
  const filler = (most: number) => 'x'.repeat(Math.floor(random() * random() * most))
  return aPerson({
    id,
    name: `name-${id}${filler(300)}`,
    externalId: `external-${id}${filler(100)}`,
    metadata: `{"meta-${id}":"${filler(3_000)}"}`,
  })
}

function tokensOf({ id }: Person): string[] {
  return [`name-${id}`, `external-${id}`, `meta-${id}`]
}

function takeAny(persons: Person[], random: () => number): Person | null {
  return persons.splice(Math.floor(random() * persons.length), 1)[0] ?? null
}

function callOf(name: CallName, args: readonly unknown[], ticket = 0): StoreCall {
  return { ticket, nowMs: 1_800_000_000_000, name, args }
}

function answerTo(name: CallName, args: readonly unknown[]): unknown {
  const [answer] = tables.answer([callOf(name, args)]) as [StoreAnswer]
  if (answer.fault !== null) throw new Error(answer.fault.message)
  return answer.value
}

function reopen(): void {
  db.close()
  db = openDatabase(file())
  tables = new SqliteTables(db)
}

async function filesHold(needle: Buffer): Promise<boolean> {
  for (const name of await readdir(folder.path)) {
    if ((await readFile(join(folder.path, name))).includes(needle)) return true
  }
  return false
}

/** SQLite's own account of how it carries out each query that is prepared meanwhile. */
function plansOf(use: () => void) {
  const queries = new Set<string>()
  const prepare = db.prepare.bind(db)
  db.prepare = ((sql: string) => {
    queries.add(sql)
    return prepare(sql)
  }) as typeof db.prepare
  tables = new SqliteTables(db)
  use()
  db.prepare = prepare as typeof db.prepare
  return [...queries].map((sql) => {
    const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    return { sql, steps: explain(steps).map(({ detail }) => detail) }
  })
}

function explain(statement: ReturnType<Database['prepare']>) {
  const names = [...new Set(statement.source.match(/:\w+/g) ?? [])].map((name) => [name.slice(1), '1'])
  const places = (statement.source.match(/\?/g) ?? []).map(() => '1')
  const values: unknown[] = names.length > 0 ? [Object.fromEntries(names)] : places
  return (statement as Statement<unknown[], unknown>).all(...values) as { readonly detail: string }[]
}
