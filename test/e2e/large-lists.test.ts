import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { type Calls, callsTo } from './calls.ts'

const MONITOR = join(import.meta.dirname, '../servers/turn-monitor.mjs')
/** Twelve pages of 65 MB that are read whole took 1959 MB; in portions they take 230 to 400 MB. */
const MOST_GROWTH_MB = 800
/** Of processor time, as in `event-loop.test.ts`. */
const LONGEST_TURN_MS = 150
const PERSONS = 1000
const LISTS = 12
const METADATA = { text: 'x'.repeat(65_000) }

describe.skipIf(process.platform !== 'linux')('lists of persons with long metadata', () => {
  let server: StandaloneServer
  let calls: Calls

  beforeAll(async () => {
    const env = { TURN_MONITOR: '1', NODE_OPTIONS: `--import=${MONITOR}`, SEMBLANCE_LOG_LEVEL: 'error' }
    server = await startStandaloneServer({ env })
    calls = callsTo(server)
    const make = () => calls.createPerson({ name: 'x', metadata: METADATA })
    for (let made = 0; made < PERSONS; made += 20) await Promise.all(Array.from({ length: 20 }, make))
  }, 120_000)
  afterAll(() => server?.stop())

  const memoryMb = async (field: 'VmRSS' | 'VmHWM') => {
    const status = await readFile(`/proc/${server.process.pid}/status`, 'utf8')
    return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024
  }

  const longestTurn = async () => {
    const seen = server.output().length
    server.process.kill('SIGUSR2')
    const line = () => /longest turn: ([\d.]+) ms/.exec(server.output().slice(seen))?.[1]
    await expect.poll(line).toBeDefined()
    return Number(line())
  }

  const list = async () => {
    const answer = await fetch(`${server.url}/api/persons`)
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  }

  it('are whole or refused, many at once, and take neither the memory nor the event loop', async () => {
    await longestTurn()
    const rest = await memoryMb('VmRSS')
    // Makes the process's peak what it holds now.
    await writeFile(`/proc/${server.process.pid}/clear_refs`, '5')
    const answers = await Promise.all(Array.from({ length: LISTS }, list))
    expect((await memoryMb('VmHWM')) - rest).toBeLessThan(MOST_GROWTH_MB)
    expect(await longestTurn()).toBeLessThan(LONGEST_TURN_MS)
    const [whole, refused] = [200, 503].map((wanted) => answers.filter(({ status }) => status === wanted))
    expect([whole!.length > 0, refused!.length > 0]).toEqual([true, true])
    expect(whole!.length + refused!.length).toBe(LISTS)
    for (const { headers, text } of refused!)
      expect([headers.get('retry-after'), JSON.parse(text).type]).toEqual(['1', 'E_OVERLOADED'])
    for (const { text } of whole!) {
      const { items, nextCursor } = JSON.parse(text)
      expect([items.length, nextCursor]).toEqual([PERSONS, undefined])
      expect(items.every((person: { metadata: object }) => 'text' in person.metadata)).toBe(true)
    }
  }, 60_000)
})
