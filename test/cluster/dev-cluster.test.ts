import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openClusterServers } from '../servers/cluster.ts'
import { type ServerProcess, spawnServerGroup } from '../servers/server-process.ts'

const whole = await openClusterServers({ own: true })
if ('skipped' in whole) console.warn(`skipped: a whole cluster by semblance dev-cluster: ${whole.skipped}`)
else await whole.close()

/** Addresses that nobody is asked at before the one that is missing is told. */
const GIVEN = {
  SEMBLANCE_REDIS_URL: 'redis://127.0.0.1:1',
  SEMBLANCE_MONGO_URL: 'mongodb://127.0.0.1:1',
  SEMBLANCE_QDRANT_URL: 'http://127.0.0.1:1',
}
const START_MS = 60_000

describe('semblance dev-cluster', () => {
  let emptyFolder: string
  let ports: { readonly SEMBLANCE_PORT: string; readonly SEMBLANCE_OPS_PORT: string }
  let running: ServerProcess[] = []
  let listener: Server | null = null

  beforeEach(async () => {
    emptyFolder = await mkdtemp(join(tmpdir(), 'semblance-nothing-'))
    ports = { SEMBLANCE_PORT: String(await freePort()), SEMBLANCE_OPS_PORT: String(await freePort()) }
  })
  afterEach(async () => {
    await Promise.all(running.map((one) => one.end('SIGKILL')))
    running = []
    listener?.close()
    listener = null
    await rm(emptyFolder, { recursive: true })
  })

  function start(env: Readonly<Record<string, string>>): ServerProcess {
    const one = spawnServerGroup('cli', { ...ports, ...env }, ['dev-cluster'])
    running.push(one)
    return one
  }

  const endOf = async ({ process }: ServerProcess) => {
    if (process.exitCode === null) await once(process, 'exit')
    return process.exitCode
  }
  /** As a terminal does: every process of the group hears it. */
  const pressCtrlC = ({ process: { pid = 0 } }: ServerProcess) => process.kill(-pid, 'SIGINT')
  const hears = (one: ServerProcess, text: string) =>
    expect.poll(one.output, { timeout: START_MS, interval: 100 }).toContain(text)

  async function listenOn(port: string): Promise<void> {
    listener = createServer().listen(Number(port), '127.0.0.1')
    await once(listener, 'listening')
  }

  it.each([
    'SEMBLANCE_PORT',
    'SEMBLANCE_OPS_PORT',
  ] as const)('starts nothing where %s is taken, and says what to do', async (variable) => {
    await listenOn(ports[variable])
    const second = start({})
    expect(await endOf(second)).toBe(1)
    const said = second.output()
    expect(said).toContain(`port ${ports[variable]} is taken`)
    expect(said).toContain(`set ${variable}`)
    expect(said).not.toContain('started at')
  })

  it.each([
    ['SEMBLANCE_REDIS_URL', 'redis-server'],
    ['SEMBLANCE_QDRANT_URL', 'qdrant program on PATH'],
  ] as const)('says which server is missing: %s', async (variable, remedy) => {
    const one = start({ ...GIVEN, [variable]: '', PATH: emptyFolder })
    expect(await endOf(one)).toBe(1)
    expect(one.output()).toMatch(new RegExp(`semblance: no \\w+: set ${variable}, or .*${remedy}`))
  })

  it('says of every server that is missing before it starts any', async () => {
    const one = start({ ...GIVEN, SEMBLANCE_REDIS_URL: '', SEMBLANCE_QDRANT_URL: '', PATH: emptyFolder })
    expect(await endOf(one)).toBe(1)
    for (const variable of ['SEMBLANCE_REDIS_URL', 'SEMBLANCE_QDRANT_URL'])
      expect(one.output()).toMatch(new RegExp(`semblance: no \\w+: set ${variable}, or `))
    expect(one.output()).not.toContain('as SEMBLANCE_MONGO_URL says')
  })

  it('goes on waiting for servers that were named and are not there, and stops when told', async () => {
    const one = start(GIVEN)
    for (const name of Object.keys(GIVEN)) await hears(one, `as ${name} says`)
    await hears(one, 'waiting for MongoDB')
    await one.end('SIGTERM')
    expect(one.process.exitCode).toBe(0)
  })

  it.skipIf('skipped' in whole)(
    'starts every server and both processes, says where they are, and leaves none of them behind',
    async () => {
      const one = start({})
      await hears(one, 'Semblance worker')
      const url = `http://127.0.0.1:${ports.SEMBLANCE_PORT}`
      const isReady = async () => (await fetch(`${url}/api/readyz`).catch(() => null))?.status
      await expect.poll(isReady, { timeout: START_MS, interval: 200 }).toBe(200)
      const said = one.output()
      expect(said).toContain(`Semblance gateway at ${url}`)
      expect(said).toContain(`metrics and probes at http://127.0.0.1:${ports.SEMBLANCE_OPS_PORT}`)
      const servers = [...said.matchAll(/(\w+) started at (\S+), with a temporary folder/g)]
      expect(servers.map(([, name]) => name)).toEqual(['Redis', 'MongoDB', 'Qdrant'])

      const second = start({})
      expect(await endOf(second)).toBe(1)
      expect(second.output()).toContain('is taken, perhaps by another cluster')

      pressCtrlC(one)
      expect(await endOf(one)).toBe(0)
      expect(one.output().slice(said.length), 'the servers end last').not.toMatch(/WARN|ERROR|waiting for/)
      for (const [, , address = ''] of servers) {
        const port = Number(new URL(address).port)
        const again = createServer().listen(port, '127.0.0.1')
        await once(again, 'listening')
        again.close()
      }
    },
    3 * START_MS,
  )
})
