import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@semblance/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { callsTo } from '../e2e/calls.ts'
import { smallPhotos } from '../e2e/photos.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { startStandaloneServer } from '../servers/standalone-server.ts'
import { installPackage, whyNoRegistry, withInstalledServer } from './installed-package.ts'

const root = join(import.meta.dirname, '../..')
const shared = findSharedData()
const BUILD_TIMEOUT_MS = 120_000

describe('what `npm run build` makes', () => {
  beforeAll(async () => {
    await promisify(execFile)(process.execPath, [join(root, 'deploy/build.mjs')], {
      cwd: root,
      timeout: BUILD_TIMEOUT_MS,
    })
  }, BUILD_TIMEOUT_MS)

  it('holds each workspace, no tests, and nothing of testkit', async () => {
    for (const group of ['libs', 'apps']) {
      for (const workspace of await readdir(join(root, group))) {
        const dist = join(root, group, workspace, 'dist')
        if (workspace === 'testkit') {
          expect(existsSync(dist)).toBe(false)
          continue
        }
        const built = await readdir(dist, { recursive: true })
        expect(built, dist).toContain('index.js')
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

  it.skipIf(shared === null || process.platform === 'win32')(
    'is installed from a package as the command `semblance start`, and writes only to the data folder',
    { timeout: 600_000 },
    async ({ skip }) => {
      const why = await whyNoRegistry()
      if (why !== null) {
        console.warn(`skipped: ${why}`)
        skip(why)
      }
      const folder = await mkdtemp(join(tmpdir(), 'semblance package '))
      try {
        await installPackage(folder)
        const installed = await namesIn(join(folder, 'node_modules'))
        await withInstalledServer({ folder, port: await freePort() }, findSomebody)
        expect(await namesIn(join(folder, 'node_modules'))).toEqual(installed)
        expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700)
        expect(await readdir(join(folder, 'data/models'))).toContain('builtin')
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  )
})

async function findSomebody(server: { readonly url: string }): Promise<void> {
  const [first, second] = await smallPhotos(shared!)
  const calls = callsTo(server)
  const id = await calls.createPerson({ name: 'Abdullah' })
  expect((await calls.addImage(id, first!)).status).toBe(200)
  const { json } = await calls.search(second!, { threshold: 2 })
  expect(json.persons[0].id).toBe(id)
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).toSorted()
}
