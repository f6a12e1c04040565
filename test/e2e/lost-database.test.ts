import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'
import { smallPhotos } from './photos.ts'

const shared = findSharedData()

describe.skipIf(shared === null)('a data folder whose database was lost', () => {
  let folder: string
  let data: string
  let server: StandaloneServer | undefined
  let photo: Buffer
  let personId: string
  const imageIds: string[] = []

  const start = async (env: Readonly<Record<string, string>> = {}) => {
    server = await startStandaloneServer({ dataFolder: data, env: { SEMBLANCE_THREADS: '1', ...env } })
    return server
  }
  const stop = async () => {
    await server?.stop()
    server = undefined
  }
  const enroll = async () => {
    await callsTo(server!).addImage(personId, photo)
    const known = new Set(imageIds)
    const ids = await callsTo(server!).imageIds(personId)
    imageIds.push(...ids.filter((id) => !known.has(id)))
  }
  const names = async (path: string) =>
    (await readdir(join(data, path), { recursive: true }))
      .filter((name) => /[0-9a-f-]{36}$/.test(name) && !name.startsWith('set-aside'))
      .map((name) => name.slice(-36))
      .toSorted()
  const dropDatabase = async () => {
    for (const end of ['', '-wal', '-shm']) await rm(join(data, `semblance.sqlite${end}`), { force: true })
  }
  const saved = () => join(folder, 'saved.sqlite')

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'semblance lost '))
    data = join(folder, 'data')
    photo = (await smallPhotos(shared!))[0]!
    await start()
    personId = await callsTo(server!).createPerson({ name: 'Ada' })
    await enroll()
    await stop()
    await cp(join(data, 'semblance.sqlite'), join(folder, 'older.sqlite'))
    await start()
    for (let n = 0; n < 3; n++) await enroll()
    await stop()
    await cp(join(data, 'semblance.sqlite'), saved())
  }, 120_000)
  afterAll(async () => {
    await stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('does not start, says how many of how many are unknown, and changes nothing', async () => {
    await dropDatabase()
    const refused = start()
    await expect(refused).rejects.toThrow('no record of 4 of the 4 pictures')
    await expect(refused).rejects.toThrow('SEMBLANCE_ACCEPT_MISSING_RECORDS=4')
    expect(await names('pictures')).toEqual(imageIds.toSorted())
    // An empty database would lie in the way of the one that is being restored.
    expect(await readdir(data)).not.toContain('semblance.sqlite')
  })

  it('does not start on a database that is older than most of the pictures', async () => {
    await cp(join(folder, 'older.sqlite'), join(data, 'semblance.sqlite'))
    await expect(start()).rejects.toThrow('no record of 3 of the 4 pictures')
    expect(await names('pictures')).toEqual(imageIds.toSorted())
  })

  it('starts when told to, with those pictures set aside, counted, and served to nobody', async () => {
    await start({ SEMBLANCE_ACCEPT_MISSING_RECORDS: '3' })
    await expect.poll(() => names('pictures/set-aside')).toEqual(imageIds.slice(1).toSorted())
    // They are counted once all have been looked at.
    const metrics = async () => (await fetch(`${server!.url}/metrics`)).text()
    await expect.poll(metrics, { timeout: 10_000 }).toContain('semblance_set_aside_pictures 3')
    expect(server!.output()).toContain('set aside pictures without a record')
    expect(await callsTo(server!).imageIds(personId)).toEqual(imageIds.slice(0, 1))
    await stop()
  })

  it('has every picture back once the right database is', async () => {
    await dropDatabase()
    await cp(saved(), join(data, 'semblance.sqlite'))
    await start()
    for (const id of imageIds) {
      const picture = () => callsTo(server!).ask('GET', `/persons/${personId}/images/${id}`)
      await expect.poll(async () => (await picture()).bytes.equals(photo)).toBe(true)
    }
    expect(await names('pictures/set-aside')).toEqual([])
    await stop()
  })

  it('whose pictures are lost instead starts, tells of them, and finds everybody', async () => {
    await rm(join(data, 'pictures'), { recursive: true })
    await start()
    await expect
      .poll(async () => (await fetch(`${server!.url}/metrics`)).text())
      .toContain('semblance_missing_pictures 4')
    expect((await callsTo(server!).search(photo)).json.persons[0]?.name).toBe('Ada')
    await stop()
  })
})
