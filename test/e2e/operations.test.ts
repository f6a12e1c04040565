import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PackId } from '@semblance/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prefillGallery } from '../bench/prefill-gallery.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'
import { type MergedPair, mergeWhileSearching } from './merge-while-searching.ts'
import { deleteWhileRowsWait, failedRowsOf } from './rows-of-the-deleted.ts'

const FACES = 3_000
const DIMENSIONS = 512
/** The first of these are enrolled twice, under numbers that follow each other. */
const PAIRS = 40

describe('long operations', () => {
  let data: string
  let port: number
  let server: StandaloneServer
  const start = async () => {
    server = await startStandaloneServer({
      dataFolder: data,
      ...(port === undefined ? {} : { port }),
      env: { SEMBLANCE_THREADS: '1' },
    })
    port = Number(new URL(server.url).port)
  }
  const ask = async (method: string, path: string, body?: unknown) =>
    (await callsTo(server).ask(method, path, body)).json
  const ended = async (path: string) => {
    await expect.poll(async () => (await ask('GET', path)).endedAt, { timeout: 60_000 }).toBeDefined()
    return ask('GET', path)
  }
  const pairsOf = async (path: string): Promise<string[]> => {
    const { items } = await ask('GET', `${path}/pairs?size=1000`)
    return items.map(({ persons }: { persons: { name: string }[] }) =>
      persons.map(({ name }) => name).join(' '),
    )
  }

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'semblance operations '))
    const faces = Array.from({ length: PAIRS }, direction)
    const known = faces.flatMap((face) => [face, near(face)])
    const plan = { dataFolder: data, packId: 'builtin@2' as PackId, dimensions: DIMENSIONS }
    await prefillGallery({ ...plan, faces: FACES, known, pictures: [] })
    await start()
  }, 60_000)
  afterAll(async () => {
    await server?.stop()
    await rm(data, { recursive: true, force: true })
  })

  const twins = Array.from({ length: PAIRS }, (_, i) => `Person ${2 * i} Person ${2 * i + 1}`)

  it('find everybody who is enrolled twice, although the server is killed meanwhile', async () => {
    const { id } = await ask('POST', '/duplicates', {})
    const path = `/duplicates/${id}`
    await expect
      .poll(async () => (await ask('GET', path)).done, { interval: 20, timeout: 30_000 })
      .toBeGreaterThan(0)
    await server.kill()
    await start()
    const { done } = await ask('GET', path)
    expect(done).toBeGreaterThan(0)
    expect(await ended(path)).toMatchObject({ state: 'done', done: FACES, total: FACES, pairs: PAIRS })
    expect((await pairsOf(path)).toSorted()).toEqual(twins.toSorted())
  }, 120_000)

  it('delete everybody to whom a filter applies, although the server is killed meanwhile', async () => {
    const [search] = (await ask('GET', '/duplicates')).items
    // Persons 29, 290 to 299 and 2900 to 2999.
    const filter = 'namePrefix=Person%2029'
    const { count } = await ask('DELETE', `/persons?${filter}&dryRun=true`)
    expect(count).toBe(111)
    const { id } = await ask('DELETE', `/persons?${filter}&count=${count}`)
    await expect
      .poll(async () => (await ask('GET', `/persons?${filter}&size=1`)).totalPages, {
        interval: 10,
        timeout: 30_000,
      })
      .toBeLessThan(count)
    await server.kill()
    await start()
    const fresh = await callsTo(server).createPerson({ name: 'Person 29' })
    expect(await ended(`/operations/${id}`)).toMatchObject({ state: 'done', done: count, skipped: 0 })
    expect((await ask('GET', `/persons?${filter}`)).items.map((person: { id: string }) => person.id)).toEqual(
      [fresh],
    )
    expect((await ask('GET', '/persons?size=1')).totalPages).toBe(FACES - count + 1)
    expect((await ask('GET', '/stats')).indexedImages).toBe(FACES - count)
    const left = twins.filter((names) => !names.includes('Person 29'))
    expect((await pairsOf(`/duplicates/${search.id}`)).toSorted()).toEqual(left.toSorted())
  }, 120_000)

  it('leave pairs that can be merged while both are searched for, and that stay so after a kill', async () => {
    const [search] = (await ask('GET', '/duplicates')).items
    const { items } = await ask('GET', `/duplicates/${search.id}/pairs?size=4`)
    const pairs = items.map(({ persons: [one, other] }: { persons: { personId: string }[] }) => ({
      id: one!.personId,
      otherId: other!.personId,
    })) as readonly MergedPair[]
    for (const pair of pairs) {
      await ask('PUT', `/persons/${pair.otherId}`, { externalId: null })
      const { before, after } = await mergeWhileSearching(callsTo(server), pair)
      expect(Math.min(before, after)).toBeGreaterThan(0)
    }
    await server.kill()
    await start()
    const calls = callsTo(server)
    for (const { id, otherId } of pairs) {
      expect(await calls.imageIds(id)).toHaveLength(2)
      expect((await calls.ask('GET', `/persons/${otherId}`)).status).toBe(404)
    }
    const left = await pairsOf(`/duplicates/${search.id}`)
    expect(left).toHaveLength(PAIRS - 1 - pairs.length)
  }, 120_000)

  it('of imports leave rows that come after somebody was deleted or has expired, and end those before', async () => {
    const failed = async () => failedRowsOf(await (await fetch(`${server.url}/metrics`)).text())
    await deleteWhileRowsWait(callsTo(server), failed)
  }, 120_000)
})

function direction(): Float32Array {
  return unit(Float32Array.from(randomBytes(DIMENSIONS), (byte) => byte - 127.5))
}

/** Another photo of the same face. */
function near(face: Float32Array): Float32Array {
  const other = direction()
  return unit(face.map((value, i) => value + 0.1 * (other[i] ?? 0)))
}

function unit(values: Float32Array): Float32Array {
  const length = Math.hypot(...values)
  return values.map((value) => value / length)
}
