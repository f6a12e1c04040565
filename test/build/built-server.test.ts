import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callsTo } from '../e2e/calls.ts'
import { smallPhotos } from '../e2e/photos.ts'
import { openClusterServers } from '../servers/cluster.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { startStandaloneServer } from '../servers/standalone-server.ts'
import { type InstalledPackage, installPackage, whyNoRegistry } from './installed-package.ts'

const root = join(import.meta.dirname, '../..')
const shared = findSharedData()
const BUILD_TIMEOUT_MS = 120_000
const INSTALL_TIMEOUT_MS = 600_000

let printed = ''
beforeAll(async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(root, 'deploy/build.mjs')], {
    cwd: root,
    timeout: BUILD_TIMEOUT_MS,
  }).catch(({ message, stdout }) => {
    // The compiler tells on standard output what is wrong.
    throw new Error(`${message}${stdout}`)
  })
  printed = stdout + stderr
}, BUILD_TIMEOUT_MS)

describe('what `npm run build` makes', () => {
  it('comes without a word of the bundler, which nobody who starts a server can heed', () => {
    expect(printed.split('\n').filter((line) => /directive|warn/i.test(line))).toEqual([])
  })

  it('holds each workspace, no tests, and nothing of testkit', async () => {
    for (const group of ['libs', 'apps']) {
      for (const workspace of await readdir(join(root, group))) {
        const dist = join(root, group, workspace, 'dist')
        if (workspace === 'testkit') {
          expect(existsSync(dist)).toBe(false)
          continue
        }
        const built = await readdir(dist, { recursive: true })
        expect(built, dist).toContain(workspace === 'console' ? 'index.html' : 'index.js')
        expect(built.filter((file) => /\.test\.|(^|\/)testing(\/|$)/.test(file))).toEqual([])
      }
    }
  })

  it.skipIf(shared === null)(
    'is a server that finds a face, its threads included',
    { timeout: 120_000 },
    async () => {
      const server = await startStandaloneServer({ isBuilt: true })
      try {
        await findSomebody(server)
      } finally {
        await server.stop()
      }
    },
  )
})

describe.skipIf(shared === null || process.platform === 'win32')(
  'the package of it, installed elsewhere',
  () => {
    let installed: InstalledPackage | undefined
    let before: ReadonlyMap<string, string>
    let why: string | null
    beforeAll(async () => {
      why = await whyNoRegistry()
      if (why !== null) return console.warn(`skipped: ${why}`)
      installed = await installPackage()
      before = await installed.contents()
    }, INSTALL_TIMEOUT_MS)
    afterAll(() => installed?.remove())

    it('is the command `semblance start`, and writes only to the data folder and to the cache of npm', {
      timeout: 120_000,
    }, async ({ skip }) => {
      if (installed === undefined) return skip(why ?? '')
      const { place, home } = installed
      const server = await startStandalone(installed)
      try {
        await findSomebody(server)
      } finally {
        await server.end('SIGTERM')
      }
      expect(await installed.contents()).toEqual(before)
      expect([await readdir(place), await readdir(home)]).toEqual([['data'], ['.npm']])
      expect((await stat(join(place, 'data'))).mode & 0o777).toBe(0o700)
      expect(await readdir(join(place, 'data/models'))).toContain('builtin@2')
    })

    it('stops in order when the command is killed, which can pass nothing on', {
      timeout: 120_000,
    }, async ({ skip }) => {
      if (installed === undefined) return skip(why ?? '')
      const server = await startStandalone(installed)
      await server.end('SIGKILL')
      await expect.poll(server.output, { timeout: 10_000 }).toContain('Stopped.')
      await expect(fetch(`${server.url}/api/healthz`)).rejects.toThrow()
    })

    it('has a gateway and a worker that find a face', { timeout: 180_000 }, async ({ skip }) => {
      if (installed === undefined) return skip(why ?? '')
      const servers = await openClusterServers()
      if ('skipped' in servers) {
        console.warn(`skipped: gateway and worker of the package: ${servers.skipped}`)
        return skip(servers.skipped)
      }
      await using resources = new AsyncDisposableStack()
      resources.defer(() => servers.close())
      const [port, opsPort, workerPort] = [await freePort(), await freePort(), await freePort()]
      const url = `http://127.0.0.1:${port}`
      const worker = await installed.start('worker', {
        env: { ...servers.env, SEMBLANCE_OPS_PORT: `${workerPort}` },
        readyUrl: `http://127.0.0.1:${workerPort}/readyz`,
      })
      resources.defer(() => worker.end('SIGTERM'))
      const gateway = await installed.start('gateway', {
        env: { ...servers.env, SEMBLANCE_PORT: `${port}`, SEMBLANCE_OPS_PORT: `${opsPort}` },
        readyUrl: `${url}/api/readyz`,
      })
      resources.defer(() => gateway.end('SIGTERM'))
      await findSomebody({ url })
      await Promise.all([gateway.end('SIGTERM'), worker.end('SIGTERM')])
      expect([gateway.process.exitCode, worker.process.exitCode]).toEqual([0, 0])
      expect(await installed.contents()).toEqual(before)
      if (process.platform !== 'linux') return
      expect(await readdir(join(installed.home, '.cache/semblance/models'))).toContain('builtin@2')
    })
  },
)

async function startStandalone(installed: InstalledPackage) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = await installed.start('start', {
    env: { SEMBLANCE_PORT: `${port}` },
    readyUrl: `${url}/api/readyz`,
  })
  return { ...server, url }
}

async function findSomebody(server: { readonly url: string }): Promise<void> {
  const [first, second] = await smallPhotos(shared!)
  const calls = callsTo(server)
  const id = await calls.createPerson({ name: 'Abdullah' })
  expect((await calls.addImage(id, first!)).status).toBe(200)
  const { json } = await calls.search(second!, { threshold: 2 })
  expect(json.persons[0].id).toBe(id)
}
