import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type Calls, callsTo } from './calls.ts'
import { smallPhotos } from './photos.ts'

const shared = findSharedData()
if (shared === null) console.warn('skipped: the quality of pictures that another pack described: no photos')

/** Both judge faces, and not alike. */
const [FORMER, NEXT] = ['builtin-light@1', 'builtin@2']

// A cluster does the same, in `test/cluster/redescribe.test.ts`.
describe.skipIf(shared === null)('a standalone gallery that moves between packs that judge faces', () => {
  let installation: Installation
  let calls: Calls
  beforeAll(async () => {
    installation = await startInstallation('standalone', { SEMBLANCE_PACK: FORMER })
    calls = callsTo(installation)
  }, 120_000)
  afterAll(() => installation?.close())

  it('tells the quality of each picture as the pack judges it that serves, also after a restart', async () => {
    const [photo] = await smallPhotos(shared!)
    const enroll = async () => {
      const id = await calls.createPerson({ name: 'Ada' })
      const { status, json } = await calls.addImage(id, photo!)
      expect(status, JSON.stringify(json)).toBe(200)
      return { id, faceQuality: json.faceQuality as number }
    }
    const first = await enroll()
    const told = async () =>
      (await calls.ask('GET', `/persons/${first.id}/images`)).json.items[0].faceQuality as number
    const { json } = await calls.ask('POST', '/redescribe', { pack: NEXT })
    const ended = async () => (await calls.ask('GET', `/operations/${json.id}`)).json.state
    await expect.poll(ended, { timeout: 120_000, interval: 200 }).toBe('done')

    const { faceQuality: byNext } = await enroll()
    expect(byNext).not.toBe(first.faceQuality)
    expect(await told()).toBe(byNext)
    const found = await calls.search(photo!)
    for (const person of found.json.persons) expect(person.images[0].faceQuality).toBe(byNext)

    await calls.ask('POST', '/redescribe/switch', {})
    expect(await told()).toBe(first.faceQuality)
    await calls.ask('POST', '/redescribe/switch', {})
    expect((await calls.ask('POST', '/redescribe/drop')).status).toBe(200)
    await installation.restart()
    expect(await told()).toBe(byNext)
  }, 240_000)
})
