import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'

let dataFolder: string
let running: StandaloneServer[]

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'semblance lifecycle '))
  running = []
})
afterEach(async () => {
  for (const server of running) await server.kill()
  await rm(dataFolder, { recursive: true, force: true })
})

async function start(env: Readonly<Record<string, string>> = {}): Promise<StandaloneServer> {
  const server = await startStandaloneServer({ dataFolder, env })
  running.push(server)
  return server
}

describe('the process', () => {
  it('says where it is, where its docs are, where its data lies', async () => {
    const server = await start()
    await expect.poll(server.output).toContain(`Semblance identifies faces at ${server.url}`)
    expect(server.output()).toContain(`${server.url}/docs`)
    expect(server.output()).toContain(dataFolder)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with exit code 0 on %s, within seconds', async (signal) => {
    const server = await start()
    await callsTo(server).createPerson({ name: 'Ada' })
    const exited = once(server.process, 'exit')
    const asked = performance.now()
    server.process.kill(signal)
    const [code] = await exited
    expect(code).toBe(0)
    expect(performance.now() - asked).toBeLessThan(10_000)
    expect(server.output()).toContain('Stopped.')
  })

  it('keeps persons and groups over a restart', async () => {
    const first = await start()
    const group = await callsTo(first).createGroup('Staff')
    const fields = { name: 'Ada', metadata: { 'a.b': [1] }, groups: [group], externalId: 'e1' }
    const id = await callsTo(first).createPerson(fields)
    await first.stop()
    const { json } = await callsTo(await start()).ask('GET', `/persons/${id}`)
    expect(json).toMatchObject({ id, ...fields })
  })

  it('refuses a data folder that another process is using, and leaves that one alone', async () => {
    const first = await start()
    const problem = await start().catch((error: unknown) => error)
    expect(String(problem)).toMatch(/another process is using the data folder .*stop it first/)
    expect((problem as Error).cause).toMatchObject({ message: 'it ended with exit code 1' })
    await callsTo(first).createPerson({ name: 'Ada' })
  })

  it('that finds its port taken names the one setting that changes it', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const problem = await start({ SEMBLANCE_PORT: String(port) }).catch((error: unknown) => error)
    taken.close()
    expect(String(problem)).toContain(`another program listens at 127.0.0.1:${port} already`)
    expect(String(problem)).toContain('set SEMBLANCE_PORT to another port')
    expect(String(problem)).not.toMatch(/OPS_PORT|^ +at /m)
  })

  it('names every problem of the configuration at once, and hides keys', async () => {
    const env = {
      SEMBLANCE_PORT: '70000',
      SEMBLANCE_THRESHOLD: 'high',
      SEMBLANCE_LOG_LEVEL: 'loud',
      SEMBLANCE_THREAD: '2',
      SEMBLANCE_API_KEYS: 'very-secret-key-of-ours',
    }
    const problem = await start(env).catch((error: unknown) => error)
    expect((problem as Error).cause).toMatchObject({ message: 'it ended with exit code 1' })
    for (const name of Object.keys(env).slice(0, 4)) expect(String(problem)).toContain(name)
    expect(String(problem)).not.toContain('very-secret-key-of-ours')
  })

  it('asks for a key where keys are set, and not for its health', async () => {
    const server = await start({ SEMBLANCE_API_KEYS: 'a-long-enough-key-0123456789' })
    const { ask } = callsTo(server)
    expect((await ask('GET', '/groups')).status).toBe(401)
    expect((await ask('GET', '/healthz')).status).toBe(200)
    const headers = { 'x-api-key': 'a-long-enough-key-0123456789' }
    expect((await fetch(`${server.url}/api/groups`, { headers })).status).toBe(200)
  })
})
