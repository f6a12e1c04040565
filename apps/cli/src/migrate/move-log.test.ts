import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { idempotencyKey, openMoveLog, readEarlierRuns } from './move-log.ts'

const pair = { from: 'http://old', to: 'http://new' }
const person = { kind: 'person', from: 'p-1' } as const
const image = { kind: 'image', from: 'p-1/i-1' } as const

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance log '))
  path = join(folder, 'state')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = async () => openMoveLog(path, pair, await readEarlierRuns(path, pair))

describe('MoveLog', () => {
  it('remembers over runs, each kind apart', async () => {
    expect(await readEarlierRuns(path, pair)).toMatchObject({ hasBegun: false, lastNotedMs: null })
    const first = await open()
    await first.note(person, { to: 'n-1' })
    await first.note(image, { refused: 'FaceNotDetected' })
    await first.note(image, { refused: 'ImageDecodeError' })
    await first.close()
    const second = await open()
    expect(second.find(person)).toEqual({ outcome: 'moved', to: 'n-1' })
    expect(second.find(image)).toEqual({ outcome: 'refused', reason: 'ImageDecodeError', times: 2 })
    expect(second.find({ kind: 'group', from: 'p-1' })).toBeNull()
    await second.note(image, { to: 'i-2' })
    await second.close()
    expect((await open()).find(image)).toMatchObject({ outcome: 'moved' })
  })

  it('has begun before anything is moved', async () => {
    await (await open()).close()
    expect((await readEarlierRuns(path, pair)).hasBegun).toBe(true)
  })

  it('loses none of many notes at once', async () => {
    const log = await open()
    const things = Array.from({ length: 500 }, (_, i) => ({ kind: 'image', from: `p/${i}` }) as const)
    await Promise.all(things.map((thing) => log.note(thing, { to: 'x' })))
    expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(501)
    await log.close()
    const again = await open()
    expect(things.every((thing) => again.find(thing)?.outcome === 'moved')).toBe(true)
  })

  it('passes over a torn line and goes on in a fresh one', async () => {
    const log = await open()
    await log.note(person, { to: 'n-1' })
    await log.close()
    await appendFile(path, '{"kind":"image","from":"p-1/i-1","t')
    const next = await open()
    expect(next.find(person)).not.toBeNull()
    expect(next.find(image)).toBeNull()
    await next.note(image, { to: 'i-2' })
    await next.close()
    expect((await open()).find(image)).toMatchObject({ outcome: 'moved' })
  })

  it('refuses the file of other servers, and what is no such file', async () => {
    await (await open()).close()
    await expect(readEarlierRuns(path, { ...pair, to: 'http://other' })).rejects.toThrow(
      'between other servers',
    )
    await writeFile(path, '{"name":"something else"}\n')
    await expect(readEarlierRuns(path, pair)).rejects.toThrow('is not the state of a migration')
  })
})

describe('idempotencyKey', () => {
  it('is the same for the same attempt, and another one for anything else', () => {
    const keys = [
      idempotencyKey('http://old', image, 0),
      idempotencyKey('http://old', image, 1),
      idempotencyKey('http://other', image, 0),
      idempotencyKey('http://old', { ...image, kind: 'person' }, 0),
    ]
    expect(new Set(keys).size).toBe(4)
    expect(idempotencyKey('http://old', { ...image }, 0)).toBe(keys[0])
    expect(keys[0]).toMatch(/^[\x20-\x7e]{1,255}$/)
  })
})
