import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Calls, callsTo } from '../e2e/calls.ts'
import { type Album, drawEvenly, readAlbums } from '../e2e/photos.ts'
import { type ClusterServers, openClusterServers, startGateway, startWorker } from '../servers/cluster.ts'
import type { ServerProcess } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { startStandaloneServer } from '../servers/standalone-server.ts'

const shared = findSharedData()
/** A checkout of the version that is upgraded, with its packages installed and its pack compiled. */
const previous = process.env.TEST_PREVIOUS_CHECKOUT ?? ''
const skipped = shared === null ? 'no photos' : previous === '' ? 'TEST_PREVIOUS_CHECKOUT names none' : null
if (skipped !== null) console.warn(`skipped: upgrades from another version: ${skipped}`)

const GALLERY = 12
const NEWCOMER = 'enrolled in between'
const BETWEEN_SEARCHES_MS = 300
const START_MS = 120_000

async function peopleWithTwoPhotos(): Promise<Album[]> {
  const albums = await readAlbums(shared!)
  return drawEvenly(
    albums.filter(({ photos }) => photos.length > 2),
    GALLERY,
  )
}

async function enrollAll(calls: Calls, people: readonly Album[]): Promise<void> {
  for (const { name, photos } of people) {
    const id = await calls.createPerson({ name, metadata: { of: 'the previous version' } })
    expect((await calls.addImage(id, await readFile(photos[0]!))).status).toBe(200)
  }
}

/** Who is found first with another photo of each. */
async function firstFound(calls: Calls, people: readonly Album[]): Promise<(string | undefined)[]> {
  const found = []
  for (const { photos } of people) {
    const { json } = await calls.search(await readFile(photos[1]!), { threshold: 2 })
    found.push(json.persons[0]?.name)
  }
  return found
}

describe.skipIf(skipped !== null)('what the previous version left', () => {
  let people: Album[]
  beforeAll(async () => {
    people = await peopleWithTwoPhotos()
  })

  it('in a data folder is opened, found by the same photos and given back to the byte', async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'semblance upgrade '))
    try {
      const old = await startStandaloneServer({ dataFolder, checkout: previous })
      await enrollAll(callsTo(old), people)
      const before = await firstFound(callsTo(old), people)
      await old.stop()
      const server = await startStandaloneServer({ dataFolder })
      const calls = callsTo(server)
      expect(await firstFound(calls, people)).toEqual(before)
      const { json } = await calls.ask('GET', '/persons?size=100')
      expect(json.items).toHaveLength(GALLERY)
      for (const { id, name } of json.items) {
        const [imageId] = await calls.imageIds(id)
        const picture = await calls.ask('GET', `/persons/${id}/images/${imageId}`)
        const { photos } = people.find((person) => person.name === name)!
        expect(picture.bytes.equals(await readFile(photos[0]!))).toBe(true)
      }
      await server.stop()
    } finally {
      await rm(dataFolder, { recursive: true, force: true })
    }
  }, 300_000)

  describe('in a cluster', () => {
    let servers: ClusterServers
    const started: ServerProcess[] = []
    beforeAll(async () => {
      const opened = await openClusterServers({ own: true })
      if ('skipped' in opened) throw new Error(opened.skipped)
      servers = opened
    }, START_MS)
    afterAll(async () => {
      await Promise.all(started.map((server) => server.end('SIGKILL')))
      await servers?.close()
    }, START_MS)
    const kept = async <T extends ServerProcess>(starting: Promise<T>): Promise<T> => {
      const server = await starting
      started.push(server)
      return server
    }

    it('is searched and written all through a rolling upgrade, workers first', async () => {
      const oldGateway = await kept(startGateway(servers.env, { checkout: previous }))
      const oldWorker = await kept(startWorker(servers.env, { checkout: previous }))
      await enrollAll(callsTo(oldGateway), people)
      const before = await firstFound(callsTo(oldGateway), people)

      /** The gateways that callers are sent to, as a Service has them. */
      let gateways = [oldGateway]
      let isOver = false
      const answers: { readonly status: number; readonly isFound: boolean }[] = []
      const searching = (async () => {
        for (let turn = 0; !isOver; turn++) {
          const probe = turn % GALLERY
          const calls = callsTo(gateways[turn % gateways.length]!)
          const { status, json } = await calls.search(await readFile(people[probe]!.photos[1]!), {
            threshold: 2,
          })
          const name = json?.persons?.[0]?.name
          answers.push({ status, isFound: name === before[probe] || name === NEWCOMER })
          await new Promise((resolve) => setTimeout(resolve, BETWEEN_SEARCHES_MS))
        }
      })()

      await kept(startWorker(servers.env))
      await oldWorker.end('SIGTERM')
      const late = await callsTo(oldGateway).createPerson({ name: NEWCOMER })
      const photo = await readFile(people[0]!.photos[2]!)
      expect((await callsTo(oldGateway).addImage(late, photo)).status).toBe(200)
      const gateway = await kept(startGateway(servers.env))
      gateways = [oldGateway, gateway]
      await new Promise((resolve) => setTimeout(resolve, 10 * BETWEEN_SEARCHES_MS))
      gateways = [gateway]
      await new Promise((resolve) => setTimeout(resolve, 10 * BETWEEN_SEARCHES_MS))
      await oldGateway.end('SIGTERM')
      await new Promise((resolve) => setTimeout(resolve, 10 * BETWEEN_SEARCHES_MS))
      isOver = true
      await searching

      console.log(`${answers.length} searches during the upgrade`)
      expect(answers.length).toBeGreaterThan(20)
      expect(answers.filter(({ status, isFound }) => status !== 200 || !isFound)).toEqual([])
      // The newcomer is the first person once more.
      expect((await firstFound(callsTo(gateway), people)).slice(1)).toEqual(before.slice(1))
      expect((await callsTo(gateway).imageIds(late)).length).toBe(1)
    }, 400_000)
  })
})
