import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type Answer, type Calls, callsTo } from './calls.ts'
import { readAlbums } from './photos.ts'

const shared = findSharedData()
const DEADLINE_MS = 5_000

describe.skipIf(shared === null).each(await availableShapes())('links that hang, %s', (shape) => {
  let hanging: Server
  let server: Installation
  let calls: Calls
  let photo: Buffer
  let imageUrl: string
  let personId: string

  beforeAll(async () => {
    hanging = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(hanging, 'listening')
    const host = `127.0.0.1:${(hanging.address() as AddressInfo).port}`
    imageUrl = `http://${host}/`
    server = await startInstallation(shape, {
      SEMBLANCE_THREADS: '1',
      SEMBLANCE_LINK_HOSTS: host,
      SEMBLANCE_SEARCH_DEADLINE_MS: String(DEADLINE_MS),
      SEMBLANCE_ENROLL_DEADLINE_MS: String(DEADLINE_MS),
    })
    calls = callsTo(server)
    photo = await readFile((await readAlbums(shared!))[0]!.photos[0]!)
    personId = await calls.createPerson({ name: 'Ada' })
    expect((await calls.addImage(personId, photo)).status).toBe(200)
    expect((await calls.search(photo)).status).toBe(200)
  }, 120_000)
  afterAll(async () => {
    hanging?.closeAllConnections()
    hanging?.close()
    await server?.close()
  })

  /** One of each call that takes a link, `times` times. */
  const askAll = (times: number): Promise<Answer>[] =>
    Array.from({ length: times }, () => [
      calls.ask('POST', '/search', { image: { imageUrl } }),
      calls.ask('POST', '/detect', { image: { imageUrl } }),
      calls.ask('POST', `/persons/${personId}/images`, { image: { imageUrl } }),
      calls.ask('POST', '/match', { images: [{ imageUrl }, { data: photo.toString('base64') }] }),
    ]).flat()

  it('stop nobody who brings a picture; what is too much is refused at once', async () => {
    const answers: Answer[] = []
    const asked = askAll(50).map(async (asking) => void answers.push(await asking))
    const begun = performance.now()
    for (let i = 0; i < 5; i++) {
      const found = await calls.search(photo)
      expect([found.status, found.json.persons[0]?.id]).toEqual([200, personId])
    }
    const match = await calls.ask('POST', '/match', {
      images: [1, 2].map(() => ({ data: photo.toString('base64') })),
    })
    expect([match.status, match.json.results.length]).toEqual([200, 1])
    // Before any link has come to its end, so that none of these has waited for one.
    expect(performance.now() - begun).toBeLessThan(0.8 * DEADLINE_MS)
    const refused = answers.filter(({ status }) => status === 503)
    expect(refused.length).toBeGreaterThan(50)
    for (const { json, headers } of refused) {
      expect(json.type).toBe('E_OVERLOADED')
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    }
    await Promise.all(asked)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400, 503]))
  }, 30_000)

  it('have their own reason in every call: timeout, before the deadline of the call', async () => {
    const [search, detect, enroll, match] = await Promise.all(askAll(1))
    expect([search?.status, search?.json.metadata.reason]).toEqual([400, 'timeout'])
    expect([enroll?.status, enroll?.json.metadata.reason]).toEqual([400, 'timeout'])
    expect([detect?.status, detect?.json.code]).toEqual([200, 1])
    expect([match?.status, match?.json.detections[0].status]).toEqual([200, 1])
  }, 30_000)
})
