import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spawnServerProcess } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'

interface S3rver {
  run(): Promise<{ readonly port: number }>
  close(): Promise<void>
}
// Written without types of its own.
const S3rver = createRequire(import.meta.url)('s3rver') as new (options: object) => S3rver
/** The only key that s3rver knows. */
const KEYS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' }
const BUCKET = 'faces'

const shared = findSharedData()
const PHOTOS = ['Aaron_Guiel/Aaron_Guiel_0001.jpg', 'Abba_Eban/Abba_Eban_0001.jpg']
/** Rows of a manifest: more than are taken in one go. */
const ROWS = 1_200

describe.skipIf(shared === null)('semblance import of a link', () => {
  let folder: string
  let server: StandaloneServer
  let env: Record<string, string>
  let s3: S3rver
  let origin: string
  /** What the host of links does with the next calls. */
  let answer: RequestListener = (_request, response) => response.writeHead(404).end()
  const host = createServer((request, response) => answer(request, response))

  const command = (...args: string[]) => {
    const started = spawnServerProcess('cli', { SEMBLANCE_URL: server.url }, args)
    const ended = once(started.process, 'close').then(([code]) => code as number | null)
    return { ...started, ended }
  }
  const begin = (...args: string[]) => command('import', ...args)
  const show = async (id: string) => {
    const shown = command('imports', 'show', id)
    await shown.ended
    return shown.output()
  }
  const run = async (...args: string[]) => {
    const begun = begin(...args, '--json')
    const code = await begun.ended
    const output = begun.output()
    const line = output.split('\n').find((text) => text.startsWith('{'))
    return { code, output, told: line === undefined ? null : JSON.parse(line) }
  }
  const start = async () => {
    server = await startStandaloneServer({ dataFolder: join(folder, 'data'), env })
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'semblance link '))
    await mkdir(join(folder, 's3'))
    const buckets = { configureBuckets: [{ name: BUCKET, configs: [] }] }
    const directory = join(folder, 's3')
    s3 = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory, ...buckets })
    const endpoint = `http://127.0.0.1:${(await s3.run()).port}`
    await mkdir(join(folder, 'open'))
    for (const photo of PHOTOS) {
      const bytes = await readFile(join(shared!, 'lfw-dev/images', photo))
      const put = await fetch(`${endpoint}/${BUCKET}/photos/${photo}`, { method: 'PUT', body: bytes })
      expect(put.status).toBe(200)
      await cp(join(shared!, 'lfw-dev/images', photo), join(folder, 'open', photo), { recursive: true })
    }
    host.listen(0, '127.0.0.1')
    await once(host, 'listening')
    origin = `127.0.0.1:${(host.address() as AddressInfo).port}`
    env = {
      ...KEYS,
      SEMBLANCE_THREADS: '1',
      SEMBLANCE_LINK_HOSTS: origin,
      SEMBLANCE_LINK_ROOTS: join(folder, 'open'),
      SEMBLANCE_LINK_S3_BUCKETS: BUCKET,
      SEMBLANCE_LINK_S3_ENDPOINT: endpoint,
      SEMBLANCE_LINK_S3_REGION: 'us-east-1',
    }
    await start()
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    await s3?.close()
    host.closeAllConnections()
    host.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('enrolls the photos of a bucket, and finds them there when it is run again', async () => {
    const link = `s3://${BUCKET}/photos/`
    expect((await run(link, '--dry-run', '--name', 'dry')).told.result.rows.byOutcome).toEqual({
      enrolled: 2,
    })
    const { code, told, output } = await run(link)
    expect(code, output).toBe(0)
    expect(told.result).toMatchObject({ name: link, state: 'done', rows: { byOutcome: { enrolled: 2 } } })
    expect((await run(link)).told.result.rows.byOutcome).toEqual({ 'same-picture': 2 })
    const { items } = (await callsTo(server).ask('GET', '/persons')).json
    expect(items.map(({ name }: { name: string }) => name).toSorted()).toEqual(['Aaron_Guiel', 'Abba_Eban'])
  }, 120_000)

  it('reads a manifest of a folder, with the photos that it names', async () => {
    await writeFile(
      join(folder, 'open', 'people.csv'),
      `external_id,file\nabba,${PHOTOS[1]}\nno,missing.jpg\n`,
    )
    const { code, told } = await run(`${pathToFileURL(join(folder, 'open'))}/people.csv`)
    expect(code).toBe(1)
    expect(told.result.rows.byOutcome).toEqual({ enrolled: 1, 'link-refused': 1 })
  }, 60_000)

  it('tells what is to be said of the whole source, and names each row whose key another one has', async () => {
    const rows = `a,somebody,${PHOTOS[1]},42\na,other,${PHOTOS[0]},43\n`
    await writeFile(join(folder, 'open', 'twice.csv'), `key,external_id,file,shoe size\n${rows}`)
    const { code, told } = await run(`${pathToFileURL(join(folder, 'open'))}/twice.csv`, '--dry-run')
    expect(code).toBe(1)
    const notes = ['columns that are not read: "shoe size"']
    expect(told.result).toMatchObject({
      source: { rows: 2, conflicts: 1, notes },
      rows: { byOutcome: { enrolled: 1, invalid: 1 } },
    })
    const { id } = told.result
    const report = (await callsTo(server).ask('GET', `/imports/${id}/report?outcome=invalid`)).bytes
    expect(JSON.parse(report.toString())).toMatchObject({
      ...{ key: expect.stringMatching(/^a-[0-9a-f]{12}$/), person: 'externalId:other', field: 'key' },
    })
    expect(await show(id)).toContain(`  note: ${notes[0]}`)
  }, 60_000)

  it('goes on after Ctrl-C, and after a kill of the server, with no row twice', async () => {
    const lines = Array.from({ length: ROWS }, (_, i) => `k${i},Linked ${i}\n`)
    const bytes = `key,name\n${lines.join('')}`
    let isWhole = false
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': bytes.length, 'content-type': 'text/csv', etag: '"1"' })
      if (isWhole) response.end(bytes)
      else response.write(bytes.slice(0, bytes.length - 1_000))
    }
    const link = `http://${origin}/people?signature=s3cret`
    const source = async () => (await callsTo(server).ask('GET', '/imports?size=1')).json.items[0].source
    const first = begin(link, '--dry-run')
    await expect.poll(async () => (await source()).rows, { timeout: 60_000, interval: 200 }).toBe(1_000)
    first.process.kill('SIGINT')
    expect([await first.ended, first.output()]).toEqual([130, expect.stringContaining('is paused')])
    await server.kill()
    await start()
    isWhole = true
    const { code, told, output } = await run(link, '--dry-run')
    expect(code, output).toBe(0)
    expect(output).toContain('going on with the import')
    expect(told.result).toMatchObject({
      source: { state: 'read', rows: ROWS, url: `http://${origin}/people` },
      rows: { total: ROWS, byOutcome: { 'person-written': ROWS } },
    })
    expect(output + first.output()).not.toContain('s3cret')
  }, 240_000)

  it('says why a link cannot be read, and what is no link', async () => {
    answer = (_request, response) => response.writeHead(200).end('<!doctype html><title>Sign in</title>')
    const page = await run(`http://${origin}/people.csv`)
    expect([page.code, page.told.fault]).toEqual([1, expect.stringContaining('is no header')])
    const closed = await run(`s3://others/photos/`)
    expect([closed.code, closed.told.fault]).toEqual([1, expect.stringContaining('not open to links')])
    // Nobody waits for this one: the reason is in the import.
    const left = await run(`s3://others/left/`, '--detach')
    expect([left.code, left.told.result.state]).toEqual([0, 'open'])
    await expect
      .poll(() => show(left.told.result.id), { timeout: 20_000, interval: 1_000 })
      .toMatch(/is open: 0 of 0 .*s3:\/\/others\/left\/ cannot be read .*: .*not open to links/s)
    expect((await run(`s3://${BUCKET}`)).code).toBe(2)
    expect((await run(`s3://${BUCKET}/photos/`, '--watch')).code).toBe(2)
  }, 60_000)
})
