import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { callsTo } from '../e2e/calls.ts'
import { smallPhotos } from '../e2e/photos.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { startStandaloneServer } from '../servers/standalone-server.ts'

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

  it('holds each workspace, and no tests', async () => {
    for (const group of ['libs', 'apps']) {
      for (const workspace of await readdir(join(root, group))) {
        const dist = join(root, group, workspace, 'dist')
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
        const [first, second] = await smallPhotos(shared!)
        const calls = callsTo(server)
        const id = await calls.createPerson({ name: 'Abdullah' })
        expect((await calls.addImage(id, first!)).status).toBe(200)
        const { json } = await calls.search(second!, { threshold: 2 })
        expect(json.persons[0].id).toBe(id)
      } finally {
        await server.stop()
      }
    },
  )
})
