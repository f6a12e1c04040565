import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type ClusterServers, openClusterServers, startGateway, startWorker } from '../servers/cluster.ts'
import type { ServerProcess } from '../servers/server-process.ts'
import { startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'

/**
 * Faults put into a process from outside, since none of its own is known: a look-up that throws where nobody catches
 * (`throw.test`, `reject.test`), an exception that is nobody's own, the death of the thread that keeps the persons, and of those
 * that run the networks, which cannot be loaded again either.
 */
const FAULTS = `import dns from 'node:dns'; import { existsSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module'; import { workerData } from 'node:worker_threads';
const { lookup } = dns.promises;
dns.promises.lookup = (host, options) => {
  if (host === 'throw.test') setImmediate(() => { throw new Error('injected'); });
  else if (host === 'reject.test') setImmediate(() => Promise.reject(new Error('injected')));
  else return lookup(host, options);
  return new Promise(() => {});
};
syncBuiltinESMExports();
const isStore = typeof workerData?.file === 'string';
const isMain = workerData === null;
const isEngine = workerData?.recognizers !== undefined;
if (isEngine && existsSync(process.env.FAULTS + '/engine')) throw new Error('injected');
setInterval(() => {
  if (isMain && existsSync(process.env.FAULTS + '/process')) throw new Error('injected');
  if (isStore && existsSync(process.env.FAULTS + '/store')) throw new Error('injected');
  if (isEngine && existsSync(process.env.FAULTS + '/engine')) throw new Error('injected');
}, 20).unref();`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance-faults-'))
  return () => rm(folder, { recursive: true, force: true })
})
const env = () => ({
  FAULTS: folder,
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(FAULTS)}`,
  SEMBLANCE_THREADS: '1',
  SEMBLANCE_LINK_HOSTS: 'throw.test,reject.test',
})
const inject = (fault: 'process' | 'store' | 'engine') => writeFile(join(folder, fault), '')
const endOf = async (server: { readonly process: ServerProcess['process'] }) =>
  server.process.exitCode ?? (await once(server.process, 'exit'))[0]
const unexpected = async (url: string, where: string) => {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`unexpected_errors_total\\{where="${where}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
}
/** What the health check says is missing; null: nothing. */
const missingOf = async (url: string) => (await fetch(`${url}/api/readyz`)).headers.get('x-semblance-missing')
const countOf = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length

describe('a fault that nobody caught, standalone', () => {
  it('in the work for one request fails that request alone', async () => {
    const server = await startStandaloneServer({ env: env() })
    const calls = callsTo(server)
    try {
      for (const host of ['throw.test', 'reject.test']) {
        const image = { imageUrl: `http://${host}/a.jpg` }
        const [failed, other] = await Promise.all([
          calls.ask('POST', '/search', { image }),
          calls.ask('POST', '/persons', { name: 'Ada' }),
        ])
        expect([failed.status, failed.json.type, other.status]).toEqual([500, 'InternalError', 201])
      }
      expect(await unexpected(server.url, 'request')).toBe(2)
      expect(countOf(server.output(), /"msg":"request failed"/g)).toBe(2)
      expect(server.process.exitCode).toBeNull()
    } finally {
      await server.stop()
    }
  }, 60_000)

  it.each([
    'process',
    'store',
  ] as const)('of the %s stops it in good order, with exit code 1', async (what) => {
    const server = await startStandaloneServer({ env: env() })
    const personId = await callsTo(server).createPerson({ name: 'Ada' })
    await inject(what)
    expect(await endOf(server)).toBe(1)
    expect(server.output()).toContain('no longer trusted')
    expect(server.output()).toMatch(/Stopping \.{3}[\s\S]*Stopped\./)
    await rm(join(folder, what))
    const again = await startStandaloneServer({ env: env(), dataFolder: server.dataFolder })
    try {
      expect((await callsTo(again).ask('GET', `/persons/${personId}`)).status).toBe(200)
    } finally {
      await again.stop()
      await rm(server.dataFolder, { recursive: true, force: true })
    }
  }, 60_000)
})

describe('networks that cannot be loaded any more, standalone', () => {
  it('make the server not ready until they can, and persons are served meanwhile', async () => {
    const server = await startStandaloneServer({ env: env() })
    try {
      expect(await missingOf(server.url)).toBeNull()
      await inject('engine')
      await expect.poll(() => missingOf(server.url), { timeout: 30_000 }).toBe('engine')
      expect((await callsTo(server).ask('GET', '/persons')).status).toBe(200)
      await rm(join(folder, 'engine'))
      await expect.poll(() => missingOf(server.url), { timeout: 30_000 }).toBeNull()
      expect(server.process.exitCode).toBeNull()
    } finally {
      await server.stop()
    }
  }, 90_000)
})

const servers = await openClusterServers()
if ('skipped' in servers) console.warn(`skipped: unexpected faults in a cluster: ${servers.skipped}`)
describe.skipIf('skipped' in servers)('a fault that nobody caught, cluster', () => {
  const { env: serverEnv, close } = servers as ClusterServers
  afterAll(async () => close?.())

  it('in a job fails that job alone; else its process stops in good order, with exit code 1', async () => {
    const all = { ...env(), ...serverEnv }
    const [gateway, worker] = await Promise.all([startGateway(all), startWorker(all)])
    for (const host of ['throw.test', 'reject.test']) {
      const image = { imageUrl: `http://${host}/a.jpg` }
      const failed = await callsTo(gateway).ask('POST', '/search', { image })
      expect([failed.status, failed.json.type]).toEqual([500, 'InternalError'])
    }
    expect(await unexpected(worker.opsUrl, 'job')).toBe(2)
    expect([gateway.process.exitCode, worker.process.exitCode]).toEqual([null, null])
    await inject('process')
    expect(await Promise.all([endOf(gateway), endOf(worker)])).toEqual([1, 1])
    for (const one of [gateway, worker]) {
      expect(one.output()).toContain('no longer trusted')
      expect(one.output()).toMatch(/Stopping \.{3}[\s\S]*Stopped\./)
    }
  }, 60_000)

  it('in networks that cannot be loaded again ends the worker, which would fail jobs faster than others do them', async () => {
    const all = { ...env(), ...serverEnv }
    const worker = await startWorker(all)
    const readiness = async () => (await fetch(`${worker.opsUrl}/readyz`)).text()
    await inject('engine')
    await expect.poll(readiness, { timeout: 30_000 }).toContain('engine')
    expect(await endOf(worker)).toBe(1)
    expect(worker.output()).toContain('the networks fail whatever they are given')
  }, 90_000)
})
