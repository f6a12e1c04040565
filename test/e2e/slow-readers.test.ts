import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { sizeOf } from '@semblance/testkit'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { type Calls, callsTo } from './calls.ts'
import { smallPhotos } from './photos.ts'

const shared = findSharedData()
const MOST_GROWTH_MB = 200
const CONNECTIONS = 40
/** Routes that are asked at once. What they grow by together is held against the bound for one. */
const AT_ONCE = sizeOf({ ci: 12, slow: 1 })
/** The page of persons, 3 MB, and a large file: what is likeliest to pile up. */
const HEAVIEST = ['/api/persons', '/docs/swagger-ui-bundle.js']

const inGroups = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))

/** Callers that ask ahead, or for much, and take nothing of it: the server's memory stays where it was. */
describe.skipIf(process.platform !== 'linux')('callers that do not take their answers', () => {
  let server: StandaloneServer
  let calls: Calls
  const open: Socket[] = []

  beforeAll(async () => {
    server = await startStandaloneServer({ env: { SEMBLANCE_LOG_LEVEL: 'warn' } })
    calls = callsTo(server)
    const metadata = { text: 'x'.repeat(50_000) }
    for (let i = 0; i < 60; i++) await calls.createPerson({ name: `person ${i}`, metadata })
  })
  afterAll(() => server?.stop())

  const residentMb = async () => {
    const status = await readFile(`/proc/${server.process.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
  }

  const settle = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

  /** Sends each text over so many connections, reads nothing, and says by how much the server grew at most, in MB. */
  async function growthUnder(texts: readonly string[], connections: number): Promise<number> {
    const rest = await residentMb()
    let most = rest
    const { hostname, port } = new URL(server.url)
    for (const text of texts) {
      for (let i = 0; i < connections; i++) {
        const socket = connect(Number(port), hostname)
        socket.on('error', () => {})
        socket.pause()
        socket.write(text)
        open.push(socket)
      }
    }
    for (let i = 0; i < 15; i++) {
      await settle(100)
      most = Math.max(most, await residentMb())
    }
    for (const socket of open.splice(0)) socket.destroy()
    return most - rest
  }

  const asking = (path: string, count: number) =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: identity\r\n\r\n`.repeat(count)

  const routes = async () => {
    const { json } = await calls.send({ method: 'GET', path: '/openapi.json' })
    const documented = Object.entries(json.paths as Record<string, object>)
      .filter(([, methods]) => 'get' in methods)
      .map(([path]) => path)
    const [person] = (await calls.ask('GET', '/persons?size=1')).json.items
    const ids: Readonly<Record<string, string>> = { personId: person.id, groupId: person.groups[0] }
    const pages = ['/', '/docs', '/docs/swagger-ui-bundle.js', '/docs/swagger-ui.css', '/nothing']
    return [...documented, ...pages].map((path) =>
      path.replace(/\{(\w+)\}/g, (_, name) => ids[name] ?? person.id),
    )
  }

  it('sixty kilobytes of requests at once for each route', async () => {
    const grown: [readonly string[], number][] = []
    const all = await routes()
    expect(all.length).toBeGreaterThan(15)
    const light = all.filter((path) => !HEAVIEST.includes(path))
    const together = [...HEAVIEST.map((path) => [path]), ...inGroups(light, AT_ONCE)]
    for (const paths of together) {
      // Below the number at which the connection is closed, and far above it.
      const texts = (count?: number) =>
        paths.map((path) => asking(path, count ?? Math.floor(60_000 / asking(path, 1).length)))
      for (const asked of AT_ONCE === 1 || paths.length === 1 ? [texts(90), texts()] : [texts()]) {
        const growth = await growthUnder(asked, 3)
        if (growth > MOST_GROWTH_MB) grown.push([paths, growth])
      }
      expect((await calls.ask('GET', '/healthz')).status).toBe(200)
    }
    expect(grown).toEqual([])
  }, 240_000)

  it.skipIf(shared === null)(
    'large pictures over many connections',
    async () => {
      const id = await calls.createPerson({ name: 'large' })
      const [photo] = await smallPhotos(shared!)
      // Hardly to be compressed, so about 10 MB.
      const noise = await sharp({
        create: {
          width: 2000,
          height: 1600,
          channels: 3,
          background: 'gray',
          noise: { type: 'gaussian', mean: 128, sigma: 40 },
        },
      })
        .png()
        .toBuffer()
      const face = await sharp(photo).resize(1200).toBuffer()
      const picture = await sharp(noise)
        .composite([{ input: face }])
        .png()
        .toBuffer()
      const { status, json } = await calls.addImage(id, picture)
      expect(status).toBe(200)
      const growth = await growthUnder([asking(`/api/${json.path}`, 20)], CONNECTIONS)
      expect(growth).toBeLessThan(MOST_GROWTH_MB)
      const search = JSON.stringify({ personId: id, includeSelf: true })
      const head = `POST /api/search?withImages=true HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`
      const searches = `${head}Content-Length: ${search.length}\r\n\r\n${search}`
      expect(await growthUnder([searches], CONNECTIONS)).toBeLessThan(MOST_GROWTH_MB)
      const again = await calls.send({ method: 'GET', path: `/api/${json.path}` })
      expect([again.status, again.bytes.equals(picture)]).toEqual([200, true])
    },
    60_000,
  )
})
