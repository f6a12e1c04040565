import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { EnrolledImage, Person } from '@semblance/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { openSqliteTables } from '../thread/sqlite-tables.ts'

const ROUNDS = Array.from({ length: 10 }, (_, i) => i)

describe('a store whose process is killed while it writes', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  const file = () => join(folder.path, 'persons.sqlite')
  beforeAll(async () => {
    folder = await temporaryFolder()
  })
  afterAll(() => folder.remove())

  it.each(ROUNDS)('holds everything that it acknowledged, whole, in round %i', async (round) => {
    // The same file in all rounds, and every round is killed elsewhere.
    const said = await killAfter(startWriter(file()), 1 + Math.floor(Math.random() * 150))
    const tables = openSqliteTables({ file: file() })
    const find = <T>(name: 'persons.find' | 'images.find', id: string): T | null => {
      const [answer] = tables.answer([{ ticket: 1, nowMs: 0, name, args: [id] }])
      if (answer?.fault !== null) throw new Error(answer?.fault?.message)
      return answer.value as T | null
    }
    for (const [what, id] of said) {
      const person = find<Person>('persons.find', id)
      expect(person, `${what} in round ${round}`).not.toBeNull()
      if (what === 'changed') expect(person).toMatchObject({ rev: 2, state: 'live', name: id })
      if (what === 'inserted') continue
      const image = find<EnrolledImage>('images.find', id)
      expect(image?.descriptor.values).toHaveLength(512)
    }
    tables.close()
  })
})

function startWriter(file: string): ChildProcess {
  const script = join(import.meta.dirname, '../../testing/write-until-killed.ts')
  return spawn(process.execPath, ['--conditions=@semblance/source', script, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function killAfter(writer: ChildProcess, lines: number): Promise<readonly [string, string][]> {
  const said: [string, string][] = []
  const exited = once(writer, 'exit')
  for await (const line of createInterface({ input: writer.stdout! })) {
    const [what = '', id = ''] = line.split(' ')
    // The last line may be torn by the kill.
    if (id.length === 36) said.push([what, id])
    if (said.length === lines) writer.kill('SIGKILL')
  }
  expect((await exited)[1]).toBe('SIGKILL')
  return said
}
