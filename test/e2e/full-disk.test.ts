import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { skipSuite } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSharedData } from '../servers/shared-data.ts'
import { openSmallDisk, type SmallDisk } from '../servers/small-disk.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { type Calls, callsTo } from './calls.ts'
import { smallPhotos } from './photos.ts'

const RESERVE_BYTES = 8_000_000
const shared = findSharedData()
const disk = shared === null ? { skipped: 'no photos' } : openSmallDisk(48)

describe.skipIf('skipped' in disk)('a server on a disk that others fill', () => {
  const small = disk as SmallDisk
  const dataFolder = join(small.path ?? '', 'data')
  let server: StandaloneServer
  let calls: Calls
  let photo: Buffer
  const ids: string[] = []

  const start = async () => {
    server = await startStandaloneServer({
      dataFolder,
      env: { SEMBLANCE_DISK_RESERVE: String(RESERVE_BYTES) },
    })
    calls = callsTo(server)
  }
  const hasReserve = () => existsSync(join(dataFolder, 'reserve'))
  const freeAsTold = async () => {
    const text = (await calls.send({ method: 'GET', path: '/metrics' })).bytes.toString()
    return Number(/^semblance_disk_free_bytes (\S+)$/m.exec(text)?.[1])
  }
  const jobsSoFar = async () => {
    const text = (await calls.send({ method: 'GET', path: '/metrics' })).bytes.toString()
    return text
      .split('\n')
      .filter((line) => line.startsWith('semblance_jobs_total{'))
      .join()
  }

  beforeAll(async () => {
    photo = (await smallPhotos(shared!))[0]!
    await start()
    for (let i = 0; i < 12; i++) ids.push(await calls.createPerson({ name: `Person ${i}` }))
    for (const id of ids) expect((await calls.addImage(id, photo)).status).toBe(200)
  }, 60_000)
  afterAll(async () => {
    await server?.kill()
    small.remove()
  })

  it('refuses to enroll before it is full, goes on searching, and shows what is free', async () => {
    await expect.poll(hasReserve, { timeout: 10_000 }).toBe(true)
    expect(await freeAsTold()).toBeGreaterThan(RESERVE_BYTES)
    await small.fill(RESERVE_BYTES / 2)
    expect(await freeAsTold()).toBeLessThan(RESERVE_BYTES)
    const create = () => calls.ask('POST', '/persons', { name: 'Late' })
    await expect.poll(async () => (await create()).json.type, { timeout: 5_000 }).toBe('E_STORAGE_FULL')
    const jobs = await jobsSoFar()
    expect(jobs).toContain('add-image')
    const refused = [await create(), await calls.addImage(ids[0]!, photo)]
    expect(await jobsSoFar()).toBe(jobs)
    for (const { status, json, headers } of refused) {
      expect([status, json.type, headers.get('retry-after')]).toEqual([503, 'E_STORAGE_FULL', '60'])
    }
    expect((await calls.search(photo)).json.persons.length).toBeGreaterThan(0)
    expect((await calls.ask('GET', '/readyz')).status).toBe(200)
    expect(server.output()).toContain('enrollments are refused')
  })

  it('deletes and changes when there is not a byte left', async () => {
    await small.fill(0)
    for (const id of ids.slice(0, 6)) expect((await calls.ask('DELETE', `/persons/${id}`)).status).toBe(204)
    expect(hasReserve()).toBe(false)
    expect((await calls.ask('PUT', `/persons/${ids[6]}`, { name: 'Renamed' })).status).toBe(204)
    for (const id of ids.slice(0, 6)) expect((await calls.ask('GET', `/persons/${id}`)).status).toBe(404)
    expect((await calls.ask('POST', '/persons', { name: 'Late' })).json.type).toBe('E_STORAGE_FULL')
  }, 30_000)

  it('starts there again, after an orderly end and after a kill, and deletes', async () => {
    await small.empty()
    await expect.poll(hasReserve, { timeout: 10_000 }).toBe(true)
    await server.stop()
    await small.fill(0)
    await start()
    expect(hasReserve()).toBe(false)
    expect((await calls.ask('DELETE', `/persons/${ids[7]}`)).status).toBe(204)
    await server.kill()
    await start()
    expect((await calls.ask('GET', `/persons/${ids[7]}`)).status).toBe(404)
    expect((await calls.ask('DELETE', `/persons/${ids[8]}`)).status).toBe(204)
  }, 60_000)

  it('enrolls again, and has its reserve again, once there is room', async () => {
    await small.empty()
    await expect.poll(hasReserve, { timeout: 10_000 }).toBe(true)
    await expect.poll(async () => (await calls.ask('POST', '/persons', { name: 'A' })).status).toBe(201)
    const id = await calls.createPerson({ name: 'In time' })
    expect((await calls.addImage(id, photo)).status).toBe(200)
  }, 30_000)
})

if ('skipped' in disk) skipSuite('a full disk', disk)
