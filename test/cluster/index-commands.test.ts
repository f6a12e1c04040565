import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Calls, callsTo } from '../e2e/calls.ts'
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

const shared = findSharedData()
const servers = await openServersForPhotos('index commands', { own: true })

const PEOPLE = 5

describe.skipIf('skipped' in servers)('semblance index', () => {
  const cluster = servers as ClusterServers
  const env: Readonly<Record<string, string>> = {
    ...cluster.env,
    SEMBLANCE_LOG_LEVEL: 'warn',
    SEMBLANCE_THREADS: '1',
  }
  let gateway: GatewayProcess
  let worker: WorkerProcess
  let calls: Calls
  let photos: Buffer[]
  const ids: string[] = []

  beforeAll(async () => {
    ;[gateway, worker] = await Promise.all([startGateway(env), startWorker(env)])
    calls = callsTo(gateway)
    const folder = join(shared!, 'lfw-dev/images')
    const people = (await readdir(folder)).toSorted().slice(0, PEOPLE)
    photos = await Promise.all(people.map((name) => readFile(join(folder, name, `${name}_0001.jpg`))))
    for (const [i, photo] of photos.entries()) {
      ids.push(await calls.createPerson({ name: `person ${i}` }))
      expect((await calls.addImage(ids[i]!, photo)).status).toBe(200)
    }
  }, 120_000)

  afterAll(async () => {
    await Promise.all([gateway?.end('SIGTERM'), worker?.end('SIGTERM')])
    await cluster.close()
  })

  // What they are about is no matter of the queue.
  const { SEMBLANCE_REDIS_URL: _queue, ...envOfCommands } = env

  /** Exit code, and the result that was printed for machines. */
  async function run(...args: string[]) {
    return runAs(envOfCommands, ...args)
  }
  async function runAs(given: Readonly<Record<string, string>>, ...args: string[]) {
    const command = spawnServerProcess('cli', given, ['index', ...args, '--json'])
    const code = await new Promise<number | null>((resolve) => command.process.once('exit', resolve))
    const line = command
      .output()
      .split('\n')
      .find((text) => text.startsWith('{'))
    return { code, printed: line === undefined ? null : JSON.parse(line).result, output: command.output() }
  }

  const qdrant = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${cluster.qdrant.url}${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const { result } = (await answer.json()) as {
      readonly result: { readonly collections: readonly { readonly name: string }[] }
    }
    return result
  }
  const collections = async () =>
    (await qdrant('GET', '/collections')).collections
      .map(({ name }) => name)
      .filter((name) => name.startsWith(env.SEMBLANCE_NAME!))

  it('agrees about a gallery that nobody has harmed', async () => {
    const { code, printed, output } = await run('verify')
    expect(printed, output).toMatchObject({
      images: PEOPLE,
      vectors: PEOPLE,
      missing: 0,
      surplus: 0,
      stale: 0,
    })
    expect(code).toBe(0)
  })

  it('makes no gallery of a name that is mistyped, and says that there is none', async () => {
    const before = (await qdrant('GET', '/collections')).collections
    for (const command of ['verify', 'rebuild']) {
      const mistyped = await runAs({ ...envOfCommands, SEMBLANCE_NAME: 'mistyped' }, command)
      expect(mistyped).toMatchObject({
        code: 2,
        output: expect.stringContaining('no gallery named "mistyped"'),
      })
    }
    expect((await qdrant('GET', '/collections')).collections).toEqual(before)
  })

  it('tells a lost vector and a foreign one, and puts both right when asked', async () => {
    const [collection] = await collections()
    const [lost] = await calls.imageIds(ids[0]!)
    await qdrant('POST', `/collections/${collection}/points/delete?wait=true`, { points: [lost] })
    const foreign = { id: '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77', vector: Array(512).fill(1) }
    await qdrant('PUT', `/collections/${collection}/points?wait=true`, {
      points: [{ ...foreign, payload: {} }],
    })
    expect((await calls.search(photos[0]!)).json.persons).toEqual([])

    expect(await run('verify')).toMatchObject({ code: 1, printed: { missing: 1, surplus: 1, repaired: 0 } })
    expect(await run('verify', '--repair')).toMatchObject({ code: 0, printed: { repaired: 2 } })
    expect(await run('verify')).toMatchObject({ code: 0, printed: { missing: 0, surplus: 0 } })
    expect((await calls.search(photos[0]!)).json.persons).toMatchObject([{ id: ids[0] }])
  })

  it('is rebuilt with searches and writes going on', async () => {
    const before = await collections()
    let isOver = false
    const searching = (async () => {
      const found: unknown[] = []
      while (!isOver) found.push((await calls.search(photos[1]!)).json?.persons?.[0]?.id)
      return found
    })()
    const added = calls.addImage(ids[1]!, photos[1]!)
    const { code, printed, output } = await run('rebuild')
    isOver = true
    expect(code, output).toBe(0)
    const found = await searching
    expect(new Set(found)).toEqual(new Set([ids[1]]))
    expect((await added).status).toBe(200)
    expect(printed).toMatchObject({ images: PEOPLE + 1, vectors: PEOPLE + 1 })
    const after = await collections()
    expect(after).toHaveLength(1)
    expect(after).not.toEqual(before)
    expect(await run('verify')).toMatchObject({ code: 0, printed: { images: PEOPLE + 1 } })
  })

  it('is lost with all of Qdrant, and made again', async () => {
    for (const name of await collections()) await qdrant('DELETE', `/collections/${name}`)
    expect((await calls.search(photos[2]!)).status).toBe(503)
    expect(await run('rebuild')).toMatchObject({ code: 0, printed: { images: PEOPLE + 1 } })
    await expect
      .poll(async () => (await calls.search(photos[2]!)).json?.persons?.[0]?.id, { timeout: 20_000 })
      .toBe(ids[2])
  })
})
