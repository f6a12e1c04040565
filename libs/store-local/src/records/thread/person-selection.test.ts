import { join } from 'node:path'
import type { GroupId, Person, PersonId, PersonQuery } from '@semblance/core'
import { aPerson, newTestId } from '@semblance/testkit'
import type { Database } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { openDatabase } from './open-database.ts'
import { PersonRows } from './person-rows.ts'
import { breadthOf, personSelection, sortedSelection } from './person-selection.ts'

const nowMs = 1_800_000_000_000
const has = (value: string) => ({ path: ['city'], value })

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let db: Database
const open = () => openDatabase(join(folder.path, 'persons.sqlite'))
beforeEach(async () => {
  folder = await temporaryFolder()
  db = open()
})
afterEach(async () => {
  db.close()
  await folder.remove()
})

/** So that there are as many pages as there are persons. */
const ONE_A_PAGE = { page: 1, size: 1 }

describe('a selection of persons', () => {
  it.each<[string, Omit<PersonQuery, 'nowMs'>, string]>([
    ['a name', { name: 'Ada' }, 'persons_by_name (name=?'],
    ['the beginning of a name', { namePrefix: 'Ad' }, 'persons_by_name (name>? AND name<?)'],
    [
      'the time of making',
      { created: { fromMs: 1, toMs: 2 } },
      'persons_by_created (createdAt>? AND createdAt<?)',
    ],
    [
      'the time of the last change',
      { updated: { fromMs: 1, toMs: 2 } },
      'persons_by_updated (updatedAt>? AND updatedAt<?)',
    ],
    ['an external id', { externalId: '7' }, 'persons_by_external_id (externalId=?'],
    ['a value of metadata', { metadata: [has('Paris')] }, 'metadataTerms USING PRIMARY KEY (term=?)'],
    ['a group', { groupId: newTestId<GroupId>() }, 'members USING PRIMARY KEY (groupId=?'],
  ])('by %s is found by an index, without looking at every person', (_what, query, index) => {
    const { id, source, values } = personSelection({ ...query, nowMs }, { after: newTestId() })
    const inOrder = (order: string) => `${id} ${source} ORDER BY ${id} ${order} LIMIT 10`
    for (const asked of [`count(*) ${source}`, `${inOrder('DESC')} OFFSET 10`, inOrder('ASC')]) {
      const plan = db
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN SELECT ${asked}`)
        .all(values)
        .map(({ detail }) => detail)
        .join('\n')
      expect(plan).toContain(index)
      expect(plan).not.toContain('SCAN')
    }
  })
})

describe('a sorted selection of persons', () => {
  it.each([
    'createdAt',
    'updatedAt',
    'name',
  ] as const)('by %s goes along an index and sorts nothing', (by) => {
    const index = {
      createdAt: 'persons_by_created',
      updatedAt: 'persons_by_updated',
      name: 'persons_by_name',
    }
    for (const isDescending of [false, true]) {
      for (const after of [null, { value: by === 'name' ? 'n' : 5, id: newTestId<PersonId>() }]) {
        const query = { nowMs, sort: { by, isDescending }, after, limit: 10 }
        const { sql, values } = sortedSelection(query)
        const plan = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(values)
        const steps = plan.map(({ detail }) => detail).join('\n')
        expect(steps).toContain(`USING COVERING INDEX ${index[by]}`)
        expect(steps).not.toContain('TEMP B-TREE')
        if (after !== null) expect(steps).toMatch(/SEARCH .*\(\(?\w+,id\)[<>]/)
      }
    }
  })
})

describe('a sorted selection of a group, or by metadata', () => {
  const group = newTestId<GroupId>()
  const order = { nowMs, sort: { by: 'name', isDescending: false }, after: null } as const
  /** Everybody is in the group, every second one in Paris. */
  const insert = (number: number) => {
    const rows = new PersonRows(db)
    const fields = (i: number) => ({
      ...{ name: `n${String((i * 7) % number).padStart(5, '0')}`, groups: [group] },
      metadata: `{"city":"${i % 2 === 0 ? 'Paris' : 'Bonn'}"}`,
    })
    db.transaction(() => {
      for (let i = 0; i < number; i++) rows.insert(aPerson(fields(i)), nowMs)
    })()
    return rows
  }
  const planOf = (query: Omit<PersonQuery, 'nowMs'>, isBroad: boolean) => {
    const { sql, values } = sortedSelection({ ...order, ...query, limit: 10 }, isBroad)
    const plan = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(values)
    return plan.map(({ detail }) => detail).join('\n')
  }

  it('to which many answer goes along the order and looks each up, and else is sorted', () => {
    for (const query of [{ groupId: group }, { metadata: [has('Paris')] }]) {
      expect(planOf(query, true)).toContain('USING COVERING INDEX persons_by_name')
      expect(planOf(query, true)).not.toContain('TEMP B-TREE')
      expect(planOf(query, false)).toContain('TEMP B-TREE')
    }
  })

  it('has the same persons, whether many answer to it or few', () => {
    const rows = insert(4100)
    const namesOf = (query: Omit<PersonQuery, 'nowMs'>, skip: number) =>
      rows.listSorted({ ...order, ...query, skip, limit: 3 }).map(({ value }) => value)
    const all = namesOf({}, 0)
    const everybody = { groupId: group }
    // Of a name, too: not by tables of groups and metadata alone.
    const alsoByName = { ...everybody, namePrefix: 'n' }
    const isBroad = (query: Omit<PersonQuery, 'nowMs'>) => {
      const breadth = breadthOf({ ...query, nowMs })
      return breadth !== null && db.prepare(breadth.sql).pluck().get(breadth.values) === 1
    }
    const paris = { metadata: [has('Paris')] }
    expect([everybody, alsoByName, paris, { metadata: [has('Rome')] }].map(isBroad)).toEqual([
      true,
      false,
      true,
      false,
    ])
    for (const skip of [0, 2000, 4099, 5000]) {
      expect(namesOf(everybody, skip)).toEqual(namesOf(alsoByName, skip))
      expect(namesOf({ ...everybody, ...paris }, skip)).toEqual(namesOf({ ...paris, namePrefix: 'n' }, skip))
    }
    expect(namesOf(everybody, 0)).toEqual(all)
    expect(namesOf({ ...everybody, metadata: [has('Rome')] }, 0)).toEqual([])
  })
})

function dropCounts(): void {
  db.exec('DROP TABLE enrolled; DROP TABLE imports; DROP TABLE importRows; DROP TABLE importPersons')
  db.exec('DROP TABLE descriptorNotes; DROP TABLE feedback')
  db.exec('DROP TABLE operations; DROP TABLE operationTargets; DROP TABLE duplicatePairs')
  db.exec('DROP INDEX persons_by_created; DROP INDEX persons_by_updated')
  for (const what of ['person', 'image'])
    for (const how of ['enters', 'moves', 'leaves']) db.exec(`DROP TRIGGER ${what}_${how}`)
  db.exec('DROP INDEX persons_merged; DROP INDEX persons_merging; ALTER TABLE persons DROP COLUMN mergedInto')
  db.exec('ALTER TABLE images DROP COLUMN quality; ALTER TABLE images DROP COLUMN damage')
}

describe('a file of the version before there were filters', () => {
  it('finds its persons by metadata once it was opened', () => {
    const rows = new PersonRows(db)
    const people: readonly Person[] = Array.from({ length: 1500 }, (_, i) =>
      aPerson({ metadata: `{"city":"c${i % 750}"}` }),
    )
    db.transaction(() => {
      for (const person of people) rows.insert(person, nowMs)
    })()
    db.exec('DROP TABLE metadataTerms; DROP INDEX persons_by_name; DROP INDEX persons_by_external_id')
    db.exec('ALTER TABLE persons DROP COLUMN sentName')
    dropCounts()
    db.pragma('user_version = 2')
    db.close()

    db = open()
    const { ids } = new PersonRows(db).findPage({ nowMs, metadata: [has('c749')] }, { page: 1, size: 10 })
    expect(ids).toEqual([people[1499]!.id, people[749]!.id])
    expect(new PersonRows(db).findPage({ nowMs, name: 'Ada' }, ONE_A_PAGE).total).toBe(1500)
    expect(db.prepare('SELECT persons FROM enrolled').pluck().get()).toBe(1500)
  })
})

describe('a file of the version before names were compared by their normal form', () => {
  it('finds its persons by any form of their names once it was opened, and gives these as they were sent', () => {
    const rows = new PersonRows(db)
    const people: readonly Person[] = Array.from({ length: 1500 }, () => aPerson())
    db.transaction(() => {
      for (const person of people) rows.insert(person, nowMs)
    })()
    const sent = 'A\u030angstro\u0308m'
    db.prepare('UPDATE persons SET name = ? WHERE id = ?').run(sent, people[1200]!.id)
    db.exec('ALTER TABLE persons DROP COLUMN sentName')
    dropCounts()
    db.pragma('user_version = 3')
    db.close()

    db = open()
    const now = new PersonRows(db)
    const find = (name: string) => now.findPage({ nowMs, name }, ONE_A_PAGE)
    for (const name of [sent, sent.normalize('NFC')])
      expect(find(name)).toEqual({ total: 1, ids: [people[1200]!.id] })
    expect(now.find(people[1200]!.id)?.name).toBe(sent)
    expect(find('Ada').total).toBe(1499)
  })
})
