import { openMongoDatabase } from '@semblance/store-mongo'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callsTo } from '../e2e/calls.ts'
import { smallPhotos } from '../e2e/photos.ts'
import {
  type ClusterServers,
  type GatewayProcess,
  openServersForPhotos,
  startGateway,
  startWorker,
  type WorkerProcess,
} from '../servers/cluster.ts'
import { spawnServerProcess } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'

const servers = await openServersForPhotos('records that were lost')
const PEOPLE = 3

describe.skipIf('skipped' in servers)('a cluster whose records were lost', () => {
  const cluster = servers as ClusterServers
  const env: Readonly<Record<string, string>> = { ...cluster.env, SEMBLANCE_THREADS: '1' }
  let database: Awaited<ReturnType<typeof openMongoDatabase>>
  let gateway: GatewayProcess | undefined
  let worker: WorkerProcess | undefined
  let photo: Buffer
  const persons: string[] = []
  const images: string[] = []

  const start = async () => {
    ;[gateway, worker] = await Promise.all([startGateway(env), startWorker(env)])
  }
  const stop = async () => {
    await Promise.all([gateway?.end('SIGTERM'), worker?.end('SIGTERM')])
  }
  /** Exit code, all that was printed, and what its line of JSON says. */
  const semblance = async (...args: string[]) => {
    const command = spawnServerProcess('cli', env, [...args, '--json'])
    const code = await new Promise<number | null>((resolve) => command.process.once('close', resolve))
    const output = command.output()
    const { result = null } = JSON.parse(output.match(/^\{"command".*\}$/m)?.[0] ?? '{}')
    return { code, output, result }
  }
  /** Takes all records of images away; answers what puts them back. */
  const loseImages = async () => {
    const records = database.db.collection('images')
    const saved = await records.find().toArray()
    await records.deleteMany({})
    return () => records.insertMany(saved)
  }
  const counts = async () => ({
    pictures: await database.db.collection('pictures').countDocuments({ writtenAt: { $exists: true } }),
    vectors: (await semblance('index', 'verify')).result?.vectors,
  })

  beforeAll(async () => {
    photo = (await smallPhotos(findSharedData()!))[0]!
    database = await openMongoDatabase({ url: cluster.mongo.url, databaseName: env.SEMBLANCE_NAME! })
    await start()
    const calls = callsTo(gateway!)
    for (let n = 0; n < PEOPLE; n++) {
      persons.push(await calls.createPerson({ name: `person ${n}` }))
      await calls.addImage(persons[n]!, photo)
      images.push(...(await calls.imageIds(persons[n]!)))
    }
  }, 120_000)
  afterAll(async () => {
    await stop()
    await database?.close()
    await cluster.close()
  })

  it('is whole before that, says semblance verify', async () => {
    const { code, result, output } = await semblance('verify')
    expect(result, output).toMatchObject({
      persons: PEOPLE,
      images: PEOPLE,
      pictures: PEOPLE,
      vectors: PEOPLE,
      findings: 0,
    })
    expect(code).toBe(0)
  })

  it('has neither its index emptied nor its pictures put aside by a repair', async () => {
    const putBack = await loseImages()
    for (const command of [['verify', '--repair'], ['rebuild']]) {
      const { code, output } = await semblance('index', ...command)
      expect([code, output]).toEqual([
        1,
        expect.stringContaining(`no record of ${PEOPLE} of the ${PEOPLE} pictures`),
      ])
    }
    expect(await counts()).toEqual({ pictures: PEOPLE, vectors: PEOPLE })
    const { code, result } = await semblance('verify')
    expect([code, result.byKind]).toEqual([1, { 'index-differs': 1, 'picture-without-record': PEOPLE }])
    await putBack()
  })

  it('is not served: its processes do not start, and say why', async () => {
    await stop()
    const putBack = await loseImages()
    await expect(startGateway(env)).rejects.toThrow('no record of')
    await expect(startWorker(env)).rejects.toThrow('SEMBLANCE_ACCEPT_MISSING_RECORDS=3')
    await putBack()
    await start()
    expect((await callsTo(gateway!).search(photo)).json.persons).toHaveLength(PEOPLE)
  })

  it('is told which picture, record and vector is not whole, and serves the rest', async () => {
    const change = (collection: string, id: string, update: object) =>
      database.db.collection<{ _id: string }>(collection).updateOne({ _id: id }, update)
    await change('pictures', images[0]!, { $set: { bytes: photo.subarray(1) } })
    await change('persons', persons[1]!, { $set: { metadata: '{' } })
    const { code, result } = await semblance('verify')
    const found = result.found.map(({ finding, id }: Readonly<Record<string, string>>) => [finding, id])
    expect([code, found]).toEqual([
      1,
      [
        ['person-unreadable', persons[1]],
        ['picture-damaged', images[0]],
      ],
    ])
    const calls = callsTo(gateway!)
    const names = (await calls.search(photo)).json.persons.map(({ id }: { readonly id: string }) => id)
    expect(names.toSorted()).toEqual([persons[0], persons[2]].toSorted())
    const picture = await calls.ask('GET', `/persons/${persons[0]}/images/${images[0]}`)
    expect(picture).toMatchObject({ status: 500, json: { type: 'E_PICTURE_DAMAGED' } })
    await database.db.collection<{ _id: string }>('pictures').deleteOne({ _id: images[2]! })
    for (let read = 0; read < 2; read++) {
      const missing = await calls.ask('GET', `/persons/${persons[2]}/images/${images[2]}`)
      expect(missing).toMatchObject({ status: 500, json: { type: 'E_PICTURE_DAMAGED' } })
    }
    expect(gateway!.output().split(`"kind":"picture","id":"${images[2]}"`)).toHaveLength(2)
    expect((await calls.ask('GET', '/persons')).json.items).toHaveLength(PEOPLE - 1)
    const metrics = await (await fetch(`${gateway!.opsUrl}/metrics`)).text()
    expect(metrics).toContain('semblance_damaged_pictures_total 3')
    expect(metrics).toContain('semblance_set_aside_records{kind="person"} 1')
  })
})
