import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock, GroupId, Person, PersonId } from '@semblance/core'
import { openSqliteRecordStore } from '@semblance/store-local'
import { startStandaloneServer } from '../servers/standalone-server.ts'
import type { BenchRecord } from './exact-index.ts'
import { median, timeMs } from './measure.ts'

const TURNS = 21
const AT_A_TIME = 250
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const GROUP = idOf(0, 3) as GroupId

/** What the console asks for while somebody scrolls, jumps, types, sorts and filters. */
const ASKED = {
  first: '',
  middle: 'page=500',
  end: 'page=1000',
  by_name_middle: 'sort=name&skip=50000',
  by_name_end: 'sort=name&skip=99900',
  by_change_end: 'sort=-updatedAt&skip=99900',
  letter: 'namePrefix=A',
  letter_by_name: 'namePrefix=A&sort=name',
  name: 'namePrefix=Ada%20M',
  everybody_by_prefix: 'namePrefix=A&sort=-updatedAt',
  metadata: 'metadata.floor=7',
  two_of_metadata: 'metadata.floor=7&metadata.department=d3',
  half_by_metadata: 'metadata.half=1&sort=name&skip=20000',
  group_by_name: `groupId=${GROUP}&sort=name&skip=20000`,
  group: `groupId=${GROUP}&page=100`,
} as const

/** Lists of a standalone server over so many people without pictures: each call as the console sends it, and the counting of them. */
export async function measureLists(people: number): Promise<readonly BenchRecord[]> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'semblance people '))
  try {
    await fillPeople(dataFolder, people)
    const server = await startStandaloneServer({ dataFolder, env: {} })
    try {
      const records: BenchRecord[] = []
      for (const [name, query] of Object.entries(ASKED)) {
        const list = await timeOf(`${server.url}/api/persons?size=100&${query}`)
        records.push({ name: `console_list_${name}`, value: list, unit: 'ms', goal: 50, better: 'less' })
      }
      const count = await timeOf(`${server.url}/api/persons?size=1&namePrefix=A`)
      return [...records, { name: 'console_list_count', value: count, unit: 'ms', goal: 50, better: 'less' }]
    } finally {
      await server.stop()
    }
  } finally {
    await rm(dataFolder, { recursive: true, force: true })
  }
}

async function timeOf(url: string): Promise<number> {
  const times: number[] = []
  for (let turn = 0; turn < TURNS; turn++) {
    times.push(
      await timeMs(async () => {
        const answer = await fetch(url)
        if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
        await answer.arrayBuffer()
      }),
    )
  }
  return median(times)
}

/** Written to the store directly: a gallery without pictures, in minutes less. */
async function fillPeople(dataFolder: string, people: number): Promise<void> {
  const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  const records = await openSqliteRecordStore({ file: join(dataFolder, 'semblance.sqlite'), clock })
  await records.groups.insert({
    id: GROUP,
    name: 'Half',
    metadata: '{}',
    createdAt: Date.now(),
    state: 'live',
  })
  for (let from = 0; from < people; from += AT_A_TIME) {
    const numbers = Array.from({ length: Math.min(AT_A_TIME, people - from) }, (_, i) => from + i)
    await Promise.all(numbers.map((number) => records.persons.insert(personOf(number))))
  }
  await records.close()
}

function personOf(number: number): Person {
  // Spread over the letters, so that a list by name is in another order than that of the ids.
  const mixed = (number * 7_919) % 100_003
  const first = `${LETTERS[mixed % 26]}da`
  const last = `${LETTERS[Math.floor(mixed / 26) % 26]}${mixed}`
  const metadata = { department: `d${number % 20}`, floor: mixed % 50, half: number % 2 }
  return {
    id: idOf(number, 1) as PersonId,
    name: `${first} ${last}`,
    externalId: `bench-${number}`,
    metadata: JSON.stringify(metadata),
    groups: number % 2 === 0 ? [GROUP] : [],
    expireAt: null,
    createdAt: 1_700_000_000_000 + number,
    updatedAt: 1_700_000_000_000 + mixed,
    rev: 1,
    state: 'live',
    dirty: false,
  }
}

/** UUIDv7 in form: increasing numbers, as ids made one after the other are. */
function idOf(number: number, kind: number): string {
  return `01900000-000${kind}-7000-8000-${number.toString(16).padStart(12, '0')}`
}
